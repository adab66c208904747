using System.Data.Common;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>Least, average and greatest duration of completed jobs; all null when there are none.</summary>
public readonly record struct DurationSpread(TimeSpan? Least, TimeSpan? Average, TimeSpan? Greatest)
{
    /// <param name="kept">Sums in microseconds.</param>
    public static DurationSpread Of(DurationDelta kept) => kept.Count == 0
        ? default
        : new DurationSpread(TimeSpan.FromMicroseconds(kept.Min!.Value), TimeSpan.FromMicroseconds((double)kept.Sum / kept.Count), TimeSpan.FromMicroseconds(kept.Max!.Value));
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

    /// <summary><c>job_metrics</c> of the batches (§2.3); an unknown batch has none.</summary>
    public static async Task<ILookup<long, BatchNodeMetrics>> Nodes(Session session, params long[] batchIds)
    {
        var rows = await session.Query($"{NodeSql} WHERE batch_id IN @ids ORDER BY batch_id, node_name", ReadNode, ("ids", batchIds));
        return rows.ToLookup(r => r.BatchId, r => new BatchNodeMetrics(r.Node, r.Jobs, DurationSpread.Of(r.Job), DurationSpread.Of(r.Seed)));
    }

    /// <summary>Batches of a chain in ascending order of ids, which is chain order.</summary>
    public static Task<List<BatchTotals>> Chain(Session session, long rootBatchId) => session.Query(
        $"SELECT id, title, description, created, recipes_estimated, recipes_total, recipes_completed, {Counts} FROM batch WHERE root_batch_id = @root ORDER BY id",
        r => new BatchTotals(r.GetInt64(0), r.Text(1), r.Text(2), r.Moment(3), ReadCounts(r, 7), r.GetInt32(4), r.GetInt32(5), r.GetInt32(6)),
        ("root", rootBatchId));

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

    private static JobCounts ReadCounts(DbDataReader r, int first) => new(
        r.GetInt32(first), r.GetInt32(first + 1), r.GetInt32(first + 2), r.GetInt32(first + 3), r.GetInt32(first + 4), r.GetInt32(first + 5), r.GetInt32(first + 6));
}
