using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Model.Documents;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>Jobs that reprocessing touches, those of sub-recipes included.</summary>
/// <param name="Run">New jobs.</param>
/// <param name="MayRun">New jobs behind conditions that are still to be decided.</param>
/// <param name="Copy">Jobs taken over, whatever their state.</param>
/// <param name="Supersede">Jobs that are replaced or deleted.</param>
/// <param name="Cancel">Those of <paramref name="Supersede"/> that have not ended well yet.</param>
public readonly record struct ReprocessCounts(int Run, int MayRun, int Copy, int Supersede, int Cancel)
{
    public static ReprocessCounts operator +(ReprocessCounts left, ReprocessCounts right) =>
        new(left.Run + right.Run, left.MayRun + right.MayRun, left.Copy + right.Copy, left.Supersede + right.Supersede, left.Cancel + right.Cancel);
}

/// <param name="SubRecipes">The sub-recipes of which something is taken over, by node.</param>
public sealed record ReprocessPreview(RecipeDiff Diff, ReprocessCounts Jobs, IReadOnlyDictionary<string, ReprocessPreview> SubRecipes);

/// <summary>
/// What reprocessing a recipe would do as things stand, found by the decisions of <see cref="RecipeReprocess"/> itself; writes nothing. Takes for granted that
/// sub-recipes made anew can begin.
/// </summary>
public sealed class ReprocessPlanner(RecipeTypeCatalog catalog)
{
    /// <returns>Null for an unknown recipe. A diff that can't be reprocessed comes with counts of zero.</returns>
    public async Task<ReprocessPreview?> Preview(Session session, long recipeId, long revisionId, ForcedNodes forced) =>
        await Load(session, recipeId) is { } old ? await Preview(session, old, await catalog.Get(session, revisionId), forced) : null;

    /// <returns>Why the recipe can't be reprocessed to that revision, empty when it can.</returns>
    public async Task<IReadOnlyList<Problem>> Obstacles(Session session, long recipeId, long revisionId, ForcedNodes forced)
    {
        var old = await Load(session, recipeId) ?? throw new KeyNotFoundException($"There is no recipe {recipeId}.");
        var target = await catalog.Get(session, revisionId);
        var diff = RecipeDiff.Compute(old.Revision.Definition, target.Definition, forced);
        return diff.CanBeReprocessed ? old.Input.Validate(target.Graph.Input).Errors : diff.Reasons;
    }

    private async Task<RecipeWork?> Load(Session session, long recipeId)
    {
        var round = new RecipeRound(new EngineTransaction(session, default), catalog, new NothingMoves());
        return (await round.Load([recipeId])).SingleOrDefault();
    }

    private async Task<ReprocessPreview> Preview(Session session, RecipeWork old, RecipeRevision target, ForcedNodes forced)
    {
        var diff = RecipeDiff.Compute(old.Revision.Definition, target.Definition, forced);
        var inner = new SortedDictionary<string, ReprocessPreview>(StringComparer.Ordinal);
        if (!diff.CanBeReprocessed)
        {
            return new ReprocessPreview(diff, default, inner);
        }

        var work = new RecipeWork(Unborn(target), target, isNew: true) { Reprocessing = new Reprocessing(old, diff, forced) };
        var counts = default(ReprocessCounts);
        foreach (var replaced in RecipeReprocess.Distribute(work))
        {
            counts += replaced is { Node: SubRecipeWork, IsWhole: false } ? default : Replaced(replaced.Node);
        }

        var step = work.Advance();
        for (var index = 0; index < work.Nodes.Length; index++)
        {
            var name = work.Graph.Nodes[index].Name;
            if (work.Nodes[index] is { } copied)
            {
                counts += new ReprocessCounts(0, 0, JobsOf(copied), 0, 0);
            }
            else if (step.Create.Contains(index) && work.Reprocessing.Partly.Contains(name))
            {
                var (jobs, preview) = await PreviewInside(session, work, index);
                counts += jobs;
                inner[name] = preview;
            }
            else if (!step.Pruned.Contains(index))
            {
                counts += await New(session, work.Revision, index, mayRun: !step.Create.Contains(index));
            }
        }

        return new ReprocessPreview(diff, counts, inner);
    }

    private async Task<(ReprocessCounts Jobs, ReprocessPreview Preview)> PreviewInside(Session session, RecipeWork work, int index)
    {
        var node = (SubRecipeWork)work.Reprocessing!.OldNode(work.Graph.Nodes[index].Name)!;
        var old = (await Load(session, node.Id))!;
        var target = await catalog.Get(session, ((NodeTarget.Recipe)work.Revision.Targets[index]!).RevisionId);
        var preview = await Preview(session, old, target, work.Reprocessing.Forced.Inside(work.Graph.Nodes[index].Name));

        // What can't be reprocessed inside a recipe is replaced as a whole (recipes.md §11.6).
        return preview.Diff.CanBeReprocessed
            ? (preview.Jobs, preview)
            : await Whole();

        async Task<(ReprocessCounts, ReprocessPreview)> Whole()
        {
            var jobs = Replaced(node) + await New(session, work.Revision, index, mayRun: false);
            return (jobs, preview with { Jobs = jobs });
        }
    }

    private static int JobsOf(NodeWork node) => node switch
    {
        JobWork => 1,
        SubRecipeWork sub => sub.Jobs.Total,
        _ => 0,
    };

    private static ReprocessCounts Replaced(NodeWork node) => new(0, 0, 0, JobsOf(node), node switch
    {
        JobWork { Status: JobStatus.Completed or JobStatus.Canceled } => 0,
        JobWork => 1,
        SubRecipeWork sub => sub.Jobs.Total - sub.Jobs.Completed - sub.Jobs.Canceled,
        _ => 0,
    });

    /// <summary>Everything that a new node makes.</summary>
    private async Task<ReprocessCounts> New(Session session, RecipeRevision revision, int index, bool mayRun)
    {
        var counts = default(ReprocessCounts);
        switch (revision.Targets[index])
        {
            case NodeTarget.Job:
                counts = new ReprocessCounts(1, 0, 0, 0, 0);
                break;
            case NodeTarget.Recipe sub:
                var inside = await catalog.Get(session, sub.RevisionId);
                var step = RecipeProgress.Advance(inside.Graph, hasInput: false, new NodeState[inside.Graph.Nodes.Length]);
                for (var node = 0; node < inside.Graph.Nodes.Length; node++)
                {
                    counts += await New(session, inside, node, mayRun: !step.Create.Contains(node));
                }

                break;
        }

        return mayRun ? new ReprocessCounts(0, counts.Run + counts.MayRun, 0, 0, 0) : counts;
    }

    private static StoredRecipe Unborn(RecipeRevision revision) => new()
    {
        Id = 0,
        RecipeTypeId = revision.RecipeTypeId,
        RevisionId = revision.Id,
        RootRecipeId = 0,
        TopRecipeId = 0,
        FamilyId = 0,
        Configuration = "{}",
    };

    /// <summary>A look at things moves no job.</summary>
    private sealed class NothingMoves : IJobTransitions
    {
        public Task<IReadOnlyList<long>> Queue(EngineTransaction transaction, IReadOnlyList<JobToQueue> jobs) =>
            throw new InvalidOperationException("A preview queues nothing.");

        public Task<IReadOnlyList<long>> Cancel(EngineTransaction transaction, IReadOnlyCollection<long> jobIds) =>
            throw new InvalidOperationException("A preview cancels nothing.");
    }
}
