using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>Evaluates recipes in rounds: what one round touches (containers, recipes that share a job, new sub-recipes) is the next.</summary>
/// <param name="transitions">Asked for at the first evaluation, as moving jobs touches recipes in turn.</param>
public sealed class RecipeEvaluation(RecipeTypeCatalog catalog, Func<IJobTransitions> transitions) : IRecipeEvaluation
{
    /// <summary>Recipes loaded at once.</summary>
    private const int RoundSize = 1000;

    /// <summary>New recipes of the first round; every further one takes twice as many, so that the database soon has rows to write while more are made.</summary>
    private const int FirstRound = 125;

    /// <summary>Touched recipes evaluated in one transaction; the rest waits in <c>recipe_dirty</c>.</summary>
    private const int Limit = 4000;

    public async Task TouchRecipesOf(EngineTransaction transaction, IReadOnlyCollection<long> jobIds)
    {
        if (jobIds.Count > 0)
        {
            transaction.TouchedRecipes.UnionWith(await RecipeReads.HoldersOfJobs(transaction.Session, [.. jobIds]));
        }
    }

    public Task NoteRunning(EngineTransaction transaction, IReadOnlyCollection<long> jobIds) =>
        jobIds.Count == 0 ? Task.CompletedTask : new PlainMoves(catalog).NoteRunning(transaction, jobIds);

    public Task NoteCanceled(EngineTransaction transaction, IReadOnlyCollection<long> jobIds, Task beforeCounters) =>
        jobIds.Count == 0 ? beforeCounters : new PlainMoves(catalog).NoteCanceled(transaction, jobIds, beforeCounters);

    public Task EvaluateTouched(EngineTransaction transaction) => Evaluate(transaction, []);

    public async Task EvaluateLater(EngineTransaction transaction)
    {
        await RecipeWrites.AppendDirty(transaction.Session, [.. transaction.TouchedRecipes.Order()]);
        transaction.TouchedRecipes.Clear();
    }

    public async Task<int> TakeDirty(EngineTransaction transaction, int limit)
    {
        var taken = await RecipeWrites.TakeDirty(transaction.Session, limit);
        transaction.TouchedRecipes.UnionWith(taken);
        return taken.Count;
    }

    /// <summary>Evaluates recipes that are not inserted yet and inserts them, then everything that is touched.</summary>
    /// <param name="beforeCounters">To be waited for before the rows of batches are written, which others write too.</param>
    internal async Task Evaluate(EngineTransaction transaction, IReadOnlyList<RecipeWork> fresh, Task? beforeCounters = null)
    {
        var batches = new BatchCounters();
        var newSubRecipes = new Queue<NewSubRecipe>();
        var reads = new RoundReads(transaction.Session);
        await reads.Files.Load(fresh.Where(w => w.Row is { Input: not null, InputSummary: null }).Select(w => w.Input));
        for (var (first, size) = (0, FirstRound); first < fresh.Count; first += size, size = Math.Min(2 * size, RoundSize))
        {
            var round = new RecipeRound(transaction, catalog, transitions()) { Reads = reads };
            for (var i = first; i < Math.Min(first + size, fresh.Count); i++)
            {
                round.Add(fresh[i]);
            }

            await Run(round, batches, newSubRecipes);
        }

        var evaluated = 0;
        while (true)
        {
            if (newSubRecipes.Count > 0)
            {
                var round = new RecipeRound(transaction, catalog, transitions());
                await RecipeReprocess.AddSubRecipes(round, Take(newSubRecipes), transitions());
                await Run(round, batches, newSubRecipes);
            }
            else if (transaction.TouchedRecipes.Count > 0 && evaluated < Limit)
            {
                var ids = transaction.TouchedRecipes.Order().Take(RoundSize).ToArray();
                transaction.TouchedRecipes.ExceptWith(ids);
                evaluated += ids.Length;
                var round = new RecipeRound(transaction, catalog, transitions());
                await round.Load(ids);
                await Run(round, batches, newSubRecipes);
            }
            else
            {
                break;
            }
        }

        await EvaluateLater(transaction);
        await (beforeCounters ?? Task.CompletedTask);
        await batches.Write(transaction.Session, transaction.Now);
    }

    private static async Task Run(RecipeRound round, BatchCounters batches, Queue<NewSubRecipe> newSubRecipes)
    {
        await round.Run(batches);
        foreach (var sub in round.NewSubRecipes)
        {
            newSubRecipes.Enqueue(sub);
        }
    }

    private static List<NewSubRecipe> Take(Queue<NewSubRecipe> queue)
    {
        var taken = new List<NewSubRecipe>();
        while (taken.Count < RoundSize && queue.TryDequeue(out var next))
        {
            taken.Add(next);
        }

        return taken;
    }
}
