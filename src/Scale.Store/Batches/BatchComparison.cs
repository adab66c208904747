using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>The batches of one chain side by side (batches-and-datasets.md §2.6).</summary>
/// <param name="Batches">Ascending by id; empty when the id is no root.</param>
/// <param name="Nodes">By node name; one entry per batch in the order of <paramref name="Batches"/>, null where a batch has no such node.</param>
public sealed record BatchComparison(IReadOnlyList<BatchTotals> Batches, IReadOnlyDictionary<string, IReadOnlyList<BatchNodeMetrics?>> Nodes)
{
    public static async Task<BatchComparison> Read(Session session, long rootBatchId)
    {
        var batches = await BatchMetrics.Chain(session, rootBatchId);
        var nodes = await BatchMetrics.Nodes(session, [.. batches.Select(b => b.Id)]);
        var byBatch = batches.ConvertAll(b => nodes[b.Id].ToDictionary(n => n.Node, StringComparer.Ordinal));
        var names = byBatch.SelectMany(n => n.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new BatchComparison(
            batches,
            names.ToDictionary(name => name, IReadOnlyList<BatchNodeMetrics?> (name) => byBatch.ConvertAll(n => n.GetValueOrDefault(name)), StringComparer.Ordinal));
    }
}
