using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Model.Recipes;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <param name="FamilyIds">First recipes of the families whose current member is reprocessed.</param>
/// <param name="RevisionId">Revision of the new recipes.</param>
/// <param name="BatchId">Batch of the new recipes, null for none.</param>
/// <param name="OnlyRecipeId">The one recipe that may be reprocessed; a family whose current member is another is left alone.</param>
public sealed record ReprocessRequest(
    IReadOnlyCollection<long> FamilyIds, long RevisionId, ForcedNodes Forced, long EventId, long? BatchId, long? OnlyRecipeId = null);

/// <param name="RecipeId">The new recipe, null when there is none.</param>
/// <param name="Error">Why there is none: the recipe stays as it was.</param>
public readonly record struct ReprocessOutcome(long FamilyId, long? RecipeId, string? Error);

/// <summary>A node of an old recipe that the new one does not take over.</summary>
/// <param name="IsWhole">Of a sub-recipe: nothing in it is taken over either.</param>
internal readonly record struct ReplacedNode(NodeWork Node, bool IsWhole, bool IsDeleted);

/// <summary>Replaces recipes by new ones that run only what changed or was forced (recipes.md §11), many families at once.</summary>
public sealed class RecipeReprocess(RecipeTypeCatalog catalog, RecipeEvaluation evaluation, Func<IJobTransitions> transitions)
{
    /// <summary>
    /// Makes and evaluates the new recipes. A family that was reprocessed for the same event before is left alone, so a repetition does nothing.
    /// </summary>
    /// <returns>One outcome per family, in ascending order of family ids.</returns>
    public async Task<IReadOnlyList<ReprocessOutcome>> Run(EngineTransaction transaction, ReprocessRequest request)
    {
        var (outcomes, fresh) = await Prepare(transaction, request);
        await evaluation.Evaluate(transaction, fresh);
        return outcomes;
    }

    /// <summary>As <see cref="Run"/>, but leaves it to the caller to evaluate the new recipes together with others.</summary>
    internal async Task<(IReadOnlyList<ReprocessOutcome> Outcomes, List<RecipeWork> Fresh)> Prepare(EngineTransaction transaction, ReprocessRequest request)
    {
        var session = transaction.Session;
        var target = await catalog.Get(session, request.RevisionId);
        var ids = await RecipeReads.CurrentOfFamilies(session, [.. request.FamilyIds.Distinct()]);
        var olds = await new RecipeRound(transaction, catalog, transitions()).Load([.. ids]);
        var outcomes = request.FamilyIds.Distinct().ToDictionary(id => id, id => new ReprocessOutcome(id, null, "No recipe of this family is current."));
        var diffs = new Dictionary<long, RecipeDiff>();
        var accepted = new List<(RecipeWork Old, RecipeDiff Diff)>();
        foreach (var old in olds)
        {
            if (!diffs.TryGetValue(old.Row.RevisionId, out var diff))
            {
                diffs[old.Row.RevisionId] = diff = RecipeDiff.Compute(old.Revision.Definition, target.Definition, request.Forced);
            }

            if (Refusal(old, diff, target, request) is { } error)
            {
                outcomes[old.Row.FamilyId] = new ReprocessOutcome(old.Row.FamilyId, old.Row.EventId == request.EventId ? old.Row.Id : null, error);
            }
            else
            {
                accepted.Add((old, diff));
            }
        }

        var newIds = await session.AllocateIds("recipe", accepted.Count);
        var fresh = new List<RecipeWork>();
        foreach (var ((old, diff), id) in accepted.Zip(newIds))
        {
            fresh.Add(new RecipeWork(Successor(old.Row, id, request, transaction.Now), target, isNew: true)
            {
                Reprocessing = new Reprocessing(old, diff, request.Forced),
                HasNewInputLinks = old.Row.InputSummary is not null,
            });
            outcomes[old.Row.FamilyId] = new ReprocessOutcome(old.Row.FamilyId, id, null);
        }

        await Replace(transaction, fresh, transitions());
        return ([.. outcomes.Values.OrderBy(o => o.FamilyId)], fresh);
    }

    /// <summary>Adds new sub-recipes to a round, reprocessed from the old ones where there are any.</summary>
    internal static async Task AddSubRecipes(RecipeRound round, IReadOnlyList<NewSubRecipe> subRecipes, IJobTransitions transitions)
    {
        await round.Catalog.Load(round.Session, subRecipes.Select(s => s.Row.RevisionId));
        var oldIds = subRecipes.Select(s => s.OldId).OfType<long>().ToArray();
        var olds = oldIds.Length == 0
            ? []
            : (await new RecipeRound(round.Transaction, round.Catalog, transitions).Load(oldIds)).ToDictionary(o => o.Row.Id);
        var supersession = new Supersession(round.Transaction, transitions);
        var reprocessed = new List<RecipeWork>();
        foreach (var (row, oldId, forced) in subRecipes)
        {
            var revision = round.Catalog[row.RevisionId];
            var work = new RecipeWork(row, revision, isNew: true);
            if (oldId is { } replaced && work.IsRefused)
            {
                supersession.AddWholeRecipe(replaced);
            }
            else if (oldId is { } id && olds.TryGetValue(id, out var old))
            {
                var diff = RecipeDiff.Compute(old.Revision.Definition, revision.Definition, forced);
                if (diff.CanBeReprocessed)
                {
                    work = new RecipeWork(row, revision, isNew: true) { Reprocessing = new Reprocessing(old, diff, forced) };
                    reprocessed.Add(work);
                }
                else
                {
                    supersession.AddWholeRecipe(id);
                }
            }

            round.Add(work);
        }

        await supersession.Write();
        await Replace(round.Transaction, reprocessed, transitions);
    }

