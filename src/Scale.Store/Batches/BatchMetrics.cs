using System.Data.Common;
using Scale.Model.Batches;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>How long completed jobs took; all null when there are none.</summary>
/// <param name="Median">Read from buckets, so up to 4.5 % off; <paramref name="Percentile95"/> likewise.</param>
public readonly record struct DurationSpread(TimeSpan? Least, TimeSpan? Average, TimeSpan? Greatest, TimeSpan? Median, TimeSpan? Percentile95)
{
    /// <param name="kept">Sums in microseconds.</param>
    /// <param name="buckets">Counts of the same durations by <see cref="DurationBuckets"/>.</param>
    public static DurationSpread Of(DurationDelta kept, IEnumerable<KeyValuePair<short, int>> buckets)
    {
        if (kept.Count == 0)
        {
            return default;
        }

        var (least, greatest) = (kept.Min!.Value, kept.Max!.Value);
        var counts = buckets.ToList();
        return new DurationSpread(
            TimeSpan.FromMicroseconds(least), TimeSpan.FromMicroseconds((double)kept.Sum / kept.Count), TimeSpan.FromMicroseconds(greatest),
            Span(DurationBuckets.Quantile(counts, 0.5, least, greatest)), Span(DurationBuckets.Quantile(counts, 0.95, least, greatest)));
    }

    private static TimeSpan? Span(double? microseconds) => microseconds is { } known ? TimeSpan.FromMicroseconds(known) : null;
}

/// <summary>What a batch keeps of one node of its graph (batches-and-datasets.md §5.6).</summary>
/// <param name="JobDuration">Job ended - started.</param>
/// <param name="SeedDuration">Main task of the last execution, end - start.</param>
public sealed record BatchNodeMetrics(string Node, JobCounts Jobs, DurationSpread JobDuration, DurationSpread SeedDuration);

/// <summary>One batch of a chain, as comparison shows it.</summary>
public sealed record BatchTotals(long Id, string? Title, string? Description, DateTime Created, JobCounts Jobs, int RecipesEstimated, int RecipesTotal, int RecipesCompleted);

/// <summary>Kept counters of batches; nothing is counted here.</summary>
public static class BatchMetrics
{
    private const string Counts = "jobs_pending, jobs_blocked, jobs_queued, jobs_running, jobs_failed, jobs_completed, jobs_canceled";

    private const string NodeSql =
        $"""
        SELECT batch_id, node_name, {Counts}, job_duration_count, job_duration_sum, job_duration_min, job_duration_max,
               seed_duration_count, seed_duration_sum, seed_duration_min, seed_duration_max
        FROM batch_node
        """;

    private const string TotalsSql = $"SELECT id, title, description, created, recipes_estimated, recipes_total, recipes_completed, {Counts} FROM batch";

    /// <summary><c>job_metrics</c> of the batches (§2.3); an unknown batch has none.</summary>
    public static async Task<ILookup<long, BatchNodeMetrics>> Nodes(Session session, params long[] batchIds)
    {
        var rows = await session.Query($"{NodeSql} WHERE batch_id IN @ids ORDER BY batch_id, node_name", ReadNode, ("ids", batchIds));
        var buckets = await BatchDurations.Read(session, batchIds);
        return rows.ToLookup(r => r.BatchId, r => new BatchNodeMetrics(
            r.Node, r.Jobs, DurationSpread.Of(r.Job, buckets[(r.BatchId, r.Node, DurationKind.Job)]), DurationSpread.Of(r.Seed, buckets[(r.BatchId, r.Node, DurationKind.Seed)])));
    }

    /// <summary>Batches of a chain in ascending order of ids, which is chain order.</summary>
    public static Task<List<BatchTotals>> Chain(Session session, long rootBatchId) => session.Query($"{TotalsSql} WHERE root_batch_id = @root ORDER BY id", ReadTotals, ("root", rootBatchId));

    /// <summary>Any batches, in no order; unknown ids are left out.</summary>
    public static Task<List<BatchTotals>> Totals(Session session, long[] ids) => session.Query($"{TotalsSql} WHERE id IN @ids", ReadTotals, ("ids", ids));

    /// <summary>Failed jobs of batches by the name of their error, copied ones at the batch that made them.</summary>
    public static Task<List<(long BatchId, string Error, int Jobs)>> Errors(Session session, long[] batchIds) => session.Query(
        """
        SELECT f.batch_id, coalesce(e.name, 'unknown'), f.jobs
        FROM (SELECT batch_id, error_id, count(*) AS jobs FROM job WHERE batch_id IN @ids AND status = 4 GROUP BY batch_id, error_id) f LEFT JOIN error e ON e.id = f.error_id
        """,
        r => (r.GetInt64(0), r.GetString(1), (int)r.GetInt64(2)),
        ("ids", batchIds));

    internal static async Task<Dictionary<(long BatchId, string Node), BatchNodeDelta>> AllNodes(Session session)
    {
        var rows = await session.Query(NodeSql, ReadNode);
        return rows.ToDictionary(r => (r.BatchId, r.Node));
    }

    private static BatchNodeDelta ReadNode(DbDataReader r) => new(
        r.GetInt64(0),
        r.GetString(1),
        ReadCounts(r, 2),
        new DurationDelta(r.GetInt32(9), r.GetInt64(10), r.Long(11), r.Long(12)),
        new DurationDelta(r.GetInt32(13), r.GetInt64(14), r.Long(15), r.Long(16)));

    private static BatchTotals ReadTotals(DbDataReader r) =>
        new(r.GetInt64(0), r.Text(1), r.Text(2), r.Moment(3), ReadCounts(r, 7), r.GetInt32(4), r.GetInt32(5), r.GetInt32(6));

    private static JobCounts ReadCounts(DbDataReader r, int first) => new(
        r.GetInt32(first), r.GetInt32(first + 1), r.GetInt32(first + 2), r.GetInt32(first + 3), r.GetInt32(first + 4), r.GetInt32(first + 5), r.GetInt32(first + 6));
}
