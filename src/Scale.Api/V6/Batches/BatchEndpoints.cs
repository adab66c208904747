using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.References;
using Scale.Engine.Batches;
using Scale.Engine.Leadership;
using Scale.Model.Batches;
using Scale.Model.Documents;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Api.V6.Batches;

/// <summary>Batches (batches-and-datasets.md §2).</summary>
internal static class BatchEndpoints
{
    private const int MaxTitle = 250;
    private const int MaxDescription = 5000;

    private static readonly Parameter[] Body =
    [
        Parameter.Integer("recipe_type_id", "Recipe type; its current revision is frozen.", required: true),
        Parameter.Text("title", "Up to 250 characters."), Parameter.Text("description", "Up to 5000 characters."),
        Parameter.Object("definition", "A dataset, or a previous batch to re-process.", required: true),
        Parameter.Object("configuration", "Priority and input map."),
        Parameter.Boolean("supersedes", "What it is where the definition does not say."),
    ];

    public static void MapBatches(this IEndpointRouteBuilder v6)
    {
        var batches = v6.MapGroup("/batches").WithTags("Batches");
        batches.MapGet("/", List).WithName("ListBatches").WithSummary("Batches, oldest change first.")
            .Query(BatchFilter.Parameters).Query(Parameter.Order(BatchFilter.Fields.Names)).Query(Parameter.Paging);
        batches.MapPost("/", Create).WithName("CreateBatch").WithSummary("Make a batch; its recipes follow.")
            .WithDescription(Answer.CreationWarnings).Fields(Body);
        batches.MapPost("/validation/", Validate).WithName("ValidateBatch").WithSummary("Check a batch without making it.").Fields(Body);
        batches.MapBatchComparison();
        batches.MapBatchControl();
        batches.MapGet("/comparison/{id:id}/", Compare).WithName("CompareBatches").WithSummary("The batches of a chain side by side, by the id of its first.")
            .WithDescription("Addition to Scale v6: `extended` adds what the comparison of any batches has. Pages of Scale draw one chart for every member, so it has to be asked for.")
            .Query(Parameter.Boolean("extended", "Addition: with medians, 95th percentiles and failed jobs by the name of their error."));
        batches.MapGet("/{id:id}/", Get).WithName("GetBatch").WithSummary("One batch with its documents and the metrics of its nodes.");
        batches.MapPatch("/{id:id}/", Edit).WithName("EditBatch").WithSummary("Change title, description or configuration, in any state.")
            .Fields(Parameter.Text("title", "Kept when absent."), Parameter.Text("description", "Kept when absent."), Parameter.Object("configuration", "Replaces the whole one; an empty object changes nothing."));
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var batches = BatchFilter.Fields.Apply(BatchFilter.Apply(context.Batches, request), request);
        return Answer.Ok(await request.Page(batches.Select(b => b.Id), async ids => await BatchAnswers.Read(context, ids, cancel), cancel));
    }

    private static async Task<IResult> Get(long id, Database database, CancellationToken cancel) =>
        Answer.Ok(await BatchDetails.Read(database, id, cancel) ?? throw ApiProblem.NotFound());

    private static async Task<IResult> Compare(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        var isExtended = request.OptionalBool("extended") ?? false;
        await using var session = await database.Read(cancel);
        var chain = await BatchComparison.OfChain(session, id);
        return Answer.Ok(isExtended ? ComparisonAnswer.Of(chain, await BatchMetrics.Errors(session, [.. chain.Batches.Select(b => b.Id)])) : ComparisonAnswer.Of(chain));
    }

    private static async Task<IResult> Create(
        RequestParameters request, Caller caller, Database database, [FromServices] BatchCreation creation, EngineSignal signal, CancellationToken cancel)
    {
        var (batch, errors) = Read(request, caller);
        if (batch is null)
        {
            throw ApiProblem.BadDocument("Batch is invalid", errors);
        }

        long id;
        IReadOnlyList<Problem> warnings;
        await using (var session = await database.Write(cancel))
        {
            var (made, verdict) = await creation.Create(session, batch, request.Now);
            id = made ?? throw ApiProblem.BadDocument("Batch is invalid", verdict.Errors);
            warnings = verdict.Warnings;
            await session.Commit();
        }

        signal.Wake();
        return Answer.Created(request.Link($"batches/{id}/"), (await BatchDetails.Read(database, id, cancel))!, warnings);
    }

