using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>How many jobs of a type wait and run.</summary>
/// <param name="JobTypeId">Null for the row that says there are none.</param>
public sealed record JobLoad(long? JobTypeId, int Pending, int Queued, int Running);

/// <summary>The hourly load of the queue (jobs-and-queue.md §10).</summary>
public static class JobLoadStore
{
    private static readonly JobLoad Nothing = new(null, 0, 0, 0);

    /// <summary>The jobs that have not ended, from their kept counts; BLOCKED ones are no load. One row without type when there are none.</summary>
    public static async Task<IReadOnlyList<JobLoad>> Measure(Session session)
    {
        var counts = await session.Query(
            "SELECT job_type_id, status, CAST(sum(jobs) AS BIGINT) FROM job_count WHERE status < 4 AND status <> 1 GROUP BY job_type_id, status HAVING sum(jobs) <> 0",
            r => (JobTypeId: r.GetInt64(0), Status: (JobStatus)r.GetInt16(1), Count: (int)r.GetInt64(2)));
        int Of(IEnumerable<(long JobTypeId, JobStatus Status, int Count)> type, JobStatus status) => type.FirstOrDefault(c => c.Status == status).Count;
        var loads = counts.GroupBy(c => c.JobTypeId)
            .Select(t => new JobLoad(t.Key, Of(t, JobStatus.Pending), Of(t, JobStatus.Queued), Of(t, JobStatus.Running))).ToList();
        return loads.Count > 0 ? loads : [Nothing];
    }

    /// <summary>Stores what was measured for an hour, unless that hour has a measurement.</summary>
    public static async Task Insert(Session session, DateTime hour, IReadOnlyList<JobLoad> loads)
    {
        if (await session.QueryFirst("SELECT TRUE FROM job_load WHERE measured = @hour LIMIT 1", _ => true, ("hour", hour)))
        {
            return;
        }

        await session.BulkInsert("job_load", new Rows("l",
            ("measured", loads.Column(_ => hour)),
            ("job_type_id", loads.Column(l => l.JobTypeId)),
            ("pending", loads.Column(l => l.Pending)),
            ("queued", loads.Column(l => l.Queued)),
            ("running", loads.Column(l => l.Running))));
    }
}
