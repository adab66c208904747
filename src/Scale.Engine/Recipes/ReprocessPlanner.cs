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
/// <param name="Refused">New jobs that are canceled at once: their input does not fit, or what they belong to can't begin.</param>
/// <param name="Copy">Jobs taken over, whatever their state.</param>
/// <param name="Supersede">Jobs that are replaced or deleted.</param>
/// <param name="Cancel">Those of <paramref name="Supersede"/> that have not ended well yet.</param>
public readonly record struct ReprocessCounts(int Run, int MayRun, int Refused, int Copy, int Supersede, int Cancel)
{
    public static ReprocessCounts operator +(ReprocessCounts left, ReprocessCounts right) => new(
        left.Run + right.Run, left.MayRun + right.MayRun, left.Refused + right.Refused, left.Copy + right.Copy, left.Supersede + right.Supersede, left.Cancel + right.Cancel);
}

/// <param name="SubRecipes">The sub-recipes of which something is taken over, by node.</param>
public sealed record ReprocessPreview(RecipeDiff Diff, ReprocessCounts Jobs, IReadOnlyDictionary<string, ReprocessPreview> SubRecipes);

/// <summary>
/// What reprocessing a recipe would do as things stand, found by the decisions of <see cref="RecipeReprocess"/> and <see cref="RecipeRound"/> themselves; writes
/// nothing.
/// </summary>
public sealed class ReprocessPlanner(RecipeTypeCatalog catalog)
{
    private static readonly IReadOnlyDictionary<string, ReprocessPreview> Nothing = new Dictionary<string, ReprocessPreview>();

    /// <returns>Null for an unknown recipe. A diff that can't be reprocessed comes with counts of zero.</returns>
    public async Task<ReprocessPreview?> Preview(Session session, long recipeId, long revisionId, ForcedNodes forced) =>
        await Load(session, recipeId) is { } old ? await Preview(session, old, Unborn(old.Row, revisionId, forced), forced) : null;

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

    private async Task<ReprocessPreview> Preview(Session session, RecipeWork old, StoredRecipe row, ForcedNodes forced)
    {
        var target = await catalog.Get(session, row.RevisionId);
        var diff = RecipeDiff.Compute(old.Revision.Definition, target.Definition, forced);
        if (!diff.CanBeReprocessed)
        {
            return new ReprocessPreview(diff, default, Nothing);
        }

        var work = new RecipeWork(row, target, isNew: true) { Reprocessing = new Reprocessing(old, diff, forced) };
        var counts = default(ReprocessCounts);
        foreach (var replaced in RecipeReprocess.Distribute(work))
        {
            counts += replaced is { Node: SubRecipeWork, IsWhole: false } ? default : Replaced(replaced.Node);
        }

        var (made, inner) = await Make(session, work);
        return new ReprocessPreview(diff, counts + made, inner);
    }

    /// <summary>What a new recipe takes over and makes, now and perhaps later.</summary>
    private async Task<(ReprocessCounts Jobs, IReadOnlyDictionary<string, ReprocessPreview> Inner)> Make(Session session, RecipeWork work)
    {
        var copied = work.NewNodes.ToHashSet();
        var round = new RecipeRound(new EngineTransaction(session, default), catalog, new NothingMoves()) { AllocateIds = UnbornIds() };
        round.Add(work);
        await round.Foresee();

        var counts = default(ReprocessCounts);
        var inner = new SortedDictionary<string, ReprocessPreview>(StringComparer.Ordinal);
        var pruned = work.Advance().Pruned;
        for (var index = 0; index < work.Nodes.Length; index++)
        {
            switch (work.Nodes[index])
            {
                case null:
                    counts += pruned.Contains(index) ? default : await Later(session, work.Revision, index);
                    break;
                case { } node when copied.Contains(index):
                    counts += new ReprocessCounts { Copy = JobsOf(node) };
                    break;
                case JobWork job:
                    counts += job.Status == JobStatus.Canceled ? new ReprocessCounts { Refused = 1 } : new ReprocessCounts { Run = 1 };
                    break;
                case SubRecipeWork sub:
                    var name = work.Graph.Nodes[index].Name;
                    var (jobs, preview) = await MakeSubRecipe(session, round.NewSubRecipes.Single(s => s.Row.Id == sub.Id), work.Reprocessing?.OldNode(name));
                    counts += jobs;
                    if (preview is not null)
                    {
                        inner[name] = preview;
                    }

                    break;
            }
        }

        return (counts, inner);
    }

