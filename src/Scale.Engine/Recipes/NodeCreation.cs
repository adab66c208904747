using Scale.Model.Jobs;
using Scale.Model.JobTypes;
using Scale.Model.Recipes;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>A recipe to be made for a recipe node.</summary>
/// <param name="OldId">Sub-recipe at the same node of the superseded container, to be reprocessed into this one; null to make everything new.</param>
/// <param name="Forced">What runs again in it although unchanged.</param>
internal sealed record NewSubRecipe(StoredRecipe Row, long? OldId, ForcedNodes Forced);

/// <summary>Makes the jobs, conditions and sub-recipes of nodes that come to exist (recipes.md §10.6).</summary>
internal sealed class NodeCreation(RecipeRound round)
{
    private const string NoConfiguration = "{}";

    private readonly HashSet<long> activeRecipeTypes = [];
    private readonly Dictionary<(long RecipeId, string Node), Predecessor> predecessors = [];
    private readonly HashSet<long> recipesWithPredecessors = [];
    private readonly Dictionary<(long JobTypeId, long RevisionId, string Configuration), string> configurations = [];
    private readonly Queue<long> jobIds = new();
    private readonly Queue<long> conditionIds = new();
    private readonly Queue<long> recipeIds = new();

    /// <summary>Reads what the nodes to be created depend on and reserves their ids.</summary>
    public async Task Prepare(IReadOnlyList<(RecipeWork Work, RecipeStep Step)> steps)
    {
        var targets = new HashSet<long>();
        var subTypes = new HashSet<long>();
        var superseded = new HashSet<long>();
        var (jobs, conditions, recipes) = (0, 0, 0);
        foreach (var (work, step) in steps)
        {
            foreach (var index in step.Create)
            {
                switch (work.Revision.Targets[index])
                {
                    case NodeTarget.Job job:
                        jobs++;
                        targets.Add(job.JobTypeId);
                        break;
                    case NodeTarget.Recipe recipe:
                        recipes++;
                        subTypes.Add(recipe.RecipeTypeId);
                        break;
                    default:
                        conditions++;
                        break;
                }
            }

            if (step.Create.Length > 0 && work.Row.SupersededRecipeId is { } old && recipesWithPredecessors.Add(old))
            {
                superseded.Add(old);
            }
        }

        await round.Reads.LoadJobTypes(targets);
        if (subTypes.Count > 0)
        {
            activeRecipeTypes.UnionWith(await RecipeTypeReads.ActiveRecipeTypes(round.Session, [.. subTypes]));
        }

        if (superseded.Count > 0)
        {
            foreach (var predecessor in await RecipeReads.Predecessors(round.Session, [.. superseded]))
            {
                predecessors[(predecessor.RecipeId, predecessor.Node)] = predecessor;
            }
        }

        await Reserve("job", jobs, jobIds);
        await Reserve("recipe_condition", conditions, conditionIds);
        await Reserve("recipe", recipes, recipeIds);
    }

    /// <returns>Whether the recipe has to be advanced again: a job could only be made CANCELED, or a sub-recipe can't begin.</returns>
    public bool Apply(RecipeWork work, RecipeStep step)
    {
        var again = false;
        foreach (var index in step.Create)
        {
            var node = work.Revision.Targets[index] switch
            {
                NodeTarget.Job job => NewJob(work, job, step.CreateBlocked.Contains(index)),
                NodeTarget.Recipe recipe => NewRecipe(work, index, recipe, step.CreateBlocked.Contains(index)),
                _ => (NodeWork)new ConditionWork { Id = conditionIds.Dequeue(), IsNew = true },
            };
            work.Nodes[index] = node;
            work.NewNodes.Add(index);
            again |= node is JobWork { Status: JobStatus.Canceled } or SubRecipeWork { Error: not null };
        }

        return again;
    }

    /// <summary>The job that the new one at that node supersedes.</summary>
    public Predecessor PredecessorOf(RecipeWork work, int index) => work.Row.SupersededRecipeId is { } old
        ? predecessors.GetValueOrDefault((old, work.Graph.Nodes[index].Name))
        : default;

    public JobTypeNow TypeOf(JobWork job) => round.Reads.JobType(job.JobTypeId);

    private async Task Reserve(string table, int count, Queue<long> ids)
    {
        foreach (var id in await round.AllocateIds(table, count))
        {
            ids.Enqueue(id);
        }
    }

    private JobWork NewJob(RecipeWork work, NodeTarget.Job target, bool isBlocked)
    {
        var type = round.Reads.JobType(target.JobTypeId);
        var job = new JobWork
        {
            Id = jobIds.Dequeue(),
            IsNew = true,
            JobTypeId = target.JobTypeId,
            StoredStatus = JobStatus.Pending,
            Status = isBlocked ? JobStatus.Blocked : JobStatus.Pending,
            Configuration = ConfigurationOf(work, target, type),
            BatchId = work.Row.BatchId,
        };
        if (!type.IsActive)
        {
            // A type that was switched off meanwhile gets no new work; the recipe shows it instead of waiting for ever.
            job.CancelBecause($"Job type {target.Manifest.Name} {target.Manifest.JobVersion} is not active.");
        }

        return job;
    }

    /// <summary>Null, which reads the job type's configuration when it is needed, unless the recipe has something of its own to say.</summary>
    private string? ConfigurationOf(RecipeWork work, NodeTarget.Job target, JobTypeNow type)
    {
        if (work.Row.Configuration == NoConfiguration)
        {
            return null;
        }

        var key = (target.JobTypeId, target.RevisionId, work.Row.Configuration);
        if (!configurations.TryGetValue(key, out var merged))
        {
            configurations[key] = merged = JobConfiguration.FromText(type.Configuration)
                .OverlaidBy(JobConfiguration.FromText(work.Row.Configuration))
                .WithoutSecrets(target.Manifest)
                .ToText();
        }

        return merged;
    }

    private SubRecipeWork NewRecipe(RecipeWork work, int index, NodeTarget.Recipe target, bool isHeldBack)
    {
        var name = work.Graph.Nodes[index].Name;
        var id = recipeIds.Dequeue();
        var predecessor = PredecessorOf(work, index);
        var isReprocessed = work.Reprocessing?.Partly.Contains(name) == true;
        var row = new StoredRecipe
        {
            Id = id,
            RecipeTypeId = target.RecipeTypeId,
            RevisionId = target.RevisionId,
            EventId = work.Row.EventId,
            IngestEventId = work.Row.IngestEventId,
            BatchId = work.Row.BatchId,
            ContainerId = work.Row.Id,
            RootRecipeId = work.Row.FamilyId,
            TopRecipeId = work.Row.TopRecipeId,
            FamilyId = predecessor.SubFamilyId ?? id,
            SupersededRecipeId = predecessor.SubRecipeId,
            RootSupersededRecipeId = predecessor.SubFamilyId,
            Configuration = work.Row.Configuration,
            Created = round.Now,
        };
        round.NewSubRecipes.Add(new NewSubRecipe(row, isReprocessed ? predecessor.SubRecipeId : null, work.Reprocessing?.Forced.Inside(name) ?? ForcedNodes.None));
        var sub = new SubRecipeWork { Id = id, IsNew = true, RecipeTypeId = target.RecipeTypeId, NewRow = row };
        if (isHeldBack)
        {
            sub.HoldBack(true);
        }

        if (!activeRecipeTypes.Contains(target.RecipeTypeId))
        {
            sub.Refuse($"Recipe type {((NodeType.Recipe)work.Graph.Nodes[index].Type).Name} is not active.");
        }

        return sub;
    }
}
