using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.OpenApi;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Engine.Logs;
using Scale.Store.Databases;

namespace Scale.Api.V6.Executions;

/// <summary>Logs of executions, by execution id (jobs-and-queue.md §8).</summary>
internal static class LogEndpoints
{
    public static void MapLogs(this IEndpointRouteBuilder v6)
    {
        var logs = v6.MapGroup("/job-executions/{id:id}/logs").WithTags("Jobs");
        logs.MapGet("/{log:regex(^(stdout|stderr|combined)$)}/", Get).WithName("GetExecutionLog")
            .WithSummary("The oldest matching lines of an execution's log, at most 10000; go on with the last timestamp.")
            .WithMetadata(new AnswersAnyMediaType())
            .Query(
                Parameter.Time("started", "Lines at or after."),
                new Parameter("format", JsonSchemaType.String, "Instead of the Accept header.", Choices: ["json", "txt", "html"]),
                new Parameter("layout", JsonSchemaType.String, "Addition: flat gives the records without envelope.", Choices: ["flat"]));
        logs.MapGet("/{log:regex(^(stdout|stderr|combined)$)}/stream/", Follow).WithName("FollowExecutionLog")
            .WithSummary("Addition: the log as server-sent events while it is written: `line` with the record, its order number as id, and `end` with the status.")
            .WithDescription("Addition to Scale v6. A client that comes back with Last-Event-ID goes on after that line.")
            .WithMetadata(new AnswersAnyMediaType());
    }

    private static async Task<IResult> Get(
        long id, string log, RequestParameters parameters, HttpRequest request, Database database, [FromServices] ExecutionLogs logs, CancellationToken cancel)
    {
        var since = Stopwatch.GetTimestamp();
        var format = LogAnswer.FormatOf(parameters, request);
        var started = parameters.OptionalTime("started");
        var execution = await Find(id, database, cancel);
        var lines = logs.Read(id, StreamOf(log), started);
        return lines.Count == 0 ? Answer.NoContent() : format switch
        {
            LogFormat.Text => LogAnswer.Text(lines),
            LogFormat.Html => LogAnswer.Html(lines),
            _ => LogAnswer.Json(lines, id, execution.ClusterId, execution.Hostname, parameters.QueryText("layout") == "flat", since),
        };
    }

    private static async Task<IResult> Follow(
        long id, string log, Database database, [FromServices] ExecutionLogs logs, TimeProvider clock, IHostApplicationLifetime lifetime, CancellationToken cancel)
    {
        var execution = await Find(id, database, cancel);
        return new LiveLog(id, execution.ClusterId, execution.Hostname, StreamOf(log), database, logs, clock, lifetime.ApplicationStopping);
    }

    private static async Task<(string ClusterId, string? Hostname)> Find(long id, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();
        var found = await context.Executions.Where(e => e.Id == id).Select(e => new { e.ClusterId, Hostname = (string?)e.Node!.Hostname }).FirstOrDefaultAsync(cancel);
        return found is null ? throw ApiProblem.NotFound() : (found.ClusterId, found.Hostname);
    }

    private static LogStream? StreamOf(string log) => log switch
    {
        "stdout" => LogStream.StandardOutput,
        "stderr" => LogStream.StandardError,
        _ => null,
    };
}
