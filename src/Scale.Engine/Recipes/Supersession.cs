using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Model.Jobs;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>Collects what reprocessing replaces, and supersedes it all at once (recipes.md §11.5).</summary>
internal sealed class Supersession(EngineTransaction transaction, IJobTransitions transitions)
{
    private readonly HashSet<long> recipes = [];
    private readonly HashSet<long> jobs = [];
    private readonly HashSet<long> unpublished = [];
    private readonly Dictionary<long, bool> wholeRecipes = [];
    private readonly HashSet<long> toCancel = [];

    public void AddRecipe(long id) => recipes.Add(id);

    /// <summary>A node of an old recipe that is replaced or, with <paramref name="unpublish"/>, deleted.</summary>
    /// <param name="isWhole">Of a sub-recipe: everything in it goes too.</param>
    public void AddNode(NodeWork node, bool isWhole, bool unpublish)
    {
        switch (node)
        {
            case JobWork job:
                AddJob(job.Id, job.Status, unpublish);
                break;
            case SubRecipeWork sub when isWhole:
                wholeRecipes[sub.Id] = unpublish || wholeRecipes.GetValueOrDefault(sub.Id);
                break;
            case SubRecipeWork sub:
                recipes.Add(sub.Id);
                break;
        }
    }

    public void AddWholeRecipe(long id) => wholeRecipes.TryAdd(id, false);

    public async Task Write()
    {
        await Descend();
        var session = transaction.Session;
        if (recipes.Count > 0)
        {
            await RecipeWrites.Supersede(session, [.. recipes.Order()], transaction.Now);
        }

        await RecipeJobWrites.Supersede(session, [.. jobs.Order()], transaction.Now);
        await RecipeJobWrites.Unpublish(session, [.. unpublished.Order()], transaction.Now);
        if (toCancel.Count > 0)
        {
            await transitions.CancelEvaluated(transaction, [.. toCancel.Order()]);

            // Its counters move in every recipe that holds it, the superseded one first of all.
            transaction.TouchedRecipes.UnionWith(await RecipeReads.HoldersOfJobs(session, [.. toCancel]));
        }
    }

    private void AddJob(long id, JobStatus status, bool unpublish)
    {
        jobs.Add(id);
        if (unpublish)
        {
            unpublished.Add(id);
        }

        if (status is not (JobStatus.Completed or JobStatus.Canceled))
        {
            toCancel.Add(id);
        }
    }

    /// <summary>One read per level of sub-recipes.</summary>
    private async Task Descend()
    {
        while (wholeRecipes.Count > 0)
        {
            var level = wholeRecipes.ToDictionary();
            wholeRecipes.Clear();
            recipes.UnionWith(level.Keys);
            foreach (var node in await RecipeReads.Nodes(transaction.Session, [.. level.Keys]))
            {
                if (node.JobId is { } jobId)
                {
                    AddJob(jobId, node.Job.Status, level[node.RecipeId]);
                }
                else if (node.SubRecipeId is { } subRecipeId && !recipes.Contains(subRecipeId))
                {
                    wholeRecipes[subRecipeId] = level[node.RecipeId];
                }
            }
        }
    }
}
