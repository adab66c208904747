using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>Which jobs to count; an empty list or null filters nothing.</summary>
/// <param name="BatchIds">0 for jobs of none.</param>
/// <param name="ErrorIds">0 for jobs without.</param>
public sealed record JobTallyFilter(long[] JobTypeIds, short[] Statuses, long[] BatchIds, long[] ErrorIds, bool? IsSuperseded)
{
    public static readonly JobTallyFilter Everything = new([], [], [], [], null);

    /// <summary>Of the last change; inclusive, as the end is.</summary>
    public DateTime? Started { get; init; }

    public DateTime? Ended { get; init; }

    /// <summary>The same with only some values of a key, of which each is among those it had.</summary>
    public JobTallyFilter Of(JobTally key, long[] values) => key switch
    {
        JobTally.JobType => this with { JobTypeIds = values },
        JobTally.Status => this with { Statuses = [.. values.Select(v => (short)v)] },
        JobTally.Batch => this with { BatchIds = values },
        JobTally.Error => this with { ErrorIds = values },
        _ => this with { IsSuperseded = values.Length == 1 ? values[0] == 1 : IsSuperseded },
    };
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

/// <summary>
/// Jobs by type, status, batch, error, last change and whether they are superseded, from kept counts (<c>job_count</c>, <c>job_total</c>). Only the edges of a time range,
/// at most ten minutes each, are counted from the jobs themselves, in the same statement: no job that moves meanwhile is counted twice or not at all.
/// </summary>
public static class JobTallies
{
    /// <summary>Microseconds of the steps of time that kept counts tell apart.</summary>
    internal const long Step = 600_000_000;

    public static Task<long> Count(Session session, JobTallyFilter filter)
    {
        var (source, arguments) = Source(session, filter, "jobs", "1 AS jobs");
        return session.QueryFirst($"SELECT CAST(coalesce(sum(jobs), 0) AS BIGINT) FROM {source}", r => r.GetInt64(0), arguments);
    }

    /// <summary>Counts by one of their keys: ids, statuses, or 0 and 1; 0 for no batch or error. Keys without jobs are left out.</summary>
    public static async Task<Dictionary<long, long>> CountBy(Session session, JobTally key, JobTallyFilter filter)
    {
        var (column, value) = key switch
        {
            JobTally.JobType => ("job_type_id", "job_type_id"),
            JobTally.Status => ("status", "status"),
            JobTally.Batch => ("batch_id", "coalesce(batch_id, 0) AS batch_id"),
            JobTally.Error => ("error_id", "coalesce(error_id, 0) AS error_id"),
            _ => ("is_superseded", "is_superseded"),
        };
        var (source, arguments) = Source(session, filter, $"{column}, jobs", $"{value}, 1 AS jobs");
        var shown = key == JobTally.IsSuperseded ? $"CASE WHEN {column} THEN 1 ELSE 0 END" : column;
        var counts = await session.Query(
            $"SELECT CAST({shown} AS BIGINT), CAST(sum(jobs) AS BIGINT) FROM {source} GROUP BY 1 HAVING sum(jobs) > 0",
            r => (Key: r.GetInt64(0), Jobs: r.GetInt64(1)),
            arguments);
        return counts.ToDictionary(c => c.Key, c => c.Jobs);
    }

    /// <summary>Counts by the last change, in steps of time.</summary>
    /// <returns>Steps that have jobs, from the earliest; the first moment of each, in microseconds, and that of the next step.</returns>
    public static Task<List<(long From, long Next, long Jobs)>> CountByChange(Session session, JobTallyFilter filter)
    {
        var (source, arguments) = Source(session, filter, "changed, jobs", $"last_modified / {Step} AS changed, 1 AS jobs");
        return session.Query(
            $"SELECT changed, CAST(sum(jobs) AS BIGINT) FROM {source} GROUP BY changed HAVING sum(jobs) > 0 ORDER BY changed",
            r => (r.GetInt64(0) * Step, (r.GetInt64(0) + 1) * Step, r.GetInt64(1)),
            arguments);
    }

    /// <summary>The range of last changes outside of which no job of a filter has a source of the time it asks for.</summary>
    /// <returns>Null when there is none.</returns>
    public static Task<(DateTime From, DateTime To)?> ChangesOfSource(Session session, JobListFilter filter)
    {
        var where = Where(filter.Tally, "batch_id", "error_id").Add("latest_source_start >= @start", "start", filter.SourceStarted).Add("earliest_source_end <= @end", "end", filter.SourceEnded);
        return session.QueryFirst(
            $"SELECT min(changed), max(changed) FROM job_count WHERE TRUE{(where.Sql.Length == 0 ? "" : " AND " + where.Sql)}",
            r => r.IsDBNull(0) ? null : ((DateTime, DateTime)?)(Time.FromMicroseconds(r.GetInt64(0) * Step), Time.FromMicroseconds((r.GetInt64(1) + 1) * Step - 1)),
            [.. where.Arguments]);
    }

    /// <summary>Rows of kept counts, and jobs at the edges of the time range.</summary>
    /// <param name="columns">Of a kept count.</param>
    /// <param name="values">The same of a job.</param>
    private static (string Sql, (string Name, object? Value)[] Arguments) Source(Session session, JobTallyFilter filter, string columns, string values)
    {
        var range = new SteppedRange(filter.Started, filter.Ended, Step, 0);
        var counted = Where(filter, "batch_id", "error_id").Add("changed >= @first", "first", range.First).Add("changed < @after", "after", range.After);
        var where = counted.Sql.Length == 0 ? "" : " WHERE " + counted.Sql;
        if (range.Edges.Count == 0)
        {
            var isTotal = range is { First: null, After: null } && !columns.Contains("changed", StringComparison.Ordinal);
            return ($"{(isTotal ? "job_total" : "job_count")}{where}", [.. counted.Arguments]);
        }

        var jobs = Where(filter, "coalesce(batch_id, 0)", "coalesce(error_id, 0)").Sql;
        var index = session.Provider == Provider.Sqlite ? " INDEXED BY job_last_modified" : "";
        var parts = range.HasWhole ? [$"SELECT {columns} FROM job_count{where}"] : new List<string>();
        foreach (var (from, to) in range.Edges)
        {
            var (first, last) = ($"from{parts.Count}", $"to{parts.Count}");
            parts.Add($"SELECT {values} FROM job{index} WHERE last_modified >= @{first} AND last_modified <= @{last}{(jobs.Length == 0 ? "" : " AND " + jobs)}");
            counted.Arguments.AddRange([(first, from), (last, to)]);
        }

        return ($"({string.Join(" UNION ALL ", parts)}) counted", [.. counted.Arguments]);
    }

    private static Conditions Where(JobTallyFilter filter, string batch, string error) => new Conditions()
        .Add("job_type_id IN @types", "types", filter.JobTypeIds)
        .Add("status IN @statuses", "statuses", filter.Statuses)
        .Add($"{batch} IN @batches", "batches", filter.BatchIds)
        .Add($"{error} IN @errors", "errors", filter.ErrorIds)
        .Add("is_superseded = @superseded", "superseded", filter.IsSuperseded);
}
