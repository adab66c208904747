using Scale.Engine.Leadership;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>
/// Keeps recipes in step with jobs that moved where nothing follows from that in a recipe but its counters, so that its nodes need not be loaded:
/// half of all evaluations would be for this. Where more may follow, the recipe is touched and evaluated as always.
/// </summary>
internal sealed class PlainMoves(RecipeTypeCatalog catalog)
{
    private static readonly char Queued = NodeStates.CharOf(JobStatus.Queued);
    private static readonly char Running = NodeStates.CharOf(JobStatus.Running);
    private static readonly char Canceled = NodeStates.CharOf(JobStatus.Canceled);

    /// <summary>Jobs began to run.</summary>
    public Task NoteRunning(EngineTransaction transaction, IReadOnlyCollection<long> jobIds) =>
        Note(transaction, jobIds, new Move(Running, state => state == Queued, _ => true, RecipeWrites.Begin), Task.CompletedTask);

    /// <summary>Jobs were canceled. Where no job of a recipe is left that may go on, none can be released, blocked or made.</summary>
    /// <param name="beforeCounters">To be waited for before the rows of batches are written, which others write too.</param>
    public Task NoteCanceled(EngineTransaction transaction, IReadOnlyCollection<long> jobIds, Task beforeCounters) =>
        Note(transaction, jobIds, new Move(Canceled, IsOpen, NodeStates.HaveEnded, RecipeWrites.Cancel), beforeCounters);

    private static bool IsOpen(char state) => NodeStates.StatusOf(state) is not (null or JobStatus.Completed or JobStatus.Canceled);

    private async Task Note(EngineTransaction transaction, IReadOnlyCollection<long> jobIds, Move move, Task beforeCounters)
    {
        var session = transaction.Session;
        var places = await RecipeReads.PlacesOfJobs(session, [.. jobIds]);
        await catalog.Load(session, places.Select(p => p.RevisionId));
        var batches = new BatchCounters();
        var moved = new List<MovedRecipe>();
        foreach (var recipe in places.GroupBy(p => p.RecipeId))
        {
            var first = recipe.First();
            var graph = catalog[first.RevisionId].Graph;
            if (first.IsContained || transaction.TouchedRecipes.Contains(recipe.Key) || move.Of(graph, first.States, recipe.Select(p => p.Node)) is not { } states)
            {
                transaction.TouchedRecipes.Add(recipe.Key);
                continue;
            }

            moved.Add(new MovedRecipe(recipe.Key, states, recipe.Count()));
            if (first.BatchId is { } batch)
            {
                batches.Add(batch, NodeStates.Count(states) - NodeStates.Count(first.States), 0, 0);
                foreach (var change in NodeStates.Delta(first.States, states))
                {
                    batches.Move(batch, graph.Nodes[change.Index].Name, change.Old, change.New, null);
                }
            }
        }

        await move.Write(session, moved, transaction.Now);
        await beforeCounters;
        await batches.Write(session, transaction.Now);
    }

    /// <param name="To">State of the jobs that moved.</param>
    /// <param name="IsFrom">Whether a job of that state could.</param>
    /// <param name="IsAll">Whether nothing more follows in a recipe of these states.</param>
    private sealed record Move(char To, Func<char, bool> IsFrom, Func<string, bool> IsAll, Func<Session, IReadOnlyList<MovedRecipe>, DateTime, Task> Write)
    {
        /// <returns>The states with these nodes moved; null when one of them is not where it was thought to be or more follows.</returns>
        public string? Of(RecipeGraph graph, string old, IEnumerable<string> nodes)
        {
            var states = old.ToCharArray();
            foreach (var node in nodes)
            {
                if (graph.IndexOf(node) is not (>= 0 and var index) || index >= states.Length || !IsFrom(states[index]))
                {
                    return null;
                }

                states[index] = To;
            }

            var moved = new string(states);
            return IsAll(moved) ? moved : null;
        }
    }
}
