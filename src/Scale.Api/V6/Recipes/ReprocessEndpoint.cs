using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Api.V6.Recipes;

/// <summary>Reprocessing of one recipe (recipes.md §3).</summary>
internal static class ReprocessEndpoint
{
    public static readonly Parameter[] Body =
    [
        Parameter.Object("forced_nodes", "Nodes to run again although unchanged; the members of the object may also stand in the body itself.", required: true),
        Parameter.Integer("revision_num", "Revision to reprocess to, also an older one; the latest when absent or 0."),
        Parameter.Boolean("dry_run", "Addition: show the diff and how many jobs would run, be taken over and be canceled, and change nothing."),
    ];

    private static readonly string[] BareMembers = ["version", "all", "nodes", "sub_recipes"];

    public static async Task<IResult> Reprocess(
        long id, RequestParameters request, Caller caller, Database database, EngineSignal signal, [FromServices] ReprocessPlanner planner, CancellationToken cancel)
    {
        var forced = ReadForcedNodes(request);
        var revisionNum = request.OptionalInt("revision_num") ?? 0;
        var isDryRun = request.OptionalBool("dry_run") ?? false;

        long familyId;
        long revisionId;
        await using (var session = await database.Read(cancel))
        {
            (familyId, revisionId) = await Check(session, id, revisionNum, forced, planner, cancel);
            if (isDryRun)
            {
                return Answer.Ok(ReprocessPreviewAnswer.Of((await planner.Preview(session, id, revisionId, forced))!));
            }
        }

        await using (var session = await database.Write(cancel))
        {
            await ReprocessRecipe.Append(session, id, familyId, revisionId, forced, caller.Account?.Username, request.Now);
            await session.Commit();
        }

        signal.Wake();
        return Answer.Accepted();
    }

    /// <summary>The web page sends the members of the forced nodes bare (existing-clients.md).</summary>
    private static ForcedNodes ReadForcedNodes(RequestParameters request)
    {
        var isBare = !request.Has("forced_nodes") && BareMembers.Any(request.Has);
        var json = isBare ? Bare(request.Body) : request.RequiredObject("forced_nodes");
        if (!json.EnumerateObject().Any())
        {
            return ForcedNodes.None;
        }

        var parsed = ForcedNodes.Parse(json);
        return parsed.Document ?? throw ApiProblem.BadDocument("Forced nodes are invalid", parsed.Errors);
    }

    private static JsonElement Bare(JsonElement body) => JsonSerializer.SerializeToElement(new JsonObject(body.EnumerateObject()
        .Where(m => BareMembers.Contains(m.Name))
        .DistinctBy(m => m.Name)
        .Select(m => KeyValuePair.Create(m.Name, JsonSerializer.SerializeToNode(m.Value)))));

    /// <summary>The refusals of recipes.md §3 in their order.</summary>
    private static async Task<(long FamilyId, long RevisionId)> Check(
        Session session, long id, int revisionNum, ForcedNodes forced, ReprocessPlanner planner, CancellationToken cancel)
    {
        await using var context = session.Context();
        var recipe = await context.Recipes.Where(r => r.Id == id)
            .Select(r => new { r.FamilyId, r.IsSuperseded, Container = r.RecipeId, r.RecipeTypeId, r.RecipeType.Name, r.RecipeType.IsActive, LatestId = r.RecipeType.RevisionId })
            .FirstOrDefaultAsync(cancel) ?? throw ApiProblem.NotFound();
        var revision = await context.RecipeTypeRevisions
            .FirstOrDefaultAsync(r => revisionNum == 0 ? r.Id == recipe.LatestId : r.RecipeTypeId == recipe.RecipeTypeId && r.RevisionNum == revisionNum, cancel)
            ?? throw ApiProblem.NotFound();
        if (recipe.IsSuperseded)
        {
            throw ApiProblem.BadRequest($"Recipe {id} is superseded; only the current recipe of its family can be reprocessed.");
        }

        var definition = RecipeDefinition.FromText(revision.Definition);
        var (errors, _) = forced.Check(definition, await DefinitionCatalog.LoadRecipeTypes(session, definition));
        if (errors.Count > 0)
        {
            throw ApiProblem.BadDocument("Forced nodes are invalid", errors);
        }

        if (recipe.Container is { } container)
        {
            throw ApiProblem.BadRequest($"Recipe {id} is a sub-recipe of recipe {container}; reprocess that one.");
        }

        if (!recipe.IsActive)
        {
            throw ApiProblem.BadRequest($"Recipe type {recipe.Name} is not active.");
        }

        var obstacles = await planner.Obstacles(session, id, revision.Id, forced);
        return obstacles.Count == 0 ? (recipe.FamilyId, revision.Id) : throw ApiProblem.BadDocument($"Recipe {id} can't be reprocessed to revision {revision.RevisionNum}", obstacles);
    }
}

/// <summary>What reprocessing would do: an addition.</summary>
public sealed record ReprocessPreviewAnswer(JsonObject Diff, ReprocessCountsAnswer Jobs, IReadOnlyDictionary<string, ReprocessPreviewAnswer> SubRecipes)
{
    public static ReprocessPreviewAnswer Of(ReprocessPreview preview) => new(
        preview.Diff.ToJson(),
        new ReprocessCountsAnswer(preview.Jobs.Run, preview.Jobs.MayRun, preview.Jobs.Refused, preview.Jobs.Copy, preview.Jobs.Supersede, preview.Jobs.Cancel),
        preview.SubRecipes.ToDictionary(s => s.Key, s => Of(s.Value)));
}

/// <summary>Jobs, those of sub-recipes included.</summary>
/// <param name="MayRun">Behind conditions that are still to be decided.</param>
/// <param name="Refused">Canceled as soon as they are made: their input does not fit, or a type is not active.</param>
/// <param name="Copy">Taken over as they are.</param>
/// <param name="Cancel">Those superseded that did not end well yet.</param>
public sealed record ReprocessCountsAnswer(int Run, int MayRun, int Refused, int Copy, int Supersede, int Cancel);
