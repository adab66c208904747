using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>Which jobs to count; an empty list or null filters nothing.</summary>
public sealed record JobTallyFilter(long[] JobTypeIds, short[] Statuses, long[] BatchIds, long[] ErrorIds, bool? IsSuperseded)
{
    public static readonly JobTallyFilter Everything = new([], [], [], [], null);
}

/// <summary>What kept counts tell apart.</summary>
public enum JobTally
{
    JobType,
    Status,
    Batch,
    Error,
    IsSuperseded,
}

/// <summary>Jobs by type, status, batch, error and whether they are superseded, from kept counts (<c>job_count</c>).</summary>
public static class JobTallies
{
    public static Task<long> Count(Session session, JobTallyFilter filter)
    {
        var (where, arguments) = Where(filter);
        return session.QueryFirst($"SELECT CAST(coalesce(sum(jobs), 0) AS BIGINT) FROM job_count{where}", r => r.GetInt64(0), arguments);
    }

    /// <summary>Counts by one of their keys: ids, statuses, or 0 and 1; 0 for no batch or error. Keys without jobs are left out.</summary>
    public static async Task<Dictionary<long, long>> CountBy(Session session, JobTally key, JobTallyFilter filter)
    {
        var (where, arguments) = Where(filter);
        var column = key switch
        {
            JobTally.JobType => "job_type_id",
            JobTally.Status => "status",
            JobTally.Batch => "batch_id",
            JobTally.Error => "error_id",
            _ => "CASE WHEN is_superseded THEN 1 ELSE 0 END",
        };
        var counts = await session.Query(
            $"SELECT CAST({column} AS BIGINT), CAST(sum(jobs) AS BIGINT) FROM job_count{where} GROUP BY 1 HAVING sum(jobs) > 0",
            r => (Key: r.GetInt64(0), Jobs: r.GetInt64(1)),
            arguments);
        return counts.ToDictionary(c => c.Key, c => c.Jobs);
    }

    private static (string Sql, (string Name, object? Value)[] Arguments) Where(JobTallyFilter filter)
    {
        var conditions = new Conditions()
            .Add("job_type_id IN @types", "types", filter.JobTypeIds)
            .Add("status IN @statuses", "statuses", filter.Statuses)
            .Add("batch_id IN @batches", "batches", filter.BatchIds)
            .Add("error_id IN @errors", "errors", filter.ErrorIds)
            .Add("is_superseded = @superseded", "superseded", filter.IsSuperseded);
        return (conditions.Sql.Length == 0 ? "" : " WHERE " + conditions.Sql, [.. conditions.Arguments]);
    }
}
