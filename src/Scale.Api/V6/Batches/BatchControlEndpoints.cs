using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.References;
using Scale.Engine.Batches;
using Scale.Engine.Leadership;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Api.V6.Batches;

/// <summary>Orders to whole batches, and what became of their items: additions to the v6 services.</summary>
internal static class BatchControlEndpoints
{
    private const string Addition = "Addition to Scale v6. Accepted at once and carried out by the server, also after a restart; answers with the batch as it is now.";

    private const string Failed = "FAILED";

    private static readonly (string Name, BatchItemState State)[] States =
        [("CREATED", BatchItemState.Created), (Failed, BatchItemState.Failed), ("COVERED", BatchItemState.Covered)];

    public static void MapBatchControl(this RouteGroupBuilder batches)
    {
        batches.MapPost("/{id:id}/cancel/", Cancel).WithName("CancelBatch").WithDescription(Addition)
            .WithSummary("Addition: make no more recipes and cancel every job of the batch that has not ended.");
        batches.MapPost("/{id:id}/pause/", Pause).WithName("PauseBatch").WithDescription(Addition)
            .WithSummary("Addition: keep queued jobs of the batch from starting; running ones go on.");
        batches.MapPost("/{id:id}/resume/", Resume).WithName("ResumeBatch").WithDescription(Addition)
            .WithSummary("Addition: let the jobs of a paused batch start again.");
        batches.MapPost("/{id:id}/retry-failed/", RetryFailed).WithName("RetryFailedOfBatch").WithDescription(Addition)
            .WithSummary("Addition: queue the failed jobs of the batch again.");
        batches.MapGet("/{id:id}/items/", ListItems).WithName("ListBatchItems").WithDescription("Addition to Scale v6. Items appear when they are handled.")
            .WithSummary("Addition: what the batch was made from, item by item, with the recipe made or the reason why there is none.")
            .Query(new Parameter("state", Microsoft.OpenApi.JsonSchemaType.String, "COVERED members make no recipe of their own.", IsRepeatable: true, Choices: [.. States.Select(s => s.Name)]))
            .Query(Parameter.Paging);
    }

    private static Task<IResult> Cancel(long id, RequestParameters request, Database database, EngineSignal signal, CancellationToken cancel) =>
        Order(id, BatchControl.Cancel, request, database, signal, cancel);

    private static Task<IResult> Pause(long id, RequestParameters request, Database database, EngineSignal signal, CancellationToken cancel) =>
        Order(id, BatchControl.Pause, request, database, signal, cancel);

    private static Task<IResult> Resume(long id, RequestParameters request, Database database, EngineSignal signal, CancellationToken cancel) =>
        Order(id, BatchControl.Resume, request, database, signal, cancel);

    private static Task<IResult> RetryFailed(long id, RequestParameters request, Database database, EngineSignal signal, CancellationToken cancel) =>
        Order(id, BatchControl.RetryFailed, request, database, signal, cancel);

    private static async Task<IResult> Order(
        long id, Func<Session, long, DateTime, Task<BatchControlResult>> order, RequestParameters request, Database database, EngineSignal signal, CancellationToken cancel)
    {
        await using (var session = await database.Write(cancel))
        {
            switch (await order(session, id, request.Now))
            {
                case BatchControlResult.NotFound:
                    throw ApiProblem.NotFound();
                case BatchControlResult.IsCanceled:
                    throw ApiProblem.Conflict($"Batch {id} was canceled.");
            }

            await session.Commit();
        }

        signal.Wake();
        return Answer.Accepted((await BatchDetails.Read(database, id, cancel))!);
    }

    private static async Task<IResult> ListItems(long id, RequestParameters request, Database database, CancellationToken cancel)
    {
        var states = request.Texts("state").Where(s => s.Length > 0).ToList();
        if (states.Find(s => States.All(known => known.Name != s)) is { } unknown)
        {
            throw RequestParameters.Bad("state", $"must be one of {string.Join(", ", States.Select(s => s.Name))}, not '{unknown}'");
        }

        await using var context = database.Context();
        if (!await context.Batches.AnyAsync(b => b.Id == id, cancel))
        {
            throw ApiProblem.NotFound();
        }

        var items = context.BatchItems.Where(i => i.BatchId == id);
        if (states.All(s => s == Failed) && states.Count > 0)
        {
            // As a constant of the statement, or the index of failed items would not serve it.
            items = items.Where(i => i.State == (short)BatchItemState.Failed);
        }
        else if (states.Count > 0)
        {
            var wanted = States.Where(s => states.Contains(s.Name)).Select(s => (short)s.State).ToList();
            items = items.Where(i => wanted.Contains(i.State));
        }

        return Answer.Ok(await request.Page(items.OrderBy(i => i.Kind).ThenBy(i => i.SourceId), ItemAnswer.Of, cancel));
    }

    /// <param name="Kind">What it was made from: <c>dataset_member</c>, <c>recipe</c> or <c>file</c>.</param>
    /// <param name="Source">That one; of a recipe the first of its family.</param>
    /// <param name="Recipe">The recipe made.</param>
    private sealed record ItemAnswer(string Kind, IdReference Source, string State, string? Error, IdReference? Recipe)
    {
        public static ItemAnswer Of(BatchItemRow row) => new(
            (BatchItemKind)row.Kind switch
            {
                BatchItemKind.DatasetMember => "dataset_member",
                BatchItemKind.RecipeFamily => "recipe",
                _ => "file",
            },
            new IdReference(row.SourceId), States.First(s => (short)s.State == row.State).Name, row.Error, IdReference.Of(row.RecipeId));
    }
}
