using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Engine.Scheduling;
using Scale.Store.Batches;
using Scale.Store.Jobs;

namespace Scale.Engine.Batches;

/// <summary>
/// Makes the queue agree with whether a batch is paused. Jobs that are queued later are held, or not, from the start; and as the flag is read again for
/// every slice, a pause and a resume in quick succession end with the last of them.
/// </summary>
public sealed class HoldBatchQueue(QueueIndex queue) : ICommandHandler
{
    public const string CommandKind = "hold-batch";

    private const int WindowSize = 2000;

    private const string After = "after";

    public string Kind => CommandKind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var session = transaction.Session;
        var batchId = command.Arguments.GetProperty("batch_id").GetInt64();
        var after = command.Progress.TryGetProperty(After, out var cursor) ? cursor.GetInt64() : 0;
        var isPaused = await BatchControls.IsPaused(session, batchId);
        var (moved, last) = await QueueStore.Hold(session, batchId, isPaused, after, WindowSize);
        if (isPaused)
        {
            transaction.AfterCommit(() => queue.Removed(moved.ConvertAll(e => e with { ClassId = -e.ClassId })));
        }
        else if (moved.Count > 0)
        {
            var counts = moved.CountBy(e => e.ClassId).ToList();
            var keys = await QueueStore.Keys(session, [.. counts.Select(c => c.Key)]);
            transaction.QueueChanged = true;
            transaction.AfterCommit(() => counts.ForEach(c => queue.Returned(keys[c.Key], c.Key, c.Value)));
        }

        return last is null ? CommandSlice.Done : new CommandSlice(false, new JsonObject { [After] = last });
    }
}