    /// <returns>A preview where something of the old sub-recipe could be taken over.</returns>
    private async Task<(ReprocessCounts Jobs, ReprocessPreview? Preview)> MakeSubRecipe(Session session, NewSubRecipe sub, NodeWork? replaced)
    {
        var preview = sub.OldId is { } id && sub.Row.Error is null ? await Preview(session, (await Load(session, id))!, sub.Row, sub.Forced) : null;
        if (preview is { Diff.CanBeReprocessed: true })
        {
            return (preview.Jobs, preview);
        }

        // What can't be reprocessed inside a recipe is replaced as a whole (recipes.md §11.6).
        var (made, _) = await Make(session, new RecipeWork(sub.Row, await catalog.Get(session, sub.Row.RevisionId), isNew: true));
        var jobs = made + (sub.OldId is not null && replaced is not null ? Replaced(replaced) : default);
        return (jobs, preview is null ? null : preview with { Jobs = jobs });
    }

    private static int JobsOf(NodeWork node) => node switch
    {
        JobWork => 1,
        SubRecipeWork sub => sub.Jobs.Total,
        _ => 0,
    };

    private static ReprocessCounts Replaced(NodeWork node) => new()
    {
        Supersede = JobsOf(node),
        Cancel = node switch
        {
            JobWork { Status: JobStatus.Completed or JobStatus.Canceled } => 0,
            JobWork => 1,
            SubRecipeWork sub => sub.Jobs.Total - sub.Jobs.Completed - sub.Jobs.Canceled,
            _ => 0,
        },
    };

    /// <summary>Everything that a node makes which may come to exist when conditions are decided.</summary>
    private async Task<ReprocessCounts> Later(Session session, RecipeRevision revision, int index)
    {
        if (revision.Targets[index] is not NodeTarget.Recipe sub)
        {
            return new ReprocessCounts { MayRun = revision.Targets[index] is NodeTarget.Job ? 1 : 0 };
        }

        var inside = await catalog.Get(session, sub.RevisionId);
        var counts = default(ReprocessCounts);
        for (var node = 0; node < inside.Graph.Nodes.Length; node++)
        {
            counts += await Later(session, inside, node);
        }

        return counts;
    }

    /// <summary>The row that a successor would have; it is never written.</summary>
    private static StoredRecipe Unborn(StoredRecipe old, long revisionId, ForcedNodes forced) =>
        RecipeReprocess.Successor(old, -1, new ReprocessRequest([old.FamilyId], revisionId, forced, EventId: 0, BatchId: null), default);

    /// <summary>Ids that no row has, each given once.</summary>
    private static Func<string, int, Task<IReadOnlyList<long>>> UnbornIds()
    {
        var last = -1L;
        return (_, count) => Task.FromResult<IReadOnlyList<long>>([.. Enumerable.Range(0, count).Select(_ => --last)]);
    }

    /// <summary>A look at things moves no job.</summary>
    private sealed class NothingMoves : IJobTransitions
    {
        public Task<IReadOnlyList<long>> Queue(EngineTransaction transaction, IReadOnlyList<JobToQueue> jobs) =>
            throw new InvalidOperationException("A preview queues nothing.");

        public Task CancelEvaluated(EngineTransaction transaction, IReadOnlyCollection<long> jobIds) =>
            throw new InvalidOperationException("A preview cancels nothing.");
    }
}
