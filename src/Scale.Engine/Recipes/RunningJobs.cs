using Scale.Engine.Leadership;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>
/// Keeps recipes in step with jobs that began to run. Nothing follows from that in a recipe but its counters, so its nodes need not be loaded:
/// half of all evaluations would be for this. Where more may follow, the recipe is touched and evaluated as always.
/// </summary>
internal sealed class RunningJobs(RecipeTypeCatalog catalog)
{
    private static readonly char Queued = NodeStates.CharOf(JobStatus.Queued);
    private static readonly char Running = NodeStates.CharOf(JobStatus.Running);

    public async Task Note(EngineTransaction transaction, IReadOnlyCollection<long> jobIds)
    {
        var session = transaction.Session;
        var places = await RecipeReads.PlacesOfJobs(session, [.. jobIds]);
        await catalog.Load(session, places.Select(p => p.RevisionId));
        var batches = new BatchCounters();
        var begun = new List<BegunRecipe>();
        foreach (var recipe in places.GroupBy(p => p.RecipeId))
        {
            var first = recipe.First();
            if (first.IsContained || transaction.TouchedRecipes.Contains(recipe.Key) || Moved(first, recipe.Select(p => p.Node)) is not { } states)
            {
                transaction.TouchedRecipes.Add(recipe.Key);
                continue;
            }

            var change = new BegunRecipe(recipe.Key, states, recipe.Count());
            begun.Add(change);
            Count(batches, first.BatchId, recipe.Select(p => p.Node), change.Jobs);
        }

        await RecipeWrites.Begin(session, begun, transaction.Now);
        await batches.Write(session, transaction.Now);
    }

    /// <returns>The states with these nodes running, null when one of them is not thought to be queued.</returns>
    private string? Moved(PlaceOfJob recipe, IEnumerable<string> nodes)
    {
        var graph = catalog[recipe.RevisionId].Graph;
        var states = recipe.States.ToCharArray();
        foreach (var node in nodes)
        {
            if (graph.IndexOf(node) is not (>= 0 and var index) || index >= states.Length || states[index] != Queued)
            {
                return null;
            }

            states[index] = Running;
        }

        return new string(states);
    }

    private static void Count(BatchCounters batches, long? batchId, IEnumerable<string> nodes, int jobs)
    {
        if (batchId is not { } batch)
        {
            return;
        }

        var moved = JobCounts.Zero;
        for (var i = 0; i < jobs; i++)
        {
            moved += JobCounts.Of(JobStatus.Running) - JobCounts.Of(JobStatus.Queued);
        }

        batches.Add(batch, moved, 0, 0);
        foreach (var node in nodes)
        {
            batches.Move(batch, node, JobStatus.Queued, JobStatus.Running, null);
        }
    }
}
