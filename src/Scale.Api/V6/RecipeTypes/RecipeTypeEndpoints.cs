using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.References;
using Scale.Engine.Leadership;
using Scale.Engine.RecipeTypes;
using Scale.Model.Documents;
using Scale.Model.Files;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.RecipeTypes;

namespace Scale.Api.V6.RecipeTypes;

/// <summary>Recipe types and their revisions (recipes.md §2).</summary>
internal static class RecipeTypeEndpoints
{
    private const int MaxTitle = 50;
    private const int MaxDescription = 500;

    private static readonly ColumnOrdering Order = new ColumnOrdering("t.id", "name")
        .Text("name", "t.name").Text("title", "t.title").Text("description", "t.description", nullable: true).By("revision_num", "t.revision_num")
        .By("is_active", "t.is_active").By("is_system", "t.is_system").By("created", "t.created").By("deprecated", "t.deprecated", nullable: true).By("last_modified", "t.last_modified");

    public static void MapRecipeTypes(this IEndpointRouteBuilder v6)
    {
        var types = v6.MapGroup("/recipe-types").WithTags("Recipe types");
        types.MapGet("/", List).WithName("ListRecipeTypes").WithSummary("Recipe types with the names of what they contain.").Query(Parameter.Paging).Query(
            Parameter.Text("keyword", "Part of a name, title or description; any of several.", repeatable: true),
            Parameter.Boolean("is_active", "Only active or only deprecated ones."),
            Parameter.Boolean("is_system", "Only those of the system, or only others."),
            Parameter.Order(Order.Names));
        types.MapPost("/", Create).WithName("CreateRecipeType").WithSummary("Creates a recipe type; its name is made from the title.").WithDescription(Answer.CreationWarnings).Fields(
            Parameter.Text("title", "At most 50 characters.", required: true),
            Parameter.Text("description", "At most 500 characters."),
            Parameter.Object("definition", "Inputs and nodes.", required: true));
        types.MapPost("/validation/", Validate).WithName("ValidateRecipeType").WithSummary("Says what is wrong with a definition and, for a known name, what it changes; saves nothing.").Fields(
            Parameter.Text("name", "Existing recipe type to compare with."),
            Parameter.Object("definition", "Inputs and nodes.", required: true));
        types.MapGet("/{name}/", Details).WithName("GetRecipeType").WithSummary("One recipe type with its definition and all that it contains.");
        types.MapPatch("/{name}/", Edit).WithName("EditRecipeType").WithSummary("Changes what is given; a definition makes a new revision.").Fields(
            Parameter.Text("title", "At most 50 characters."),
            Parameter.Text("description", "At most 500 characters."),
            Parameter.Object("definition", "Inputs and nodes."),
            Parameter.Boolean("auto_update", "Whether recipe types that contain it move to the new revision; default true."),
            Parameter.Boolean("is_active", "False deprecates it and the recipe types that contain it."),
            Parameter.Boolean("dry_run", "Addition: answer as if it were done, with the diff, and change nothing."));
        types.MapGet("/{name}/revisions/", Revisions).WithName("ListRecipeTypeRevisions").WithSummary("Revisions, newest first.").Query(Parameter.Paging);
        types.MapGet("/{name}/revisions/{revisionNum:id}/", Revision).WithName("GetRecipeTypeRevision").WithSummary("One revision with its definition.");
        types.MapGet("/{name}/diff/", Compare).WithName("CompareRecipeTypeRevisions").WithSummary("Addition: what changed between any two revisions.").Query(
            Parameter.Integer("from", "Number of the revision to start from.", required: true),
            Parameter.Integer("to", "Number of the other revision; the current one when absent."));
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await new RowList<StoredRecipeType>(StoredRecipeType.Columns, "recipe_type t", StoredRecipeType.Read)
            .Where("t.id IN @keywords", "keywords", await Matching(session, request.Texts("keyword")))
            .Where("t.is_active = @is_active", "is_active", request.OptionalBool("is_active"))
            .Where("t.is_system = @is_system", "is_system", request.OptionalBool("is_system"))
            .Page(session, request, Order, rows => RecipeTypeListed.Of(session, rows)));
    }

    private static async Task<IResult> Details(string name, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await RecipeTypeDetails.Of(session, await RecipeTypeQueries.Find(session, name) ?? throw ApiProblem.NotFound()));
    }

    private static async Task<IResult> Create(RequestParameters request, Database database, EngineSignal engine, CancellationToken cancel)
    {
        var title = request.RequiredText("title", MaxTitle);
        var description = request.OptionalText("description", MaxDescription);
        var json = request.RequiredObject("definition");
        var name = NameFromTitle.Slug(title);
        if (name is "" or "validation")
        {
            throw RequestParameters.Bad("title", name.Length == 0 ? "has no letter or digit to make a name of" : "can't be 'validation': a service has that path");
        }

        await using var session = await database.Write(cancel);
        var check = await RecipeTypeRegistration.Check(session, json, name);
        var definition = Valid(check);
        var id = await RecipeTypeWriter.Insert(session, name, title, description, definition, request.Now)
            ?? throw RequestParameters.Bad("title", $"makes the name '{name}', which a recipe type has already");
        await session.Commit();
        engine.Wake();

        await using var reader = await database.Read(cancel);
        var created = (await RecipeTypeQueries.ByIds(reader, [id]))[0];
        return Answer.Created(request.Link($"recipe-types/{name}/"), await RecipeTypeDetails.Of(reader, created), check.Warnings);
    }

    private static async Task<IResult> Edit(string name, RequestParameters request, Database database, EngineSignal engine, CancellationToken cancel)
    {
        var title = request.OptionalText("title", MaxTitle);
        var description = request.OptionalText("description", MaxDescription);
        var isActive = request.OptionalBool("is_active");
        var autoUpdate = request.OptionalBool("auto_update") ?? true;
        var isDryRun = request.OptionalBool("dry_run") ?? false;
        var json = request.OptionalObject("definition");

        await using var session = await database.Write(cancel);
        var type = await RecipeTypeWriter.FindForEdit(session, name) ?? throw ApiProblem.NotFound();
        var check = json is { } given && given.EnumerateObject().Any() ? await RecipeTypeRegistration.Check(session, given, name) : null;
        var definition = check is null ? null : Valid(check);
        var (updated, warnings) = await RecipeTypeRegistration.Edit(session, type, new RecipeTypeEdit(title, description, definition, isActive, autoUpdate), request.Now);
        var diff = isDryRun && definition is not null ? RecipeDiff.Compute(RecipeDefinition.FromText(type.Definition), definition, ForcedNodes.None).ToJson() : [];
        if (!isDryRun)
        {
            await session.Commit();
            engine.Wake();
        }

        return Answer.Ok(new RecipeTypeEdited(ProblemAnswer.Of([.. check?.Warnings ?? [], .. warnings]), diff)
        {
            UpdatedRecipeTypes = [.. updated.Select(u => new RecipeTypeRaised(u.Name, u.RevisionNum))],
        });
    }

    private static async Task<IResult> Compare(string name, RequestParameters request, Database database, CancellationToken cancel)
    {
        var from = request.RequiredInt("from");
        var to = request.OptionalInt("to");
        await using var session = await database.Read(cancel);
        var type = await RecipeTypeQueries.Find(session, name) ?? throw ApiProblem.NotFound();
        var before = await RecipeTypeQueries.Revision(session, type.Id, from) ?? throw ApiProblem.NotFound();
        var after = await RecipeTypeQueries.Revision(session, type.Id, to ?? type.RevisionNum) ?? throw ApiProblem.NotFound();
        var diff = RecipeDiff.Compute(RecipeDefinition.FromText(before.Definition), RecipeDefinition.FromText(after.Definition), ForcedNodes.None);
        return Answer.Ok(new RecipeTypeComparison(
            new RecipeTypeReference(type.Id, type.Name, type.Title, type.Description, type.RevisionNum), before.Number, after.Number, diff.ToJson()));
    }

    private static async Task<IResult> Validate(RequestParameters request, Database database, CancellationToken cancel)
    {
        var name = request.OptionalText("name");
        var json = request.RequiredObject("definition");
        await using var session = await database.Read(cancel);
        var known = name is null ? null : await RecipeTypeQueries.Find(session, name);
        var check = await RecipeTypeRegistration.Check(session, json, name);
        var diff = known is not null && check.Definition is { } next ? RecipeDiff.Compute(RecipeDefinition.FromText(known.Definition), next, ForcedNodes.None) : null;
        var warnings = diff is { CanBeReprocessed: false }
            ? [.. check.Warnings, new Problem("REPROCESS_WARNING", "", $"recipes of {name} can't be re-processed with this definition: {ApiProblem.Join(diff.Reasons)}")]
            : check.Warnings;
        return Answer.Ok(new RecipeTypeValidation(ProblemAnswer.Of(check.Errors), ProblemAnswer.Of(warnings), diff?.ToJson() ?? []));
    }

    private static async Task<IResult> Revisions(string name, RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        var type = await RecipeTypeQueries.Find(session, name);
        var shown = type is null ? null : new RecipeTypeReference(type.Id, type.Name, type.Title, type.Description, type.RevisionNum);
        var order = new ColumnOrdering("id", "-revision_num").By("revision_num", "revision_num").By("created", "created");
        return Answer.Ok(await new RowList<RecipeTypeRevisionAnswer>(
                "id, revision_num, created", "recipe_type_revision", r => new RecipeTypeRevisionAnswer(r.GetInt64(0), shown!, r.GetInt32(1), r.Moment(2)))
            .Where("recipe_type_id = @type", "type", type?.Id ?? -1)
            .Page(session, request, order, r => r));
    }

    private static async Task<IResult> Revision(string name, long revisionNum, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        var type = await RecipeTypeQueries.Find(session, name) ?? throw ApiProblem.NotFound();
        var revision = await RecipeTypeQueries.Revision(session, type.Id, revisionNum) ?? throw ApiProblem.NotFound();
        return Answer.Ok(new WholeRecipeTypeRevision(
            revision.Id, RecipeTypeAnswer.Of(type), revision.Number, RecipeDefinition.FromText(revision.Definition).ToJson(), revision.Created));
    }

    private static RecipeDefinition Valid(CheckedDefinition check) =>
        check.Errors.Count == 0 && check.Definition is { } definition ? definition : throw ApiProblem.BadRequest(check.Errors[0].Text);

    /// <summary>Ids of recipe types with any keyword in a text of theirs, without case; null when no keyword was given.</summary>
    private static async Task<long[]?> Matching(Session session, IReadOnlyList<string> keywords)
    {
        if (keywords.Count == 0)
        {
            return null;
        }

        var texts = await session.Query("SELECT id, name, title, description FROM recipe_type", r => (Id: r.GetInt64(0), Texts: new[] { r.GetString(1), r.GetString(2), r.Text(3) ?? "" }));
        var ids = texts.Where(t => keywords.Any(k => t.Texts.Any(text => text.Contains(k, StringComparison.OrdinalIgnoreCase)))).Select(t => t.Id).ToArray();
        return ids.Length > 0 ? ids : [-1]; // an id that nothing has: no match is not no filter
    }
}
