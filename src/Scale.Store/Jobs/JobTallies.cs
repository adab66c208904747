using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>Which jobs to count; an empty list or null filters nothing.</summary>
public sealed record JobTallyFilter(long[] JobTypeIds, short[] Statuses, long[] BatchIds, long[] ErrorIds, bool? IsSuperseded);

/// <summary>Jobs by type, status, batch, error and whether they are superseded, from kept counts (<c>job_count</c>).</summary>
public static class JobTallies
{
    public static async Task<long> Count(Session session, JobTallyFilter filter)
    {
        var conditions = new List<string>();
        var arguments = new List<(string Name, object? Value)>();
        Add(filter.JobTypeIds.Length > 0, "job_type_id IN @types", "types", filter.JobTypeIds);
        Add(filter.Statuses.Length > 0, "status IN @statuses", "statuses", filter.Statuses);
        Add(filter.BatchIds.Length > 0, "batch_id IN @batches", "batches", filter.BatchIds);
        Add(filter.ErrorIds.Length > 0, "error_id IN @errors", "errors", filter.ErrorIds);
        Add(filter.IsSuperseded is not null, "is_superseded = @superseded", "superseded", filter.IsSuperseded);
        var where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        return await session.QueryFirst($"SELECT CAST(coalesce(sum(jobs), 0) AS BIGINT) FROM job_count{where}", r => r.GetInt64(0), [.. arguments]);

        void Add(bool isAsked, string condition, string name, object? value)
        {
            if (isAsked)
            {
                conditions.Add(condition);
                arguments.Add((name, value));
            }
        }
    }
}