    private static string? Refusal(RecipeWork old, RecipeDiff diff, RecipeRevision target, ReprocessRequest request) =>
        old.Row.EventId == request.EventId ? "It was reprocessed already."
        : request.OnlyRecipeId is { } only && only != old.Row.Id ? $"Recipe {only} was superseded by recipe {old.Row.Id}."
        : old.Row.ContainerId is { } container ? $"Recipe {old.Row.Id} is a sub-recipe of recipe {container}."
        : old.Row.RecipeTypeId != target.RecipeTypeId ? $"Recipe {old.Row.Id} is not of type {target.TypeName}."
        : !diff.CanBeReprocessed ? string.Join("; ", diff.Reasons.Select(r => r.Text))
        : old.Input.Validate(target.Graph.Input) is { Errors: { Count: > 0 } errors } ? string.Join("; ", errors.Select(e => e.Text))
        : null;

    internal static StoredRecipe Successor(StoredRecipe old, long id, ReprocessRequest request, DateTime now) => new()
    {
        Id = id,
        RecipeTypeId = old.RecipeTypeId,
        RevisionId = request.RevisionId,
        EventId = request.EventId,
        IngestEventId = old.IngestEventId,
        BatchId = request.BatchId,
        RootRecipeId = old.FamilyId,
        TopRecipeId = id,
        FamilyId = old.FamilyId,
        SupersededRecipeId = old.Id,
        RootSupersededRecipeId = old.FamilyId,
        Input = old.Input,
        InputSummary = old.InputSummary,
        Configuration = old.Configuration,
        ForcedNodes = request.Forced.IsEmpty ? null : request.Forced.ToJson().ToJsonString(),
        Created = now,
    };

    /// <summary>Copies the unchanged nodes into the new recipes and supersedes the others with the old ones (§11.4, §11.5).</summary>
    private static async Task Replace(EngineTransaction transaction, IReadOnlyList<RecipeWork> fresh, IJobTransitions transitions)
    {
        var supersession = new Supersession(transaction, transitions);
        foreach (var work in fresh)
        {
            supersession.AddRecipe(work.Reprocessing!.Old.Row.Id);
            foreach (var (node, isWhole, isDeleted) in Distribute(work))
            {
                supersession.AddNode(node, isWhole, isDeleted);
            }
        }

        await supersession.Write();
    }

    /// <summary>Gives the new recipe the nodes that it takes over, and notes which sub-recipes are taken over in part.</summary>
    /// <returns>The nodes of the old recipe that are replaced or deleted.</returns>
    internal static IReadOnlyList<ReplacedNode> Distribute(RecipeWork work)
    {
        var reprocessing = work.Reprocessing!;
        foreach (var name in reprocessing.Diff.Copy)
        {
            if (reprocessing.OldNode(name) is { } node && work.Graph.IndexOf(name) is >= 0 and var index)
            {
                work.Nodes[index] = node;
                work.NewNodes.Add(index);
            }
        }

        var replaced = new List<ReplacedNode>();
        foreach (var name in reprocessing.Diff.Supersede)
        {
            var isDeleted = reprocessing.Diff.Unpublish.Contains(name);
            var isWhole = isDeleted || IsReplacedWhole(work, name);
            if (!isWhole)
            {
                reprocessing.Partly.Add(name);
            }

            if (reprocessing.OldNode(name) is { } node)
            {
                replaced.Add(new ReplacedNode(node, isWhole, isDeleted));
            }
        }

        return replaced;
    }

    /// <summary>Whether nothing of the old sub-recipe is taken over: everything in it runs again, or something else stands in its place, or comes later.</summary>
    private static bool IsReplacedWhole(RecipeWork work, string name)
    {
        var index = work.Graph.IndexOf(name);
        return work.Reprocessing!.Diff.Full.Contains(name)
            || work.Revision.Targets[index] is not NodeTarget.Recipe target
            || work.Reprocessing.OldNode(name) is not SubRecipeWork old
            || old.RecipeTypeId != target.RecipeTypeId
            || IsBehindReplacedCondition(work, index);
    }

    private static bool IsBehindReplacedCondition(RecipeWork work, int index)
    {
        foreach (var parent in work.Graph.Nodes[index].Parents)
        {
            var isOpenCondition = work.Graph.Nodes[parent.Index].Type is NodeType.Condition && work.Nodes[parent.Index] is not ConditionWork { IsProcessed: true };
            if (isOpenCondition || IsBehindReplacedCondition(work, parent.Index))
            {
                return true;
            }
        }

        return false;
    }
}
