using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.JobTypes;

namespace Scale.Store.Jobs;

/// <summary>Jobs that only tell how work of the leader stands, such as a scan: they have no input, no queue row and no execution.</summary>
public static class SystemJobs
{
    /// <param name="status">PENDING for work that waits to be asked for, QUEUED for work that was.</param>
    public static Task<long> Insert(Session session, StoredJobType type, JobStatus status, long eventId, DateTime now)
    {
        // Without input data: nothing may put such a job into the queue of executions.
        var isQueued = status == JobStatus.Queued;
        return session.Insert(
            "job",
            ("job_type_id", type.Id), ("job_type_rev_id", type.RevisionId), ("status", status), ("num_exes", isQueued ? 1 : 0), ("max_tries", type.MaxTries), ("event_id", eventId),
            ("created", now), ("queued", isQueued ? Time.ToMicroseconds(now) : null), ("last_status_change", isQueued ? Time.ToMicroseconds(now) : null), ("last_modified", now));
    }

    public static Task<JobStatus?> StatusOf(Session session, long jobId) =>
        session.QueryFirst("SELECT status FROM job WHERE id = @id", r => (JobStatus?)(JobStatus)r.GetInt16(0), ("id", jobId));

    public static Task Start(Session session, long jobId, DateTime now) => session.Execute(
        "UPDATE job SET status = @running, started = @now, last_status_change = @now, last_modified = @now WHERE id = @id AND status = @queued",
        ("running", JobStatus.Running), ("queued", JobStatus.Queued), ("now", now), ("id", jobId));

    /// <param name="errorName">Builtin error of a failure, null for success.</param>
    public static Task End(Session session, long jobId, string? errorName, DateTime now) => session.Execute(
        """
        UPDATE job SET status = @status, error_id = (SELECT e.id FROM error e WHERE e.is_builtin = TRUE AND e.name = @error),
            ended = @now, last_status_change = @now, last_modified = @now
        WHERE id = @id AND status IN (2, 3)
        """,
        ("status", errorName is null ? JobStatus.Completed : JobStatus.Failed), ("error", errorName ?? ""), ("now", now), ("id", jobId));

    /// <summary>Cancels those that have not ended.</summary>
    /// <returns>Ids of those that were canceled.</returns>
    public static Task<List<long>> Cancel(Session session, long[] jobIds, DateTime now) => session.Query(
        """
        UPDATE job SET status = @canceled, error_id = NULL, node_id = NULL, last_status_change = @now, last_modified = @now
        WHERE id IN @ids AND +status IN (1, 2, 3) RETURNING id
        """,
        r => r.GetInt64(0),
        ("canceled", JobStatus.Canceled), ("now", now), ("ids", jobIds));
}
