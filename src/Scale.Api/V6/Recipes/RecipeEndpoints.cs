using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.Files;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.JobTypes;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Files;

namespace Scale.Api.V6.Recipes;

/// <summary>Recipe instances (recipes.md §3).</summary>
internal static class RecipeEndpoints
{
    public static void MapRecipes(this IEndpointRouteBuilder v6)
    {
        var recipes = v6.MapGroup("/recipes").WithTags("Recipes");
        recipes.MapGet("/", List).WithName("ListRecipes").WithSummary("Recipes, sub-recipes and superseded ones too.")
            .Query(RecipeFilter.Parameters).Query(Parameter.Order(RecipeFilter.Fields.Names)).Query(Parameter.Paging);
        recipes.MapPost("/", Create).WithName("CreateRecipe").WithSummary("Make and start one recipe.")
            .WithDescription(Answer.CreationWarnings)
            .Fields(
                Parameter.Integer("recipe_type_id", "Recipe type; its latest revision is taken.", required: true),
                Parameter.Object("input", "Data for the inputs."),
                Parameter.Object("configuration", "Overlays the configuration of the job types."));
        recipes.MapGet("/{id:id}/", Get).WithName("GetRecipe").WithSummary("One recipe with what stands at its nodes.");
        recipes.MapPost("/{id:id}/reprocess/", ReprocessEndpoint.Reprocess).WithName("ReprocessRecipe")
            .WithSummary("Replace a recipe by one that runs again what changed or is forced.").Fields(ReprocessEndpoint.Body);
        recipes.MapGet("/{id:id}/input_files/", ListInputFiles).WithName("ListRecipeInputFiles").WithSummary("Files that went into a recipe.")
            .Query(InputFileFilter.Parameters).Query(Parameter.Text("recipe_input", "Files of this input only.")).Query(Parameter.Paging);
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var recipes = RecipeFilter.Fields.Apply(RecipeFilter.Apply(context, request), request);
        return Answer.Ok(await request.Page(recipes.Select(r => r.Id), async ids => await RecipeAnswers.Read(context, ids, cancel), cancel));
    }

    private static async Task<IResult> Get(long id, Database database, RecipeTypeCatalog recipeTypes, CancellationToken cancel) =>
        Answer.Ok(await RecipeDetails.Read(database, recipeTypes, id, cancel) ?? throw ApiProblem.NotFound());

    private static async Task<IResult> ListInputFiles(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var filter = InputFileFilter.Read(request);
        var input = request.OptionalText("recipe_input");
        var recipe = await context.Recipes.Where(r => r.Id == id).Select(r => new { r.Input, IsProcessed = r.InputFileSize != null }).FirstOrDefaultAsync(cancel);

        IQueryable<FileRow> files;
        if (recipe is { IsProcessed: false, Input: { } data })
        {
            var ids = DataValues.FromText(data).Files.Where(f => input is null || f.Key == input).SelectMany(f => f.Value).Distinct().ToList();
            files = context.Files.Where(f => ids.Contains(f.Id));
        }
        else
        {
            var links = context.RecipeInputFiles.Where(l => l.RecipeId == id && (input == null || l.InputName == input)).Select(l => l.FileId);
            files = context.Files.Where(f => links.Contains(f.Id));
        }

        var ordered = filter.Apply(files).OrderBy(f => f.LastModified).ThenBy(f => f.Id).Select(f => f.Id);
        return Answer.Ok(await request.Page(ordered, async page => await FileAnswers.Read(context, page, cancel), cancel));
    }

