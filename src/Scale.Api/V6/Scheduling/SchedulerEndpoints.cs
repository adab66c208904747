using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Engine.Leadership;
using Scale.Store.Databases;

namespace Scale.Api.V6.Scheduling;

/// <summary>Settings of the scheduler, one row (scheduler-and-system.md §4).</summary>
internal static class SchedulerEndpoints
{
    private const int MaxLevel = 10;

    public static void MapScheduler(this IEndpointRouteBuilder v6)
    {
        var scheduler = v6.MapGroup("/scheduler").WithTags("Scheduler");
        scheduler.MapGet("/", Get).WithName("GetScheduler").WithSummary("Settings of the scheduler.");
        scheduler.MapPatch("/", Edit).WithName("EditScheduler").WithSummary("Changes any of the settings.")
            .Fields(
                Parameter.Boolean("is_paused", "No new executions start; running ones finish."),
                Parameter.Integer("num_message_handlers", "Desired size of the message handler pool, at least 0."),
                new Parameter("queue_mode", Microsoft.OpenApi.JsonSchemaType.String, "Order inside one priority.", Choices: ["FIFO", "LIFO"]),
                Parameter.Text("system_logging_level", "DEBUG, INFO, WARNING, ERROR or CRITICAL."));
    }

    private static async Task<IResult> Get(Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        return Answer.Ok(await session.QueryFirst(
            "SELECT is_paused, num_message_handlers, queue_mode, system_logging_level FROM scheduler WHERE id = 1",
            r => new SchedulerAnswer(r.GetBoolean(0), r.GetInt32(1), r.GetString(2), r.GetString(3))) ?? throw ApiProblem.NotFound());
    }

    private static async Task<IResult> Edit(RequestParameters request, Database database, EngineSignal engine, CancellationToken cancel)
    {
        string[] fields = ["is_paused", "num_message_handlers", "queue_mode", "system_logging_level"];
        request.AllowOnly(fields);
        if (!request.Body.EnumerateObject().Any())
        {
            throw ApiProblem.BadRequest($"No fields to change: give {string.Join(", ", fields)}.");
        }

        if (fields.FirstOrDefault(request.IsNull) is { } empty)
        {
            throw RequestParameters.Bad(empty, "must not be null");
        }

        var isPaused = request.OptionalBool("is_paused");
        var handlers = request.OptionalInt("num_message_handlers");
        if (handlers < 0)
        {
            throw RequestParameters.Bad("num_message_handlers", "must be at least 0");
        }

        var mode = request.OptionalText("queue_mode")?.ToUpperInvariant();
        if (mode is not (null or "FIFO" or "LIFO"))
        {
            throw RequestParameters.Bad("queue_mode", "must be FIFO or LIFO");
        }

        var level = request.OptionalText("system_logging_level", MaxLevel);
        await using var session = await database.Write(cancel);
        var found = await session.Execute(
            """
            UPDATE scheduler SET is_paused = coalesce(@is_paused, is_paused), num_message_handlers = coalesce(@handlers, num_message_handlers),
                queue_mode = coalesce(@mode, queue_mode), system_logging_level = coalesce(@level, system_logging_level)
            WHERE id = 1
            """,
            ("is_paused", isPaused), ("handlers", handlers), ("mode", mode), ("level", level));
        if (found == 0)
        {
            throw ApiProblem.NotFound();
        }

        await session.Commit();
        engine.Wake();
        return Answer.NoContent();
    }
}

public sealed record SchedulerAnswer(bool IsPaused, int NumMessageHandlers, string QueueMode, string SystemLoggingLevel);