    private static async Task<IResult> Validate(RequestParameters request, Caller caller, Database database, [FromServices] BatchCreation creation, CancellationToken cancel)
    {
        var (batch, errors) = Read(request, caller);
        var typeId = request.RequiredLong("recipe_type_id");
        await using var context = database.Context();
        var type = (await new Related(context, cancel).RecipeTypes([typeId])).Named(typeId) ?? throw ApiProblem.BadRequest($"There is no recipe type {typeId}.");
        if (batch is null)
        {
            return Answer.Ok(new { is_valid = false, errors = ProblemAnswer.Of(errors), warnings = Array.Empty<ProblemAnswer>(), recipes_estimated = (int?)null, recipe_type = (RecipeTypeReference?)null });
        }

        await using var session = await database.Read(cancel);
        var verdict = await creation.Validate(session, batch);
        var answer = new Dictionary<string, object?>
        {
            ["is_valid"] = verdict.IsValid,
            ["errors"] = ProblemAnswer.Of(verdict.Errors),
            ["warnings"] = ProblemAnswer.Of(verdict.Warnings),
            ["recipes_estimated"] = verdict.RecipesEstimated,
            ["recipe_type"] = type,
        };
        if (verdict.PreviousBatch is { } previous)
        {
            var shown = new Dictionary<string, object?>
            {
                ["recipe_type_rev"] = new RecipeTypeRevisionReference(previous.RevisionId, new IdReference(previous.RecipeTypeId), verdict.PreviousRevisionNumber!.Value),
            };
            if (verdict.Diff is { } diff)
            {
                shown["diff"] = diff.ToJson();
            }

            answer["prev_batch"] = shown;
        }

        return Answer.Ok(answer);
    }

    private static async Task<IResult> Edit(long id, RequestParameters request, Database database, [FromServices] BatchCreation creation, CancellationToken cancel)
    {
        var title = request.OptionalText("title", MaxTitle);
        var description = request.OptionalText("description", MaxDescription);
        var parsed = request.OptionalObject("configuration") is { } given && given.EnumerateObject().Any() ? BatchConfiguration.Parse(given) : null;
        if (parsed is { IsValid: false })
        {
            throw ApiProblem.BadDocument("Batch configuration is invalid", parsed.Errors);
        }

        await using var session = await database.Write(cancel);
        var result = await creation.Edit(session, id, new BatchEdit(title, description, parsed?.Document), request.Now);
        if (!result.IsFound)
        {
            throw ApiProblem.NotFound();
        }

        if (result.Errors.Count > 0)
        {
            throw ApiProblem.BadDocument("Batch configuration is invalid", result.Errors);
        }

        await session.Commit();
        return Answer.NoContent();
    }

    /// <summary>The batch as the request spells it; null with problems of grammar when its documents can't be read.</summary>
    private static (BatchRequest? Batch, IReadOnlyList<Problem> Errors) Read(RequestParameters request, Caller caller)
    {
        var typeId = request.RequiredLong("recipe_type_id");
        var title = request.OptionalText("title", MaxTitle);
        var description = request.OptionalText("description", MaxDescription);
        var definition = BatchDefinition.Parse(request.RequiredObject("definition"), request.OptionalBool("supersedes") ?? true);
        var configuration = request.OptionalObject("configuration") is { } given ? BatchConfiguration.Parse(given) : new Parsed<BatchConfiguration>(BatchConfiguration.Empty, [], []);
        return definition.Document is { } d && configuration.Document is { } c
            ? (new BatchRequest(typeId, title, description, d, c, caller.Account?.Username), [])
            : (null, [.. definition.Errors, .. configuration.Errors]);
    }
}
