using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>Batches side by side (batches-and-datasets.md §2.6).</summary>
/// <param name="Batches">Of a chain ascending by id, empty when the id is no root; or as they were asked for.</param>
/// <param name="Nodes">By node name; one entry per batch in the order of <paramref name="Batches"/>, null where a batch has no such node.</param>
public sealed record BatchComparison(IReadOnlyList<BatchTotals> Batches, IReadOnlyDictionary<string, IReadOnlyList<BatchNodeMetrics?>> Nodes)
{
    public static async Task<BatchComparison> OfChain(Session session, long rootBatchId) => await Of(session, await BatchMetrics.Chain(session, rootBatchId));

    /// <summary>Any batches, in the order of their ids here; unknown ones are left out.</summary>
    public static async Task<BatchComparison> OfBatches(Session session, IReadOnlyCollection<long> ids)
    {
        var totals = (await BatchMetrics.Totals(session, [.. ids])).ToDictionary(b => b.Id);
        return await Of(session, [.. ids.Where(totals.ContainsKey).Select(id => totals[id])]);
    }

    private static async Task<BatchComparison> Of(Session session, List<BatchTotals> batches)
    {
        var nodes = await BatchMetrics.Nodes(session, [.. batches.Select(b => b.Id)]);
        var byBatch = batches.ConvertAll(b => nodes[b.Id].ToDictionary(n => n.Node, StringComparer.Ordinal));
        var names = byBatch.SelectMany(n => n.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new BatchComparison(
            batches,
            names.ToDictionary(name => name, IReadOnlyList<BatchNodeMetrics?> (name) => byBatch.ConvertAll(n => n.GetValueOrDefault(name)), StringComparer.Ordinal));
    }
}
