using Scale.Model.Batches;
using Scale.Model.Documents;
using Scale.Model.Recipes;
using Scale.Store.Batches;

namespace Scale.Engine.Batches;

/// <summary>A batch that a user asks for; the documents were read, so their grammar is right.</summary>
/// <param name="User">Login name, null for nobody in particular.</param>
public sealed record BatchRequest(long RecipeTypeId, string? Title, string? Description, BatchDefinition Definition, BatchConfiguration Configuration, string? User);

/// <summary>What the semantic checks found (batches-and-datasets.md §3.3), in their order.</summary>
/// <param name="RecipesEstimated">0 when there are errors.</param>
/// <param name="RecipeType">Null when there is no such type.</param>
/// <param name="PreviousBatch">Last batch of the chain to be re-processed, null when none was asked for or found.</param>
/// <param name="PreviousRevisionNumber">Revision number of the previous batch.</param>
/// <param name="Diff">Previous batch's revision to the current one; null when it was not computed.</param>
public sealed record BatchVerdict(
    IReadOnlyList<Problem> Errors,
    IReadOnlyList<Problem> Warnings,
    int RecipesEstimated,
    RecipeTypeNow? RecipeType,
    StoredBatch? PreviousBatch = null,
    int? PreviousRevisionNumber = null,
    RecipeDiff? Diff = null)
{
    public bool IsValid => Errors.Count == 0;
}

/// <summary>Changes of a batch: a null title or description is kept, a null configuration too.</summary>
public sealed record BatchEdit(string? Title, string? Description, BatchConfiguration? Configuration);

/// <param name="IsFound">There is such a batch.</param>
/// <param name="Errors">Why nothing was changed.</param>
public sealed record BatchEditResult(bool IsFound, IReadOnlyList<Problem> Errors);
