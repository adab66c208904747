using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

public readonly record struct JobState(long JobId, long JobTypeId, JobStatus Status, int NumExes, double InputMiB, long? BatchId, string? Configuration, bool HasInput, bool IsSuperseded);

/// <summary>A job that was queued, with its new execution number.</summary>
public readonly record struct QueuedJob(long JobId, int ExeNum);

/// <summary>How a job ended with its live execution.</summary>
/// <param name="ErrorId">For FAILED.</param>
/// <param name="Output">For COMPLETED: its output data.</param>
public readonly record struct JobEnd(long JobId, int ExeNum, long? ErrorId, string? Output, DateTime Ended, DateTime? MainStarted, DateTime? MainEnded);

/// <summary>
/// The guarded updates of jobs (jobs-and-queue.md §13.1), many rows in one statement each. A row whose guard fails is left alone;
/// what is returned tells which moved. Guards stand behind a plus, which keeps SQLite from looking jobs up by their status.
/// </summary>
public static class JobMoves
{
    public static Task<List<JobState>> States(Session session, IReadOnlyCollection<long> jobIds) => session.Query(
        "SELECT id, job_type_id, status, num_exes, coalesce(input_file_size, 0), batch_id, configuration, input IS NOT NULL, is_superseded FROM job WHERE id IN @ids",
        r => new JobState(r.GetInt64(0), r.GetInt64(1), (JobStatus)r.GetInt16(2), r.GetInt32(3), r.GetDouble(4), r.Long(5), r.Text(6), r.GetBoolean(7), r.GetBoolean(8)),
        ("ids", jobIds.ToArray()));

    /// <summary>First queueing from PENDING or BLOCKED, every later one from any status but COMPLETED; needs input and the seen execution count.</summary>
    public static Task<List<QueuedJob>> ToQueued(Session session, IReadOnlyCollection<(long JobId, int NumExes)> jobs, DateTime now) => session.Query(
        """
        UPDATE job SET status = 2, num_exes = job.num_exes + 1, queued = @now, node_id = NULL, error_id = NULL, started = NULL, ended = NULL,
            main_started = NULL, main_ended = NULL, last_status_change = @now, last_modified = @now
        FROM {v}
        WHERE job.id = v.id AND job.num_exes = v.num_exes AND job.is_superseded = FALSE AND job.input IS NOT NULL
            AND ((job.num_exes = 0 AND +job.status IN (0, 1)) OR (job.num_exes > 0 AND +job.status IN (2, 3, 4, 6)))
        RETURNING job.id, job.num_exes
        """,
        new Rows("v", ("id", jobs.Select(j => j.JobId).ToArray()), ("num_exes", jobs.Select(j => j.NumExes).ToArray())),
        r => new QueuedJob(r.GetInt64(0), r.GetInt32(1)),
        ("now", now));

    /// <summary>First queueing of jobs that get their input now; those that have one are left alone.</summary>
    public static Task<List<QueuedJob>> ToQueuedWithInput(Session session, IReadOnlyList<JobInput> inputs, DateTime now) => session.Query(
        $$"""
        UPDATE job SET status = 2, num_exes = 1, queued = @now, last_status_change = @now, last_modified = @now, {{JobInput.Assignments}}
        FROM {v} WHERE job.id = v.id AND job.num_exes = 0 AND +job.status IN (0, 1) AND job.is_superseded = FALSE AND job.input IS NULL
        RETURNING job.id, job.num_exes
        """,
        JobInput.RowsOf(inputs),
        r => new QueuedJob(r.GetInt64(0), r.GetInt32(1)),
        ("now", now));

    public static Task<List<long>> ToCanceled(Session session, IReadOnlyCollection<long> jobIds, DateTime now) => session.Query(
        """
        UPDATE job SET status = 6, error_id = NULL, node_id = NULL, last_status_change = @now, last_modified = @now
        WHERE id IN @ids AND status NOT IN (5, 6) RETURNING id
        """,
        r => r.GetInt64(0),
        ("ids", jobIds.ToArray()), ("now", now));

    /// <summary>CANCELED before it was ever queued, to PENDING.</summary>
    public static async Task<List<long>> ToUncanceled(Session session, IReadOnlyCollection<long> jobIds, DateTime now) => jobIds.Count == 0 ? [] : await session.Query(
        "UPDATE job SET status = 0, cancel_reason = NULL, last_status_change = @now, last_modified = @now WHERE id IN @ids AND +status = 6 AND num_exes = 0 AND is_superseded = FALSE RETURNING id",
        r => r.GetInt64(0),
        ("ids", jobIds.ToArray()), ("now", now));

    public static Task<int> SetMaxTries(Session session, IReadOnlyCollection<(long JobId, int NumExes, int MaxTries)> jobs) => session.Execute(
        "UPDATE job SET max_tries = v.max_tries FROM {v} WHERE job.id = v.id AND job.num_exes = v.num_exes",
        new Rows("v",
            ("id", jobs.Select(j => j.JobId).ToArray()),
            ("num_exes", jobs.Select(j => j.NumExes).ToArray()),
            ("max_tries", jobs.Select(j => j.MaxTries).ToArray())));

    public static Task ToCompleted(Session session, IReadOnlyCollection<JobEnd> ends, DateTime now) => session.Send(
        """
        UPDATE job SET status = 5, error_id = NULL, output = v.output, ended = v.ended, main_started = v.main_started, main_ended = v.main_ended,
            last_status_change = @now, last_modified = @now
        FROM {v} WHERE job.id = v.id AND +job.status = 3 AND job.num_exes = v.exe_num
        """,
        RowsOf(ends).Add("output", ends.Select(e => e.Output).ToArray()),
        ("now", now));

    public static Task ToFailed(Session session, IReadOnlyCollection<JobEnd> ends, DateTime now) => session.Send(
        """
        UPDATE job SET status = 4, error_id = v.error_id, ended = v.ended, main_started = v.main_started, main_ended = v.main_ended,
            last_status_change = @now, last_modified = @now
        FROM {v} WHERE job.id = v.id AND +job.status = 3 AND job.num_exes = v.exe_num
        """,
        RowsOf(ends).Add("error_id", ends.Select(e => e.ErrorId).ToArray()),
        ("now", now));

    private static Rows RowsOf(IReadOnlyCollection<JobEnd> ends) => new("v",
        ("id", ends.Select(e => e.JobId).ToArray()),
        ("exe_num", ends.Select(e => e.ExeNum).ToArray()),
        ("ended", ends.Select(e => e.Ended).ToArray()),
        ("main_started", ends.Select(e => e.MainStarted).ToArray()),
        ("main_ended", ends.Select(e => e.MainEnded).ToArray()));
}
