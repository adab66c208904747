using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Store.Recipes;

namespace Scale.Engine.Jobs;

/// <summary>Cancels many jobs: by two transactions at the same time where the database can write two.</summary>
public sealed class BulkCancel(JobTransitions transitions, IRecipeEvaluation evaluation)
{
    /// <param name="most">Jobs that one transaction cancels; more of them are parted so that no recipe holds jobs of both parts.</param>
    /// <param name="noteFirst">Stores, in the transaction that is committed first, that it took so many of the jobs from the first on, and how many moved.</param>
    /// <returns>How many moved.</returns>
    public async Task<int> Run(EngineTransaction transaction, IReadOnlyList<long> jobIds, int most, Func<EngineTransaction, int, int, Task> noteFirst)
    {
        var taken = jobIds.Count > most && transaction.CanHaveCompany ? JobParting.Middle(jobIds, await RecipeReads.Holdings(transaction.Session, [.. jobIds])) : 0;
        if (taken == 0)
        {
            return (await transitions.Cancel(transaction, [.. jobIds])).Count;
        }

        var (movedFirst, moved) = (0, 0);
        await transaction.InTwo(
            async beside =>
            {
                movedFirst = (await transitions.Cancel(beside, [.. jobIds.Take(taken)])).Count;
                await evaluation.EvaluateLater(beside);
                await noteFirst(beside, taken, movedFirst);
            },
            async first => moved = (await transitions.Cancel(transaction, [.. jobIds.Skip(taken)], first)).Count);
        return movedFirst + moved;
    }
}
