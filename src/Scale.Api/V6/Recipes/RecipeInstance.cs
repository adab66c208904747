using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Scale.Api.V6.Jobs;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Api.V6.Recipes;

/// <summary>The instance JSON of a recipe: what stands at each node that exists (recipes.md §9).</summary>
internal static class RecipeInstance
{
    public static async Task<JsonObject> Read(ScaleContext context, long recipeId, RecipeGraph graph, CancellationToken cancel)
    {
        var existing = await context.RecipeNodes.Where(n => n.RecipeId == recipeId).ToDictionaryAsync(n => n.NodeName, cancel);
        var jobIds = existing.Values.Select(n => n.JobId).OfType<long>().ToList();
        var jobs = await context.Jobs.Where(j => jobIds.Contains(j.Id)).Select(j => new { j.Id, j.Status, j.CancelReason }).ToDictionaryAsync(j => j.Id, cancel);
        var conditionIds = existing.Values.Select(n => n.ConditionId).OfType<long>().ToList();
        var conditions = conditionIds.Count == 0 ? [] : await context.RecipeConditions.Where(c => conditionIds.Contains(c.Id)).ToDictionaryAsync(c => c.Id, cancel);
        var subRecipeIds = existing.Values.Select(n => n.SubRecipeId).OfType<long>().ToList();
        var subRecipes = subRecipeIds.Count == 0 ? [] : (await RecipeAnswers.Read(context, subRecipeIds, cancel)).ToDictionary(r => r.Id);

        var nodes = new JsonObject();
        var states = new NodeState[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            if (!existing.TryGetValue(node.Name, out var row))
            {
                continue;
            }

            var type = node.Type switch
            {
                NodeType.Job job when row.JobId is { } id && jobs.TryGetValue(id, out var made) => WithError(
                    new JsonObject
                    {
                        ["node_type"] = "job",
                        ["job_type_name"] = job.Name,
                        ["job_type_version"] = job.Version,
                        ["job_type_revision"] = job.Revision,
                        ["job_id"] = id,
                        ["status"] = made.Status.NameOf(),
                    },
                    made.Status == JobStatus.Canceled ? made.CancelReason : null),
                NodeType.Recipe recipe when row.SubRecipeId is { } id && subRecipes.TryGetValue(id, out var subRecipe) => WithError(SubRecipe(recipe, subRecipe), subRecipe.Error),
                NodeType.Condition when row.ConditionId is { } id && conditions.TryGetValue(id, out var condition) => WithError(
                    new JsonObject
                    {
                        ["node_type"] = "condition",
                        ["condition_id"] = id,
                        ["is_processed"] = condition.IsProcessed,
                        ["is_accepted"] = condition.IsAccepted,
                    },
                    condition.Error),
                _ => null,
            };
            states[node.Index] = new NodeState { Exists = true };
            if (row.ConditionId is { } conditionId && conditions.TryGetValue(conditionId, out var decided))
            {
                states[node.Index] = new NodeState { Exists = true, IsProcessed = decided.IsProcessed, IsAccepted = decided.IsAccepted, HasError = decided.Error is not null };
            }

            if (type is not null)
            {
                nodes[node.Name] = new JsonObject
                {
                    ["dependencies"] = Dependencies(graph, node),
                    ["node_type"] = type,
                };
            }
        }

        return new JsonObject { ["nodes"] = nodes, ["absent_nodes"] = Absent(graph, states) };
    }

    /// <summary>Nodes that do not exist, and why: an addition beside the nodes, where old clients look for existing ones only.</summary>
    private static JsonObject Absent(RecipeGraph graph, NodeState[] states) => new(AbsentNodes.Explain(graph, states).Select(absent => KeyValuePair.Create(
        absent.Node.Name,
        (JsonNode?)new JsonObject
        {
            ["dependencies"] = Dependencies(graph, absent.Node),
            ["state"] = absent.IsPruned ? "pruned" : "waiting",
            ["reason"] = absent.Reason,
        })));

    private static JsonArray Dependencies(RecipeGraph graph, GraphNode node) =>
        new([.. node.Parents.Select(p => (JsonNode)new JsonObject { ["name"] = graph.Nodes[p.Index].Name })]);

    /// <summary>Says why something can't go on: a member that is there only then.</summary>
    private static JsonObject WithError(JsonObject type, string? error)
    {
        if (error is not null)
        {
            type["error"] = error;
        }

        return type;
    }

    private static JsonObject SubRecipe(NodeType.Recipe type, RecipeAnswer recipe) => new()
    {
        ["node_type"] = "recipe",
        ["recipe_type_name"] = type.Name,
        ["recipe_type_revision"] = type.Revision,
        ["recipe_id"] = recipe.Id,
        ["is_completed"] = recipe.IsCompleted,
        ["jobs_total"] = recipe.JobsTotal,
        ["jobs_pending"] = recipe.JobsPending,
        ["jobs_blocked"] = recipe.JobsBlocked,
        ["jobs_queued"] = recipe.JobsQueued,
        ["jobs_running"] = recipe.JobsRunning,
        ["jobs_failed"] = recipe.JobsFailed,
        ["jobs_completed"] = recipe.JobsCompleted,
        ["jobs_canceled"] = recipe.JobsCanceled,
        ["sub_recipes_total"] = recipe.SubRecipesTotal,
        ["sub_recipes_completed"] = recipe.SubRecipesCompleted,
    };
}
