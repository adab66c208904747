using Microsoft.EntityFrameworkCore;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Api.V6.Jobs;

/// <summary>Which nodes of its recipe a job waits for, or is blocked by.</summary>
internal static class WaitingInRecipe
{
    private enum NodeKind
    {
        Waiting,
        Done,
        Broken,
    }

    private sealed record Node(NodeKind Kind, WaitingFor Shown);

    public static async Task<WaitingReason> Of(ScaleContext context, long recipeId, long jobId, JobStatus status, CancellationToken cancel)
    {
        var recipe = await context.Recipes.Where(r => r.Id == recipeId).Select(r => new { r.RecipeTypeRevId, HasInput = r.Input != null, IsInner = r.RecipeId != null }).FirstAsync(cancel);
        var definition = await context.RecipeTypeRevisions.Where(r => r.Id == recipe.RecipeTypeRevId).Select(r => r.Definition).FirstAsync(cancel);
        var graph = RecipeDefinition.FromText(definition).Graph;
        var nodes = await Nodes(context, recipeId, graph, cancel);
        var own = Array.FindIndex(nodes, n => n.Shown.JobId == jobId);
        if (own < 0)
        {
            return new WaitingReason("NOT_STARTED", "It is not at a node of its recipe.", []);
        }

        if (status == JobStatus.Blocked)
        {
            var broken = Ancestors(graph, own).Where(i => nodes[i].Kind == NodeKind.Broken).Select(i => nodes[i].Shown).ToList();
            return new WaitingReason("BLOCKED", broken.Count == 0 ? "A job before it did not complete." : $"It is blocked by {Listed(broken)}.", [], WaitsFor: broken);
        }

        var open = graph.Nodes[own].Parents.Select(p => nodes[p.Index]).Where(n => n.Kind != NodeKind.Done).Select(n => n.Shown).ToList();
        return open.Count > 0 ? new WaitingReason("PARENTS", $"It waits for {Listed(open)}.", [], WaitsFor: open)
            : recipe is { IsInner: true, HasInput: false } ? new WaitingReason("RECIPE_WITHOUT_INPUT", "The recipe around its recipe has not come so far.", [])
            : new WaitingReason("EVALUATION", "Everything before it is done; it is about to be queued.", []);
    }

    private static async Task<Node[]> Nodes(ScaleContext context, long recipeId, RecipeGraph graph, CancellationToken cancel)
    {
        var rows = await context.RecipeNodes.Where(n => n.RecipeId == recipeId).ToListAsync(cancel);
        var jobIds = rows.Select(n => n.JobId).OfType<long>().ToList();
        var conditionIds = rows.Select(n => n.ConditionId).OfType<long>().ToList();
        var subRecipeIds = rows.Select(n => n.SubRecipeId).OfType<long>().ToList();
        var jobs = await context.Jobs.Where(j => jobIds.Contains(j.Id)).Select(j => new { j.Id, j.Status }).ToDictionaryAsync(j => j.Id, j => j.Status, cancel);
        var conditions = await context.RecipeConditions.Where(c => conditionIds.Contains(c.Id)).Select(c => new { c.Id, c.IsProcessed }).ToDictionaryAsync(c => c.Id, c => c.IsProcessed, cancel);
        var subRecipes = await context.Recipes.Where(r => subRecipeIds.Contains(r.Id)).Select(r => new { r.Id, r.IsCompleted }).ToDictionaryAsync(r => r.Id, r => r.IsCompleted, cancel);

        var nodes = graph.Nodes.Select(n => new Node(NodeKind.Waiting, new WaitingFor(n.Name, null, null))).ToArray();
        foreach (var row in rows.Where(r => graph.IndexOf(r.NodeName) >= 0))
        {
            var isDone = (row.ConditionId is { } condition && conditions.GetValueOrDefault(condition)) || (row.SubRecipeId is { } sub && subRecipes.GetValueOrDefault(sub));
            nodes[graph.IndexOf(row.NodeName)] = row.JobId is { } job && jobs.TryGetValue(job, out var status)
                ? new Node(
                    status == JobStatus.Completed ? NodeKind.Done : status is JobStatus.Failed or JobStatus.Canceled ? NodeKind.Broken : NodeKind.Waiting,
                    new WaitingFor(row.NodeName, job, status.NameOf()))
                : new Node(isDone ? NodeKind.Done : NodeKind.Waiting, new WaitingFor(row.NodeName, null, null));
        }

        return nodes;
    }

    private static List<int> Ancestors(RecipeGraph graph, int node)
    {
        var found = new HashSet<int>();
        var open = new Queue<int>([node]);
        while (open.TryDequeue(out var next))
        {
            foreach (var parent in graph.Nodes[next].Parents.Where(p => found.Add(p.Index)))
            {
                open.Enqueue(parent.Index);
            }
        }

        return [.. found.Order()];
    }

    private static string Listed(IEnumerable<WaitingFor> nodes) =>
        string.Join(", ", nodes.Select(n => n.JobId is { } job ? $"{n.Node} (job {job}, {n.Status})" : n.Node));
}
