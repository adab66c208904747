using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Store.Recipes;

namespace Scale.Engine.Jobs;

/// <summary>Cancels many jobs: by several transactions where the database can write two at a time.</summary>
public sealed class BulkCancel(JobTransitions transitions, IRecipeEvaluation evaluation)
{
    /// <param name="most">Jobs that one transaction cancels; more of them are parted so that no recipe holds jobs of two parts.</param>
    /// <param name="note">Stores, in each transaction that is committed before the last, how many of the jobs from the first on are done by then, and how many moved.</param>
    /// <returns>How many moved.</returns>
    public async Task<int> Run(EngineTransaction transaction, IReadOnlyList<long> jobIds, int most, Func<EngineTransaction, int, int, Task> note)
    {
        List<int> ends = jobIds.Count > most && transaction.CanHaveCompany ? JobParting.Cuts(jobIds, await RecipeReads.Holdings(transaction.Session, [.. jobIds]), most) : [];
        ends.Add(jobIds.Count);
        var moved = 0;
        await transaction.InTurns([.. ends.Select((end, i) => (Func<EngineTransaction, Task, Task>)(async (part, before) =>
        {
            var canceled = await transitions.Cancel(part, [.. jobIds.Take(end).Skip(i == 0 ? 0 : ends[i - 1])], before);
            await before;
            moved += canceled.Count;
            if (end < jobIds.Count)
            {
                await evaluation.EvaluateLater(part);
                await note(part, end, moved);
            }
        }))]);
        return moved;
    }
}
