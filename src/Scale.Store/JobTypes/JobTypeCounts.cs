using System.Data.Common;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Store.JobTypes;

/// <summary>Jobs of one type in one status.</summary>
/// <param name="ErrorId">0 without error.</param>
public readonly record struct JobCountKey(long JobTypeId, JobStatus Status, long ErrorId);

/// <summary>
/// How many jobs of each type are in a status, from counts that triggers keep (<c>job_count</c>). Only the edges of a time range, at most ten minutes each,
/// are counted from an index of the jobs themselves.
/// </summary>
public static class JobTypeCounts
{
    /// <summary>Jobs in one status by job type.</summary>
    /// <param name="status">PENDING, RUNNING or FAILED.</param>
    public static Task<List<(long JobTypeId, long Jobs)>> ByType(Session session, JobStatus status) => session.Query(
        // The list is that of the partial index, which neither database would use for a bound value alone.
        """
        SELECT job_type_id, sum(jobs) FROM job_count WHERE status IN (0, 3, 4) AND status = @status
        GROUP BY job_type_id HAVING sum(jobs) > 0 ORDER BY job_type_id
        """,
        r => (r.GetInt64(0), Sum(r, 1)),
        ("status", status));

    /// <summary>Failed jobs by job type and error, of errors of one category.</summary>
    public static Task<List<(JobCountKey Key, long Jobs)>> Failed(Session session, ErrorCategory category) => session.Query(
        """
        SELECT job_type_id, error_id, sum(jobs) FROM job_count
        WHERE status IN (0, 3, 4) AND status = 4 AND error_id IN (SELECT id FROM error WHERE category = @category)
        GROUP BY job_type_id, error_id HAVING sum(jobs) > 0
        """,
        r => (new JobCountKey(r.GetInt64(0), JobStatus.Failed, r.GetInt64(1)), Sum(r, 2)),
        ("category", category));

    /// <summary>Jobs whose status last changed from <paramref name="started"/> to <paramref name="ended"/>, both inclusive.</summary>
    /// <param name="ended">Null for no bound.</param>
    public static async Task<Dictionary<JobCountKey, long>> Changed(Session session, IReadOnlyCollection<long> jobTypeIds, DateTime started, DateTime? ended)
    {
        var range = new SteppedRange(started, ended, JobTallies.Step, 0);
        var counts = new Dictionary<JobCountKey, long>();
        if (range.HasWhole)
        {
            Add(counts, await session.Query(
                """
                SELECT job_type_id, status, error_id, sum(jobs) FROM job_count WHERE bucket >= @first AND bucket < @after AND job_type_id IN @types
                GROUP BY job_type_id, status, error_id
                """,
                ReadCount,
                ("first", range.First), ("after", range.After ?? long.MaxValue), ("types", jobTypeIds.ToArray())));
        }

        foreach (var (from, to) in range.Edges)
        {
            await AddEdge(session, jobTypeIds, from, to, counts);
        }

        return counts;
    }

    /// <summary>The first and last change of a status among the jobs that are in it; null where no job of the key ever changed it.</summary>
    /// <param name="until">Changes after it do not count.</param>
    public static async Task<Dictionary<JobCountKey, (DateTime? First, DateTime? Last)>> Changes(Session session, IReadOnlyCollection<JobCountKey> keys, DateTime? until = null)
    {
        // error_id is in the order although it is the same for all: to PostgreSQL only that is the order of the index.
        string Change(string error, string order) =>
            $"""
            (SELECT j.last_status_change FROM job j WHERE j.job_type_id = v.job_type_id AND j.status = v.status AND j.error_id {error}
                AND j.last_status_change IS NOT NULL AND j.last_status_change <= @until ORDER BY j.error_id{order}, j.last_status_change{order} LIMIT 1)
            """;
        string Statement(string error) => $"SELECT v.job_type_id, v.status, v.error_id, {Change(error, "")}, {Change(error, " DESC")} FROM {{v}}";
        var found = new Dictionary<JobCountKey, (DateTime?, DateTime?)>();
        foreach (var part in keys.GroupBy(k => k.ErrorId == 0))
        {
            var rows = await session.Query(
                Statement(part.Key ? "IS NULL" : "= v.error_id"), RowsOf([.. part]), r => (ReadKey(r), r.MomentOrNull(3), r.MomentOrNull(4)), ("until", until is { } bound ? Time.ToMicroseconds(bound) : long.MaxValue));
            foreach (var (key, first, last) in rows)
            {
                found[key] = (first, last);
            }
        }

        return found;
    }

    /// <summary>When the oldest job was made that is PENDING since then, by job type; those that became PENDING later have a change of status.</summary>
    public static async Task<Dictionary<long, DateTime>> OldestUnchanged(Session session, IReadOnlyCollection<long> jobTypeIds)
    {
        var found = await session.Query(
            """
            SELECT v.id, (
                SELECT j.created FROM job j WHERE j.job_type_id = v.id AND j.status = 0 AND j.error_id IS NULL AND j.last_status_change IS NULL
                ORDER BY j.error_id, j.last_status_change, j.id LIMIT 1)
            FROM {v}
            """,
            new Rows("v", ("id", jobTypeIds.ToArray())),
            r => (Id: r.GetInt64(0), Created: r.MomentOrNull(1)));
        return found.Where(f => f.Created is not null).ToDictionary(f => f.Id, f => f.Created!.Value);
    }

    private static async Task AddEdge(Session session, IReadOnlyCollection<long> jobTypeIds, long from, long to, Dictionary<JobCountKey, long> counts)
    {
        var keys = await session.Query(
            "SELECT DISTINCT job_type_id, status, error_id FROM job_count WHERE bucket >= @first AND bucket <= @last AND job_type_id IN @types",
            ReadKey,
            ("first", from / JobTallies.Step), ("last", to / JobTallies.Step), ("types", jobTypeIds.ToArray()));
        foreach (var part in keys.GroupBy(k => k.ErrorId == 0))
        {
            Add(counts, await session.Query(
                $$"""
                SELECT v.job_type_id, v.status, v.error_id, count(*) FROM {v}
                JOIN job j ON j.job_type_id = v.job_type_id AND j.status = v.status AND j.error_id {{(part.Key ? "IS NULL" : "= v.error_id")}}
                    AND j.last_status_change >= @from AND j.last_status_change <= @to
                GROUP BY v.job_type_id, v.status, v.error_id
                """,
                RowsOf([.. part]), ReadCount, ("from", from), ("to", to)));
        }
    }

    private static void Add(Dictionary<JobCountKey, long> counts, List<(JobCountKey Key, long Jobs)> more)
    {
        foreach (var (key, jobs) in more)
        {
            counts[key] = counts.GetValueOrDefault(key) + jobs;
        }
    }

    private static Rows RowsOf(IReadOnlyCollection<JobCountKey> keys) => new("v",
        ("job_type_id", keys.Select(k => k.JobTypeId).ToArray()),
        ("status", keys.Select(k => (short)k.Status).ToArray()),
        ("error_id", keys.Select(k => k.ErrorId).ToArray()));

    private static JobCountKey ReadKey(DbDataReader r) => new(r.GetInt64(0), (JobStatus)r.GetInt16(1), r.GetInt64(2));

    private static (JobCountKey Key, long Jobs) ReadCount(DbDataReader r) => (ReadKey(r), Sum(r, 3));

    // PostgreSQL sums integers to a decimal.
    private static long Sum(DbDataReader r, int column) => Convert.ToInt64(r.GetValue(column), System.Globalization.CultureInfo.InvariantCulture);
}
