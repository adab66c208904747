using Scale.Engine.Leadership;

namespace Scale.Engine.Recipes;

/// <summary>Evaluates touched recipes (recipes.md §10.6) inside the transaction that touched them.</summary>
public interface IRecipeEvaluation
{
    /// <summary>Adds every recipe that holds one of the jobs to the touched ones.</summary>
    Task TouchRecipesOf(EngineTransaction transaction, IReadOnlyCollection<long> jobIds);

    /// <summary>Lets every recipe that holds one of the jobs know that it began to run.</summary>
    Task NoteRunning(EngineTransaction transaction, IReadOnlyCollection<long> jobIds);

    /// <summary>Lets every recipe that holds one of the jobs know that it was canceled.</summary>
    /// <param name="beforeCounters">To be waited for before the rows of batches are written, which others write too.</param>
    Task NoteCanceled(EngineTransaction transaction, IReadOnlyCollection<long> jobIds, Task beforeCounters);

    /// <summary>
    /// Evaluates up to a bounded number of touched recipes and appends the rest to <c>recipe_dirty</c>; creates, queues, blocks and cancels jobs,
    /// moves counters of recipes and batches. Call right before the commit.
    /// </summary>
    Task EvaluateTouched(EngineTransaction transaction);

    /// <summary>Appends all touched recipes to <c>recipe_dirty</c>.</summary>
    Task EvaluateLater(EngineTransaction transaction);

    /// <summary>Takes up to <paramref name="limit"/> recipes from <c>recipe_dirty</c> into the touched ones.</summary>
    /// <returns>How many dirty rows were taken.</returns>
    Task<int> TakeDirty(EngineTransaction transaction, int limit);
}
