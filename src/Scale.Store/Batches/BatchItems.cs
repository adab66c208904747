using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>What an item of a batch is made from. The numbers are stored; never renumber.</summary>
public enum BatchItemKind : short
{
    DatasetMember = 0,
    RecipeFamily = 1,

    /// <summary>A source file that a batch of the v5 services makes a recipe of.</summary>
    SourceFile = 2,
}

/// <summary>What became of an item. The numbers are stored; never renumber.</summary>
public enum BatchItemState : short
{
    Created = 1,
    Failed = 2,

    /// <summary>A member whose files are all inputs of recipes that are re-processed: it makes no recipe of its own.</summary>
    Covered = 3,
}

/// <param name="SourceId">Dataset member, first recipe of the family, or file.</param>
/// <param name="RecipeId">The recipe made, when there is one.</param>
/// <param name="Error">Why there is none.</param>
public readonly record struct BatchItem(BatchItemKind Kind, long SourceId, BatchItemState State, long? RecipeId, string? Error);

/// <summary>Units of a batch's creation work; their key makes sure that none is done twice.</summary>
public static class BatchItems
{
    /// <summary>Sources of one kind, in a range of ids, that were handled before.</summary>
    public static async Task<HashSet<long>> Handled(Session session, long batchId, BatchItemKind kind, long[] sourceIds) => sourceIds.Length == 0 ? [] : (await session.Query(
        "SELECT source_id FROM batch_item WHERE batch_id = @batch AND kind = @kind AND source_id >= @first AND source_id <= @last", r => r.GetInt64(0),
        ("batch", batchId), ("kind", kind), ("first", sourceIds.Min()), ("last", sourceIds.Max()))).ToHashSet();

    /// <summary>Stores handled items and counts them in the batch.</summary>
    public static async Task Insert(Session session, long batchId, IReadOnlyList<BatchItem> items, DateTime now)
    {
        if (items.Count == 0)
        {
            return;
        }

        await session.BulkInsert("batch_item", new Rows("i",
            ("batch_id", items.Column(_ => batchId)),
            ("kind", items.Column(i => (short)i.Kind)),
            ("source_id", items.Column(i => i.SourceId)),
            ("state", items.Column(i => (short)i.State)),
            ("recipe_id", items.Column(i => i.RecipeId)),
            ("error", items.Column(i => i.Error))));
        await session.Execute(
            "UPDATE batch SET items_created = items_created + @created, items_failed = items_failed + @failed, last_modified = @now WHERE id = @batch",
            ("created", items.Count(i => i.State == BatchItemState.Created)), ("failed", items.Count(i => i.State == BatchItemState.Failed)), ("now", now), ("batch", batchId));
    }

    /// <summary>Ends the creation of a batch, unless recipes of it still wait for their first evaluation.</summary>
    /// <returns>Whether it ended.</returns>
    public static async Task<bool> Finish(Session session, long batchId, DateTime now) => await session.Execute(
        """
        UPDATE batch SET is_creation_done = TRUE, last_modified = @now
        WHERE id = @batch AND NOT EXISTS (SELECT 1 FROM recipe_dirty d JOIN recipe r ON r.id = d.recipe_id WHERE r.batch_id = @batch)
        """,
        ("batch", batchId), ("now", now)) == 1;
}
