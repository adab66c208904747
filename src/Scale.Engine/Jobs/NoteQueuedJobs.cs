using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Engine.Scheduling;
using Scale.Store.Commands;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Engine.Jobs;

/// <summary>
/// The command <c>note_queued_jobs</c>: a request has put a new job into the queue, and the queue in memory has to follow. It is counted, not added to,
/// because a leader that started meanwhile has read the entry already.
/// </summary>
public sealed class NoteQueuedJobs(QueueIndex queue) : ICommandHandler
{
    private const string CommandKind = "note_queued_jobs";

    public string Kind => CommandKind;

    internal static Task<long> Append(Session session, long classId, DateTime now) => CommandLog.Append(session, CommandKind, new JsonObject { ["class_id"] = classId }, now);

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        // Taken before the count: an entry committed in between is counted now, and once more by its own command.
        var following = await CommandStore.TakeFollowing(transaction.Session, CommandKind, command.Id, transaction.Now);
        var classIds = following.ConvertAll(ClassIdOf).Append(command.Arguments.GetProperty("class_id").GetInt64()).Distinct().ToList();
        var counted = await QueueStore.Recount(transaction.Session, classIds);
        transaction.QueueChanged = true;
        transaction.AfterCommit(() => counted.ForEach(c => queue.Counted(c.Key, c.ClassId, c.Waiting)));
        return CommandSlice.Done;
    }

    private static long ClassIdOf(string arguments)
    {
        using var json = JsonDocument.Parse(arguments);
        return json.RootElement.GetProperty("class_id").GetInt64();
    }
}
