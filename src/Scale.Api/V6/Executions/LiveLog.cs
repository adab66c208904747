using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Scale.Api.V6.Jobs;
using Scale.Engine.Logs;
using Scale.Store.Databases;

namespace Scale.Api.V6.Executions;

/// <summary>
/// A log as server-sent events (an addition): an event <c>line</c> for each line, whose id is its order number, and an event <c>end</c> with the status when the
/// execution has ended and everything was sent. A client that comes back with <c>Last-Event-ID</c> goes on after that line.
/// </summary>
/// <param name="stream">One stream, or null for both.</param>
internal sealed class LiveLog(long executionId, string clusterId, string? hostname, LogStream? stream, Database database, ExecutionLogs logs, TimeProvider clock, CancellationToken stopping) : IResult
{
    private const int LinesAtOnce = 1_000;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);

    public async Task ExecuteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        if (ReferenceEquals(context.Response.Body, Stream.Null))
        {
            return; // HEAD
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await Send(context.Response, LastSeen(context.Request), ending.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The server ends; the client comes back to the next one.
        }
    }

    private async Task Send(HttpResponse response, long after, CancellationToken cancel)
    {
        await response.StartAsync(cancel);
        var lastSent = clock.GetTimestamp();
        while (true)
        {
            // Asked before the lines are read, so that none can come between the last read and the end.
            var end = await EndOf(cancel);
            var lines = logs.Read(executionId, stream, null, LinesAtOnce, after);
            if (lines.Count > 0)
            {
                await Write(response, string.Concat(lines.Select(Event)), cancel);
                (after, lastSent) = (lines[^1].Order, clock.GetTimestamp());
                continue;
            }

            if (end is not null)
            {
                await Write(response, $"event: end\ndata: {{\"status\":\"{end}\"}}\n\n", cancel);
                return;
            }

            if (clock.GetElapsedTime(lastSent) >= SignOfLife)
            {
                await Write(response, ": still running\n\n", cancel);
                lastSent = clock.GetTimestamp();
            }

            await Task.Delay(LookInterval, clock, cancel);
        }
    }

    /// <summary>Its status once nothing more can be written to its log; null before.</summary>
    private async Task<string?> EndOf(CancellationToken cancel)
    {
        await using var context = database.Context();
        var execution = await context.Executions.Where(e => e.Id == executionId).Select(e => new { e.Status, e.IsSettled }).FirstOrDefaultAsync(cancel);
        return execution is null || (execution.IsSettled && logs.IsFinal(executionId)) ? execution?.Status.NameOf() ?? "DELETED" : null;
    }

    private string Event(LogLine line) => string.Create(
        CultureInfo.InvariantCulture, $"id: {line.Order}\nevent: line\ndata: {LogAnswer.Record(line, clusterId, hostname).ToJsonString(Answers.AnswerJson.Options)}\n\n");

    private static async Task Write(HttpResponse response, string text, CancellationToken cancel)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
        await response.Body.FlushAsync(cancel);
    }

    private static long LastSeen(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var order) ? order : -1;
}
