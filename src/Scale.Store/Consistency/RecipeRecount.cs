using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Store.Consistency;

/// <summary>Walks over all recipes and recounts what is kept with them and with the nodes of their batches.</summary>
internal sealed class RecipeRecount(Session session)
{
    private const int ChunkSize = 1000;
    private const string CountersRule = "A recipe counts its nodes";
    private const string ProgressRule = "No recipe waits on nothing";
    private const string BatchNodeRule = "A batch counts the jobs at its nodes";
    private const string DurationRule = "A batch counts how long its jobs took";

    private readonly Dictionary<long, RecipeGraph> graphs = [];
    private readonly Dictionary<(long BatchId, string Node), BatchNodeDelta> batchNodes = [];
    private readonly Dictionary<DurationBucket, int> durations = [];
    private readonly HashSet<long> unsettledBatches = [];
    private readonly List<(string Rule, string Text)> findings = [];
    private HashSet<long> dirty = [];

    public static async Task<List<(string Rule, string Text)>> Run(Session session)
    {
        var recount = new RecipeRecount(session);
        await recount.Walk();
        await recount.CompareBatchNodes();
        await recount.CompareDurations();
        return recount.findings;
    }

    private async Task Walk()
    {
        dirty = [.. await session.Query("SELECT DISTINCT recipe_id FROM recipe_dirty", r => r.GetInt64(0))];
        var last = 0L;
        while (true)
        {
            var ids = await session.Query("SELECT id FROM recipe WHERE id > @last ORDER BY id LIMIT @limit", r => r.GetInt64(0), ("last", last), ("limit", ChunkSize));
            if (ids.Count == 0)
            {
                return;
            }

            last = ids[^1];
            await Chunk([.. ids]);
        }
    }

    private async Task Chunk(long[] ids)
    {
        var recipes = await RecipeReads.Recipes(session, ids);
        await LoadGraphs(recipes);
        var conditions = (await RecipeReads.Conditions(session, ids)).DistinctBy(c => c.Id).ToDictionary(c => c.Id);
        var subRecipes = (await RecipeReads.SubRecipes(session, ids)).DistinctBy(s => s.Id).ToDictionary(s => s.Id);
        var nodes = (await RecipeReads.Nodes(session, ids)).ToLookup(n => n.RecipeId);
        foreach (var recipe in recipes)
        {
            Check(recipe, graphs[recipe.RevisionId], [.. nodes[recipe.Id]], conditions, subRecipes);
        }
    }

    private async Task LoadGraphs(List<StoredRecipe> recipes)
    {
        var missing = recipes.Select(r => r.RevisionId).Distinct().Where(id => !graphs.ContainsKey(id)).ToArray();
        if (missing.Length > 0)
        {
            foreach (var revision in await RecipeTypeReads.Revisions(session, missing))
            {
                graphs[revision.Id] = RecipeDefinition.FromText(revision.Definition).Graph;
            }
        }
    }

    private void Check(StoredRecipe recipe, RecipeGraph graph, List<StoredNode> nodes, Dictionary<long, StoredCondition> conditions, Dictionary<long, StoredSubRecipe> subRecipes)
    {
        var states = new NodeState[graph.Nodes.Length];
        var (subTotal, subCompleted, counts) = (0, 0, JobCounts.Zero);
        foreach (var node in nodes)
        {
            var index = graph.IndexOf(node.Name);
            if (index < 0)
            {
                findings.Add((CountersRule, $"recipe {recipe.Id} has node {node.Name}, which its definition has not"));
                continue;
            }

            if (node.SubRecipeId is { } subId && subRecipes.TryGetValue(subId, out var sub))
            {
                counts += sub.Jobs;
                subTotal += 1 + sub.SubRecipesTotal;
                subCompleted += (sub.IsCompleted ? 1 : 0) + sub.SubRecipesCompleted;
                states[index] = sub.State;
            }
            else if (node.ConditionId is { } conditionId && conditions.TryGetValue(conditionId, out var condition))
            {
                states[index] = new NodeState { Exists = true, IsProcessed = condition.IsProcessed, IsAccepted = condition.IsAccepted, HasError = condition.HasError };
            }
            else if (node.JobId is not null)
            {
                states[index] = new NodeState { Exists = true, Status = node.Job.Status, ExecutionCount = node.Job.NumExes, HasInput = node.Job.HasInput };
                CountBatchNode(recipe, node);
            }
        }

        if (dirty.Contains(recipe.Id))
        {
            if (recipe is { BatchId: { } batchId, ContainerId: null })
            {
                unsettledBatches.Add(batchId);
            }

            return;
        }

        var text = NodeStates.Encode(graph, states);
        counts += NodeStates.Count(text);
        if (recipe.NodeStates != text || recipe.Jobs != counts || recipe.SubRecipesTotal != subTotal || recipe.SubRecipesCompleted != subCompleted)
        {
            findings.Add((CountersRule, $"recipe {recipe.Id} keeps '{recipe.NodeStates}' {recipe.Jobs} {recipe.SubRecipesCompleted}/{recipe.SubRecipesTotal}, "
                + $"its nodes are '{text}' {counts} {subCompleted}/{subTotal}"));
        }

        CheckProgress(recipe, graph, states, counts);
    }

