using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>What executions used.</summary>
public static class UsageStore
{
    /// <summary>The latest completed executions of a job type that were measured.</summary>
    public static Task<List<MeasuredExecution>> Latest(Session session, long jobTypeId, int count) => session.Query(
        """
        SELECT cpu_seconds, peak_memory, bytes_read, bytes_written, main_started, main_ended FROM job_exe
        WHERE job_type_id = @type AND status = 5 AND cpu_seconds IS NOT NULL ORDER BY id DESC LIMIT @count
        """,
        r => new MeasuredExecution(
            new ResourceUsage(r.Double(0), r.Double(1), r.Long(2), r.Long(3)),
            r.MomentOrNull(4) is { } started && r.MomentOrNull(5) is { } ended ? (ended - started).TotalSeconds : null),
        ("type", jobTypeId), ("count", count));
}
