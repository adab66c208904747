using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>Which jobs to count; an empty list or null filters nothing.</summary>
public sealed record JobTallyFilter(long[] JobTypeIds, short[] Statuses, long[] BatchIds, bool? IsSuperseded);

/// <summary>Kept counts of jobs by type, status, batch and whether they are superseded.</summary>
public static class JobTallies
{
    private const string Keys = "job_type_id, status, is_superseded, batch_id";

    public static async Task<long> Count(Session session, JobTallyFilter filter)
    {
        var conditions = new List<string>();
        var arguments = new List<(string Name, object? Value)>();
        Add(filter.JobTypeIds.Length > 0, "job_type_id IN @types", "types", filter.JobTypeIds);
        Add(filter.Statuses.Length > 0, "status IN @statuses", "statuses", filter.Statuses);
        Add(filter.BatchIds.Length > 0, "batch_id IN @batches", "batches", filter.BatchIds);
        Add(filter.IsSuperseded is not null, "is_superseded = @superseded", "superseded", filter.IsSuperseded);
        var where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        return await session.QueryFirst($"SELECT CAST(coalesce(sum(jobs), 0) AS BIGINT) FROM job_tally{where}", r => r.GetInt64(0), [.. arguments]);

        void Add(bool isAsked, string condition, string name, object? value)
        {
            if (isAsked)
            {
                conditions.Add(condition);
                arguments.Add((name, value));
            }
        }
    }

    /// <summary>Adds up what PostgreSQL has appended; on SQLite there is one row of each kind anyway.</summary>
    public static Task<int> Compact(Session session) => session.Provider == Provider.Sqlite
        ? Task.FromResult(0)
        : session.Execute(
            $"""
            WITH many AS (SELECT {Keys} FROM job_tally GROUP BY {Keys} HAVING count(*) > 1),
            gone AS (DELETE FROM job_tally WHERE ({Keys}) IN (SELECT {Keys} FROM many) RETURNING {Keys}, jobs)
            INSERT INTO job_tally ({Keys}, jobs) SELECT {Keys}, sum(jobs) FROM gone GROUP BY {Keys} HAVING sum(jobs) <> 0
            """);
}
