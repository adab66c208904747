using System.Data.Common;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Store.Ingest;

/// <summary>A scan and where its jobs stand.</summary>
/// <param name="JobStatus">PENDING until the ingest scan was launched, which happens once.</param>
public sealed record StoredScan(
    long Id, string Name, string Title, string? Description, string Configuration, long JobId, JobStatus JobStatus, long? DryRunJobId, JobStatus? DryRunJobStatus,
    long? FileCount, DateTime Created, DateTime LastModified)
{
    /// <summary>Columns that <see cref="Read"/> reads.</summary>
    public const string Columns =
        "s.id, s.name, s.title, s.description, s.configuration, s.job_id, j.status, s.dry_run_job_id, d.status, s.file_count, s.created, s.last_modified";

    public const string From = "scan s JOIN job j ON j.id = s.job_id LEFT JOIN job d ON d.id = s.dry_run_job_id";

    /// <summary>An ingest scan can be launched once, and nothing of the scan changes after.</summary>
    public bool IsLaunched => JobStatus != JobStatus.Pending;

    public static StoredScan Read(DbDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.GetString(2), r.Text(3), r.GetString(4), r.GetInt64(5), (JobStatus)r.GetInt16(6), r.Long(7), r.IsDBNull(8) ? null : (JobStatus)r.GetInt16(8),
        r.Long(9), r.Moment(10), r.Moment(11));
}

/// <summary>Rows of scans; their jobs are <see cref="SystemJobs"/>.</summary>
public static class ScanStore
{
    public static Task<StoredScan?> Find(Session session, long id) =>
        session.QueryFirst($"SELECT {StoredScan.Columns} FROM {StoredScan.From} WHERE s.id = @id", StoredScan.Read, ("id", id));

    /// <summary>Reads a scan and keeps others from editing it until the transaction ends.</summary>
    public static Task<StoredScan?> FindForEdit(Session session, long id) => session.FindForEdit("scan", "id = @id", () => Find(session, id), ("id", id));

    /// <summary>Inserts a scan with its job, which waits for the launch.</summary>
    public static async Task<long> Insert(Session session, string name, string title, string? description, string configuration, DateTime now)
    {
        var id = (await session.AllocateIds("scan", 1))[0];
        var jobId = await InsertJob(session, JobStatus.Pending, await InsertEvent(session, "SCAN_CREATED", id, now), now);
        return await session.Insert(
            "scan",
            ("id", id), ("name", name), ("title", title), ("description", description), ("configuration", configuration), ("job_id", jobId), ("created", now), ("last_modified", now));
    }

    public static Task Update(Session session, long id, string? title, string? description, string? configuration, DateTime now) => session.Execute(
        """
        UPDATE scan SET title = coalesce(@title, title), description = coalesce(@description, description), configuration = coalesce(@configuration, configuration), last_modified = @now
        WHERE id = @id
        """,
        ("title", title), ("description", description), ("configuration", configuration), ("now", now), ("id", id));

    /// <summary>Marks the ingest scan as launched.</summary>
    /// <returns>The job, QUEUED; null when it was launched before.</returns>
    public static async Task<long?> Launch(Session session, StoredScan scan, DateTime now)
    {
        var moved = await session.Execute(
            "UPDATE job SET status = @queued, num_exes = 1, queued = @now, last_status_change = @now, last_modified = @now WHERE id = @id AND status = @pending",
            ("queued", JobStatus.Queued), ("pending", JobStatus.Pending), ("now", now), ("id", scan.JobId));
        return moved == 1 ? scan.JobId : null;
    }

    /// <summary>A new job for a dry run, QUEUED.</summary>
    public static async Task<long> LaunchDryRun(Session session, StoredScan scan, DateTime now)
    {
        var jobId = await InsertJob(session, JobStatus.Queued, await InsertEvent(session, "DRY_RUN_SCAN_CREATED", scan.Id, now), now);
        await session.Execute("UPDATE scan SET dry_run_job_id = @job, last_modified = @now WHERE id = @id", ("job", jobId), ("now", now), ("id", scan.Id));
        return jobId;
    }

    public static Task SetFileCount(Session session, long id, long count, DateTime now) =>
        session.Execute("UPDATE scan SET file_count = @count, last_modified = @now WHERE id = @id", ("count", count), ("now", now), ("id", id));

    private static async Task<long> InsertJob(Session session, JobStatus status, long eventId, DateTime now) =>
        await SystemJobs.Insert(session, await SystemJobTypes.ScanType(session, now), status, eventId, now);

    private static Task<long> InsertEvent(Session session, string type, long scanId, DateTime now) =>
        session.Insert("event", ("type", type), ("description", $$"""{"scan_id":{{scanId}}}"""), ("occurred", now));
}
