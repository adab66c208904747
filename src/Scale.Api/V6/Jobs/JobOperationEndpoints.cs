using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Access;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

/// <summary>Cancels and requeues jobs (jobs-and-queue.md §7), and says how far that has come.</summary>
internal static class JobOperationEndpoints
{
    private const string Addition = "Addition to Scale v6.";
    private static readonly Parameter DryRun = Parameter.Boolean("dry_run", "Addition: only counts the jobs that would move, and answers 200.");
    private static readonly Parameter Priority = Parameter.Integer("priority", "Of the new tries, 1 or more; absent or 0 leaves it to batch and configuration.");

    public static void MapJobOperations(this IEndpointRouteBuilder v6)
    {
        var jobs = v6.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapPost("/cancel/", (RequestParameters request, Caller caller, Database database, EngineSignal signal, CancellationToken cancel) =>
                Start(JobAction.Cancel, request, caller, database, signal, cancel))
            .WithName("CancelJobs").WithSummary("Cancels all jobs that the filters mean, every job without a filter. The header Location says where its progress is found.")
            .WithMetadata(new JsonBodyOnly()).Query(DryRun).Fields(JobSelectionRequest.Fields);
        jobs.MapPost("/requeue/", (RequestParameters request, Caller caller, Database database, EngineSignal signal, CancellationToken cancel) =>
                Start(JobAction.Requeue, request, caller, database, signal, cancel))
            .WithName("RequeueJobs").WithSummary("Queues all FAILED and CANCELED jobs again that the filters mean, and others that they name.")
            .WithMetadata(new JsonBodyOnly()).Query(DryRun).Fields([.. JobSelectionRequest.Fields, Priority]);

        // `cancel` is no id, but routes of ids for GET hide from the framework that these paths exist.
        jobs.MapGet("/cancel/", OnlyPost).ExcludeFromDescription();
        jobs.MapGet("/requeue/", OnlyPost).ExcludeFromDescription();
        jobs.MapPost("/{id:id}/cancel/", (long id, RequestParameters request, Caller caller, Database database, EngineSignal signal, CancellationToken cancel) =>
                StartOne(JobAction.Cancel, id, request, caller, database, signal, cancel))
            .WithName("CancelJob").WithSummary("Addition: cancels one job; 409 when it has ended.").WithDescription(Addition);
        jobs.MapPost("/{id:id}/requeue/", (long id, RequestParameters request, Caller caller, Database database, EngineSignal signal, CancellationToken cancel) =>
                StartOne(JobAction.Requeue, id, request, caller, database, signal, cancel))
            .WithName("RequeueJob").WithSummary("Addition: queues one job again, whatever it does now; 409 when it can't be.").WithDescription(Addition).Fields(Priority);

        var operations = v6.MapGroup("/job-operations").WithTags("Jobs");
        operations.MapGet("/", List).WithName("ListJobOperations").WithSummary("Addition: requests to cancel or requeue jobs, the latest first.").WithDescription(Addition)
            .Query(Parameter.Paging).Query(Parameter.Order(JobOperationAnswer.Order.Names));
        operations.MapGet("/{id:id}/", Get).WithName("GetJobOperation").WithSummary("Addition: who asked for what, and how many jobs moved so far.").WithDescription(Addition);
    }

    private static async Task<IResult> Start(JobAction action, RequestParameters request, Caller caller, Database database, EngineSignal signal, CancellationToken cancel)
    {
        var isDryRun = request.OptionalBool("dry_run") ?? false;
        var priority = action == JobAction.Requeue ? ReadPriority(request) : null;
        if (isDryRun)
        {
            await using var reads = await database.Read(cancel);
            var (movable, skipped) = await JobSelectionStore.Count(reads, action, await JobSelectionRequest.Read(reads, request), request.Now);
            return Answer.Ok(new { dry_run = true, count = movable, skipped });
        }

        await using var session = await database.Write(cancel);
        var id = await Append(session, action, await JobSelectionRequest.Read(session, request), priority, request, caller);
        await session.Commit();
        signal.Wake();
        return new AcceptedOperation(id, request.Link($"job-operations/{id}/"));
    }

    private static async Task<IResult> StartOne(
        JobAction action, long jobId, RequestParameters request, Caller caller, Database database, EngineSignal signal, CancellationToken cancel)
    {
        var priority = action == JobAction.Requeue ? ReadPriority(request) : null;
        await using var session = await database.Write(cancel);
        if (await JobMoves.States(session, [jobId]) is not [var job])
        {
            throw ApiProblem.NotFound();
        }

        var selection = new JobSelection { JobIds = [jobId] };
        if ((await JobSelectionStore.Count(session, action, selection, DateTime.MaxValue)).Movable == 0)
        {
            var superseded = job.IsSuperseded ? " and superseded" : "";
            throw ApiProblem.Conflict($"Job {jobId} is {job.Status.NameOf()}{superseded}, so it can't be {(action == JobAction.Cancel ? "canceled" : "queued again")}.");
        }

        var id = await Append(session, action, selection, priority, request, caller);
        await session.Commit();
        signal.Wake();
        return new AcceptedOperation(id, request.Link($"job-operations/{id}/"));
    }

    private static async Task<long> Append(Session session, JobAction action, JobSelection selection, int? priority, RequestParameters request, Caller caller) =>
        await new JobOperation(action, selection, await JobSelectionStore.LastId(session), priority, caller.Account?.Username).Append(session, request.Now);

    private static int? ReadPriority(RequestParameters request)
    {
        var priority = request.OptionalInt("priority");
        return priority switch
        {
            < 0 => throw RequestParameters.Bad("priority", $"must be 1 or more, not {priority}"),
            0 => null,
            _ => priority,
        };
    }

    private static IResult OnlyPost(HttpResponse response)
    {
        response.Headers.Allow = HttpMethods.Post;
        return Results.StatusCode(StatusCodes.Status405MethodNotAllowed);
    }

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await new RowList<JobOperationAnswer>(JobOperationAnswer.Columns, "command", JobOperationAnswer.Read)
            .Where("kind = @kind", "kind", JobOperation.Kind)
            .Page(session, request, JobOperationAnswer.Order, o => o));
    }

    private static async Task<IResult> Get(long id, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await session.QueryFirst(
            $"SELECT {JobOperationAnswer.Columns} FROM command WHERE id = @id AND kind = @kind", JobOperationAnswer.Read, ("id", id), ("kind", JobOperation.Kind))
            ?? throw ApiProblem.NotFound());
    }

    /// <summary>202 without a body, as clients of v6 expect it.</summary>
    private sealed class AcceptedOperation(long id, string location) : IResult
    {
        public Task ExecuteAsync(HttpContext context)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            context.Response.Headers.Location = location;
            context.Response.Headers["Operation-Id"] = id.ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        }
    }
}
