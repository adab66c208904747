using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Engine.Batches;
using Scale.Engine.Leadership;
using Scale.Model.Batches;
using Scale.Store.Databases;

namespace Scale.Api.V5.Batches;

/// <summary>The v5 batch services over the same batches (batches-and-datasets.md §6), at <c>/v5/batches/</c> and <c>/batches/</c>.</summary>
internal static class LegacyBatchEndpoints
{
    private const int MaxTitle = 250;
    private const int MaxDescription = 5000;
    private const string Invalid = "Batch definition invalid";

    private static readonly Parameter[] Body =
    [
        Parameter.Integer("recipe_type_id", "Recipe type; its current revision is frozen.", required: true),
        Parameter.Text("title", "Up to 250 characters."), Parameter.Text("description", "Up to 5000 characters."),
        Parameter.Object("definition", "A definition of version 1.0: date_range, job_names, all_jobs, priority, trigger_rule.", required: true),
    ];

    public static void MapLegacyBatches(this IEndpointRouteBuilder v5)
    {
        var batches = v5.MapGroup("/batches").WithTags("Batches (v5)");
        batches.MapGet("/", List).WithName("ListBatchesV5").WithSummary("Batches in their v5 form, oldest change first; also at /batches/.")
            .Query(LegacyBatchFilter.Parameters).Query(Parameter.Order(LegacyBatchFilter.Fields.Names)).Query(Parameter.Paging);
        batches.MapPost("/", Create).WithName("CreateBatchV5").WithSummary("Make a batch of old recipes and files; its recipes follow.").Fields(Body);
        batches.MapPost("/validation/", Validate).WithName("ValidateBatchV5").WithSummary("Count what a batch would process, without making it.").Fields(Body);
        batches.MapGet("/{id:id}/", Get).WithName("GetBatchV5").WithSummary("One batch in its v5 form.");

        // v5 knew no edits: to its clients there is no such service, whatever other methods the path has.
        batches.MapPatch("/{id:id}/", IResult () => throw ApiProblem.NotFound()).ExcludeFromDescription();
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var batches = LegacyBatchFilter.Fields.Apply(LegacyBatchFilter.Apply(context.Batches, request), request);
        return Answer.Ok(await request.Page(batches.Select(b => b.Id), async ids => await LegacyBatchAnswers.Read(context, ids, cancel), cancel));
    }

    private static async Task<IResult> Get(long id, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        return Answer.Ok(await LegacyBatchAnswers.Details(context, id, cancel) ?? throw ApiProblem.NotFound());
    }

    private static async Task<IResult> Create(
        RequestParameters request, Caller caller, Database database, [FromServices] LegacyBatchCreation creation, EngineSignal signal, CancellationToken cancel)
    {
        var batch = Read(request, caller);
        long id;
        await using (var session = await database.Write(cancel))
        {
            var (made, verdict) = await creation.Create(session, batch, request.Now);
            id = made ?? throw ApiProblem.BadDocument(Invalid, verdict.Errors);
            await session.Commit();
        }

        signal.Wake();
        await using var context = database.Context();
        return Answer.Created(request.Link($"batches/{id}/"), (await LegacyBatchAnswers.Details(context, id, cancel))!);
    }

    private static async Task<IResult> Validate(RequestParameters request, Caller caller, Database database, [FromServices] LegacyBatchCreation creation, CancellationToken cancel)
    {
        var batch = Read(request, caller);
        await using var session = await database.Read(cancel);
        var verdict = await creation.Validate(session, batch);
        return verdict.Errors.Count > 0
            ? throw ApiProblem.BadDocument(Invalid, verdict.Errors)
            : Answer.Ok(new { verdict.RecipeCount, verdict.FileCount, warnings = verdict.Warnings.Select(w => new { id = w.Name, details = w.Description }).ToList() });
    }

    private static LegacyBatchRequest Read(RequestParameters request, Caller caller)
    {
        var typeId = request.RequiredLong("recipe_type_id");
        var title = request.OptionalText("title", MaxTitle);
        var description = request.OptionalText("description", MaxDescription);
        var parsed = LegacyBatchDefinition.Parse(request.RequiredObject("definition"));
        return parsed.Document is { } definition
            ? new LegacyBatchRequest(typeId, title, description, definition, caller.Account?.Username)
            : throw ApiProblem.BadDocument(Invalid, parsed.Errors);
    }
}
