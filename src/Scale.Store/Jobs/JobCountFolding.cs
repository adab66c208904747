using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>The ids of the newest rows of all kept counts of jobs; what was written since an earlier answer is above those.</summary>
public readonly record struct JobCountRows(long Counts, long Totals, long SourceCounts, long SourceHours);

/// <summary>Puts one row in the place of all rows of a count. Only PostgreSQL has more than one.</summary>
public static class JobCountFolding
{
    private const string TotalKeys = "job_type_id, status, error_id, batch_id, is_superseded";

    public static Task<JobCountRows> Newest(Session session) => session.QueryFirst(
        """
        SELECT (SELECT coalesce(max(id), 0) FROM job_count), (SELECT coalesce(max(id), 0) FROM job_total),
            (SELECT coalesce(max(id), 0) FROM job_source_count), (SELECT coalesce(max(id), 0) FROM job_source_hours)
        """,
        r => new JobCountRows(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)));

    /// <summary>Folds the counts that have rows newer than <paramref name="after"/>, or, after nothing, all that have several.</summary>
    public static async Task Fold(Session session, JobCountRows after)
    {
        await Fold(session, "job_count", $"bucket, {TotalKeys}, changed", after.Counts, ("latest_source_start", "max"), ("earliest_source_end", "min"));
        await Fold(session, "job_total", TotalKeys, after.Totals);
        await Fold(session, "job_source_count", "field, value", after.SourceCounts);
        await Fold(session, "job_source_hours", "started, ended", after.SourceHours);
    }

    private static Task Fold(Session session, string table, string keys, long after, params (string Column, string Fold)[] bounds)
    {
        var names = keys.Split(", ");
        var bounded = string.Concat(bounds.Select(b => ", " + b.Column));
        return session.Execute(
            $"""
            WITH recent AS (SELECT {keys} FROM {table} WHERE id > @after GROUP BY {keys} HAVING count(*) > 1 OR @after > 0),
            gone AS (
                DELETE FROM {table} c USING recent r WHERE {string.Join(" AND ", names.Select(n => $"c.{n} = r.{n}"))}
                RETURNING {string.Join(", ", names.Select(n => "c." + n))}, c.jobs{bounded}
            )
            INSERT INTO {table} ({keys}, jobs{bounded}) SELECT {keys}, sum(jobs){string.Concat(bounds.Select(b => $", {b.Fold}({b.Column})"))} FROM gone GROUP BY {keys} HAVING sum(jobs) <> 0
            """,
            ("after", after));
    }
}
