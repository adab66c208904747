using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>A new execution, written before it is launched.</summary>
public sealed record NewExecution(
    long Id, long JobId, int ExeNum, long JobTypeId, string ClusterId, long NodeId, int Timeout, double InputMiB, string Resources, string Configuration, DateTime Queued);

/// <summary>How an execution ended, once its processes are gone.</summary>
/// <param name="Ended">The moment of decision.</param>
/// <param name="Output">The output document, for COMPLETED.</param>
public readonly record struct ExecutionEnd(
    long Id, ExecutionStatus Status, long? ErrorId, DateTime Ended, string? TaskResults, string? Output, DateTime? MainStarted, DateTime? MainEnded, ResourceUsage? Usage = null);

/// <summary>Rows of executions. One that is not settled may still have processes.</summary>
public static class ExecutionStore
{
    private const string NoConfiguration = """{"version":"2.0","input_files":{},"output_workspaces":{},"tasks":[]}""";
    private const string NoTasks = """{"version":"1.0","tasks":[]}""";

    public static Task Insert(Session session, IReadOnlyCollection<NewExecution> executions, DateTime now) => session.BulkInsert("job_exe", new Rows("v",
        ("id", executions.Select(e => e.Id).ToArray()),
        ("job_id", executions.Select(e => e.JobId).ToArray()),
        ("exe_num", executions.Select(e => e.ExeNum).ToArray()),
        ("job_type_id", executions.Select(e => e.JobTypeId).ToArray()),
        ("cluster_id", executions.Select(e => e.ClusterId).ToArray()),
        ("node_id", executions.Select(e => e.NodeId).ToArray()),
        ("status", executions.Select(_ => (short)ExecutionStatus.Running).ToArray()),
        ("timeout", executions.Select(e => e.Timeout).ToArray()),
        ("input_file_size", executions.Select(e => e.InputMiB).ToArray()),
        ("resources", executions.Select(e => e.Resources).ToArray()),
        ("configuration", executions.Select(e => e.Configuration).ToArray()),
        ("queued", executions.Select(e => e.Queued).ToArray()),
        ("started", executions.Select(_ => now).ToArray()),
        ("created", executions.Select(_ => now).ToArray()),
        ("last_modified", executions.Select(_ => now).ToArray())));

    /// <summary>The executions of tries that were canceled while they waited (jobs-and-queue.md §13.5): no node, no start, ended now.</summary>
    public static async Task InsertCanceledOffQueue(
        Session session, IReadOnlyCollection<QueueEntry> entries, IReadOnlyDictionary<long, JobState> jobs, Func<long, int, string> clusterIdOf, DateTime now)
    {
        var ids = await session.AllocateIds("job_exe", entries.Count);
        await session.BulkInsert("job_exe", new Rows("v",
            ("id", ids),
            ("job_id", entries.Select(e => e.JobId).ToArray()),
            ("exe_num", entries.Select(e => e.ExeNum).ToArray()),
            ("job_type_id", entries.Select(e => jobs[e.JobId].JobTypeId).ToArray()),
            ("cluster_id", entries.Select(e => clusterIdOf(e.JobId, e.ExeNum)).ToArray()),
            ("status", entries.Select(_ => (short)ExecutionStatus.Canceled).ToArray()),
            ("is_settled", entries.Select(_ => true).ToArray()),
            ("timeout", entries.Select(e => e.Timeout).ToArray()),
            ("input_file_size", entries.Select(e => jobs[e.JobId].InputMiB).ToArray()),
            ("resources", entries.Select(_ => "{}").ToArray()),
            ("configuration", entries.Select(_ => NoConfiguration).ToArray()),
            ("task_results", entries.Select(_ => NoTasks).ToArray()),
            ("queued", entries.Select(e => e.Queued).ToArray()),
            ("ended", entries.Select(_ => now).ToArray()),
            ("created", entries.Select(_ => now).ToArray()),
            ("last_modified", entries.Select(_ => now).ToArray())));
    }

    /// <summary>Ids of the executions of these jobs that are not settled.</summary>
    public static Task<List<long>> LiveOf(Session session, IReadOnlyCollection<long> jobIds) => session.Query(
        "SELECT id FROM job_exe WHERE job_id IN @ids AND is_settled = FALSE",
        r => r.GetInt64(0),
        ("ids", jobIds.ToArray()));

    /// <summary>Decides the end of executions whose processes may still be there; what is decided already stays.</summary>
    /// <returns>Ids of those that were decided now.</returns>
    public static Task<List<long>> Decide(Session session, IReadOnlyCollection<(long Id, long ErrorId)> executions, DateTime now) => session.Query(
        """
        UPDATE job_exe SET status = 4, error_id = v.error_id, ended = @now, last_modified = @now
        FROM {v} WHERE job_exe.id = v.id AND job_exe.status = 3 AND job_exe.is_settled = FALSE RETURNING job_exe.id
        """,
        new Rows("v", ("id", executions.Select(e => e.Id).ToArray()), ("error_id", executions.Select(e => e.ErrorId).ToArray())),
        r => r.GetInt64(0),
        ("now", now));

    /// <summary>Writes ends, once each.</summary>
    public static Task Settle(Session session, IReadOnlyCollection<ExecutionEnd> ends, DateTime now) => session.Send(
        """
        UPDATE job_exe SET status = v.status, error_id = v.error_id, ended = v.ended, is_settled = TRUE, task_results = v.task_results, output = v.output,
            main_started = v.main_started, main_ended = v.main_ended,
            cpu_seconds = v.cpu_seconds, peak_memory = v.peak_memory, bytes_read = v.bytes_read, bytes_written = v.bytes_written, last_modified = @now
        FROM {v} WHERE job_exe.id = v.id AND job_exe.is_settled = FALSE
        """,
        new Rows("v",
            ("id", ends.Select(e => e.Id).ToArray()),
            ("status", ends.Select(e => (short)e.Status).ToArray()),
            ("error_id", ends.Select(e => e.ErrorId).ToArray()),
            ("ended", ends.Select(e => e.Ended).ToArray()),
            ("task_results", ends.Select(e => e.TaskResults).ToArray()),
            ("output", ends.Select(e => e.Output).ToArray()),
            ("main_started", ends.Select(e => e.MainStarted).ToArray()),
            ("main_ended", ends.Select(e => e.MainEnded).ToArray()),
            ("cpu_seconds", ends.Select(e => e.Usage?.CpuSeconds).ToArray()),
            ("peak_memory", ends.Select(e => e.Usage?.PeakMemory).ToArray()),
            ("bytes_read", ends.Select(e => e.Usage?.BytesRead).ToArray()),
            ("bytes_written", ends.Select(e => e.Usage?.BytesWritten).ToArray())),
        ("now", now));
}
