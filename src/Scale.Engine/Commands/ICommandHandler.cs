using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Leadership;
using Scale.Store.Databases;

namespace Scale.Engine.Commands;

/// <summary>A durable order to the leader, appended by the API in the transaction of its own change.</summary>
/// <param name="Progress">What the handler stored after the last slice; an empty object at first.</param>
/// <param name="Attempts">How often this slice failed before.</param>
/// <param name="Error">Why it failed the last time.</param>
public sealed record Command(long Id, string Kind, JsonElement Arguments, JsonElement Progress, DateTime Created, int Attempts = 0, string? Error = null);

/// <param name="Progress">Where to go on; stored in the slice's own transaction, so a crash repeats nothing that was committed.</param>
/// <param name="Pause">How long to wait before the next slice, for what others have to do first.</param>
public sealed record CommandSlice(bool IsDone, JsonObject Progress, TimeSpan Pause = default)
{
    public static CommandSlice Done { get; } = new(true, []);
}

/// <summary>Carries out one kind of command, a bounded slice per transaction.</summary>
public interface ICommandHandler
{
    string Kind { get; }

    Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel);
}

public static class CommandLog
{
    /// <summary>Appends a command; it is carried out once the transaction of <paramref name="session"/> is committed.</summary>
    public static Task<long> Append(Session session, string kind, JsonObject arguments, DateTime now) =>
        session.Insert("command", ("kind", kind), ("arguments", arguments.ToJsonString()), ("created", now), ("last_modified", now));
}