    private static async Task<IResult> Create(
        RequestParameters request, Caller caller, Database database, RecipeTypeCatalog recipeTypes, EngineSignal signal, CancellationToken cancel)
    {
        var typeId = request.RequiredLong("recipe_type_id");
        var given = request.OptionalObject("input");
        var input = given is { } json ? DataValues.Parse(json) : null;
        if (input is { IsValid: false })
        {
            throw ApiProblem.BadDocument("Recipe input is invalid", input.Errors);
        }

        long id;
        IReadOnlyList<Problem> warnings = [];
        await using (var reads = database.Context())
        {
            var type = await reads.RecipeTypes.FirstOrDefaultAsync(t => t.Id == typeId, cancel) ?? throw ApiProblem.NotFound();
            var configuration = await ReadConfiguration(reads, request.OptionalObject("configuration"), LegacyWorkspace(given), cancel);
            if (!type.IsActive)
            {
                throw ApiProblem.BadRequest($"Recipe type {type.Name} is not active.");
            }

            var (values, errors) = (input?.Document ?? DataValues.Empty).Validate(RecipeDefinition.FromText(type.Definition).Graph.Input);
            if (errors.Count > 0)
            {
                throw ApiProblem.BadDocument("Recipe input is invalid", errors);
            }

            await FileChecks.RequireExisting(reads, [.. values.FileIds], cancel);
            await using var session = await database.Write(cancel);

            // A secret belongs to its job type (job-types-and-seed.md §6); one that is given here by mistake must not be stored for all to read.
            if (configuration.Settings is { Count: > 0 })
            {
                var secrets = await recipeTypes.SecretSettings(session, type.RevisionId);
                warnings = configuration.IgnoredSecrets(secrets);
                configuration = configuration.WithoutSettings(secrets);
            }

            id = await RecipeCreation.Create(session, RecipeRequest.ByUser(type.Id, type.RevisionId, values, TextOf(configuration), caller.Account?.Username), request.Now);
            await session.Commit();
        }

        signal.Wake();
        return Answer.Created(request.Link($"recipes/{id}/"), (await RecipeDetails.Read(database, recipeTypes, id, cancel))!, warnings);
    }

    /// <summary>Id of the workspace that data of v5 and before name for their products; null when they do not.</summary>
    private static long? LegacyWorkspace(JsonElement? input) =>
        input is { } json && json.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String && version.ValueEquals("1.0"u8)
        && json.TryGetProperty("workspace_id", out var workspace) && workspace.ValueKind == JsonValueKind.Number && workspace.TryGetInt64(out var id) ? id : null;

    /// <param name="legacyWorkspace">Where products go when the configuration does not say (recipes.md §8).</param>
    private static async Task<JobConfiguration> ReadConfiguration(ScaleContext context, JsonElement? given, long? legacyWorkspace, CancellationToken cancel)
    {
        var parsed = given is { } json ? RecipeConfiguration.Parse(json) : new Parsed<JobConfiguration>(JobConfiguration.Empty, [], []);
        if (parsed.Document is not { } configuration)
        {
            throw ApiProblem.BadDocument("Recipe configuration is invalid", parsed.Errors);
        }

        if (legacyWorkspace is { } id && string.IsNullOrEmpty(configuration.DefaultWorkspace))
        {
            var name = await context.Workspaces.Where(w => w.Id == id).Select(w => w.Name).FirstOrDefaultAsync(cancel)
                ?? throw ApiProblem.BadRequest($"Recipe input is invalid: there is no workspace {id}.");
            configuration = configuration with { DefaultWorkspace = name };
        }

        var named = (configuration.OutputWorkspaces?.Values ?? []).Append(configuration.DefaultWorkspace).Where(n => !string.IsNullOrEmpty(n)).Distinct().ToList();
        var known = await context.Workspaces.Where(w => named.Contains(w.Name)).Select(w => w.Name).ToListAsync(cancel);
        var unknown = named.Except(known).ToList();
        return unknown.Count == 0 ? configuration : throw ApiProblem.BadRequest($"Recipe configuration is invalid: unknown workspaces {string.Join(", ", unknown)}.");
    }

    /// <summary>An empty document says that the recipe has nothing of its own, so its jobs need no configuration either.</summary>
    private static string TextOf(JobConfiguration configuration) => configuration == JobConfiguration.Empty ? "{}" : configuration.ToText();
}