    private void CheckProgress(StoredRecipe recipe, RecipeGraph graph, NodeState[] states, JobCounts counts)
    {
        if (recipe.IsCompleted && counts.Completed != counts.Total)
        {
            findings.Add((ProgressRule, $"recipe {recipe.Id} is completed, but {counts.Total - counts.Completed} of its jobs are not"));
        }

        if (recipe.IsSuperseded)
        {
            return;
        }

        var canBegin = recipe.Error is null;
        var step = RecipeProgress.Advance(graph, recipe.Input is not null && canBegin, states, recipe.IsHeldBack || !canBegin);
        var open = step.Create.Length + step.Queue.Length + step.GiveInput.Length + step.Decide.Length
            + step.Block.Length + step.Unblock.Length + step.HoldBack.Length + step.Release.Length;
        open += canBegin ? 0 : states.Count(s => s is { Exists: true, ExecutionCount: 0, Status: JobStatus.Blocked });
        if (open > 0)
        {
            findings.Add((ProgressRule, $"recipe {recipe.Id} could go on at {open} nodes, but nobody evaluates it"));
        }

        if (step.IsDone != recipe.IsCompleted && !recipe.IsCompleted)
        {
            findings.Add((ProgressRule, $"recipe {recipe.Id} is done, but not marked so"));
        }

        var isMoving = counts.Queued + counts.Running + counts.Failed + counts.Canceled > 0 || states.Any(s => s.HasError || s.Blocks);
        if (!recipe.IsCompleted && !isMoving && recipe is { ContainerId: null, Input: not null } && recipe.NodeStates.Length > 0)
        {
            findings.Add((ProgressRule, $"recipe {recipe.Id} has nothing queued, running or failed, and is not complete"));
        }
    }

    private void CountBatchNode(StoredRecipe recipe, StoredNode node)
    {
        if (recipe is not { BatchId: { } batchId, ContainerId: null })
        {
            return;
        }

        var key = (batchId, node.Name);
        var before = batchNodes.TryGetValue(key, out var known) ? known : new BatchNodeDelta(batchId, node.Name, JobCounts.Zero, default, default);
        var job = node.Job;
        before = before with { Jobs = before.Jobs + JobCounts.Of(job.Status) };
        if (job.Status == JobStatus.Completed)
        {
            before = before with { Job = before.Job.With(job.Started, job.Ended), Seed = before.Seed.With(job.MainStarted, job.MainEnded) };
            Count(DurationBucket.Of(batchId, node.Name, DurationKind.Job, job.Started, job.Ended));
            Count(DurationBucket.Of(batchId, node.Name, DurationKind.Seed, job.MainStarted, job.MainEnded));
        }

        batchNodes[key] = before;
    }

    private void Count(DurationBucket? bucket)
    {
        if (bucket is { } key)
        {
            durations[key] = durations.GetValueOrDefault(key) + 1;
        }
    }

    private async Task CompareBatchNodes()
    {
        var kept = await BatchMetrics.AllNodes(session);
        foreach (var (key, node) in kept)
        {
            var counted = batchNodes.Remove(key, out var known) ? known : new BatchNodeDelta(key.BatchId, key.Node, JobCounts.Zero, default, default);
            if (node != counted && !unsettledBatches.Contains(key.BatchId))
            {
                findings.Add((BatchNodeRule, $"batch {key.BatchId} keeps {node} at {key.Node}, there is {counted}"));
            }
        }

        findings.AddRange(batchNodes.Keys.Where(k => !unsettledBatches.Contains(k.BatchId)).Select(k => (BatchNodeRule, $"batch {k.BatchId} keeps nothing of node {k.Node}")));
    }

    private async Task CompareDurations()
    {
        var kept = await BatchDurations.All(session);
        foreach (var bucket in kept.Keys.Union(durations.Keys).Where(b => !unsettledBatches.Contains(b.BatchId)))
        {
            var (stored, counted) = (kept.GetValueOrDefault(bucket), durations.GetValueOrDefault(bucket));
            if (stored != counted)
            {
                findings.Add((DurationRule, $"batch {bucket.BatchId} keeps {stored} jobs in bucket {bucket.Bucket} of {bucket.Kind} durations at {bucket.Node}, there are {counted}"));
            }
        }
    }
}
