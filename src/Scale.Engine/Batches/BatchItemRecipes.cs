using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Model.Data;
using Scale.Model.Recipes;
using Scale.Store.Batches;
using Scale.Store.Recipes;

namespace Scale.Engine.Batches;

/// <summary>The recipes that items of a batch make, whatever the items come from.</summary>
internal static class BatchItemRecipes
{
    /// <summary>Re-processes the families that are no items of the batch yet; the caller evaluates the new recipes and stores the items.</summary>
    /// <param name="skipReason">Why these families are failed items without being tried; null to try them.</param>
    public static async Task<(List<BatchItem> Items, List<RecipeWork> Fresh)> Reprocess(
        RecipeReprocess reprocess, EngineTransaction transaction, StoredBatch batch, List<long> families, ForcedNodes forced, string? skipReason = null)
    {
        var handled = await BatchItems.Handled(transaction.Session, batch.Id, BatchItemKind.RecipeFamily, [.. families]);
        var open = families.Where(f => !handled.Contains(f)).ToList();
        if (skipReason is not null)
        {
            return ([.. open.Select(f => new BatchItem(BatchItemKind.RecipeFamily, f, BatchItemState.Failed, null, skipReason))], []);
        }

        var (outcomes, fresh) = await reprocess.Prepare(transaction, new ReprocessRequest(open, batch.RevisionId, forced, batch.EventId, batch.Id));
        var items = outcomes.Select(o => new BatchItem(BatchItemKind.RecipeFamily, o.FamilyId, o.RecipeId is null ? BatchItemState.Failed : BatchItemState.Created, o.RecipeId, o.RecipeId is null ? o.Error : null));
        return ([.. items], fresh);
    }

    /// <summary>A recipe that supersedes none.</summary>
    /// <param name="configuration">Recipe configuration document (recipes.md §8).</param>
    public static RecipeWork New(StoredBatch batch, RecipeRevision revision, long id, DataValues input, long eventId, string configuration, DateTime now)
    {
        var row = new StoredRecipe
        {
            Id = id,
            RecipeTypeId = batch.RecipeTypeId,
            RevisionId = batch.RevisionId,
            EventId = eventId,
            BatchId = batch.Id,
            RootRecipeId = id,
            TopRecipeId = id,
            FamilyId = id,
            Input = input.ToText(),
            Configuration = configuration,
            Created = now,
        };
        return new RecipeWork(row, revision, isNew: true);
    }
}
