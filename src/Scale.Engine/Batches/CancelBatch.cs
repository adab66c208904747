using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Store.Batches;

namespace Scale.Engine.Batches;

/// <summary>
/// Cancels every job of a canceled batch that has not ended. It begins again as long as it finds some or recipes of the batch are still made or evaluated,
/// so that no job which comes in between gets away.
/// </summary>
public sealed class CancelBatch(BulkCancel bulkCancel) : ICommandHandler
{
    public const string CommandKind = "cancel-batch";

    /// <summary>Creation may itself wait after a failure; asking in every step would keep the leader busy until then.</summary>
    private static readonly TimeSpan PauseForOthers = TimeSpan.FromMilliseconds(100);

    private const string From = "from";
    private const string Found = "found";

    /// <summary>Recipes that one transaction looks at, and jobs that it cancels.</summary>
    public int SliceSize { get; init; } = 1000;

    public string Kind => CommandKind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var batchId = command.Arguments.GetProperty("batch_id").GetInt64();
        var from = command.Progress.TryGetProperty(From, out var cursor) ? cursor.GetInt64() : 0;
        var found = command.Progress.TryGetProperty(Found, out var any) && any.GetBoolean();
        var size = transaction.SliceSize(SliceSize);
        var (jobs, next) = await BatchControls.OpenJobs(transaction.Session, batchId, from, size, size);

        // Jobs of a part that was canceled alone are not found open again.
        await bulkCancel.Run(transaction, jobs, SliceSize, (_, _, _) => Task.CompletedTask);
        found |= jobs.Count > 0;
        return next is { } recipe ? Next(recipe, found)
            : found ? Next(0, false)
            : await BatchControls.MayMakeJobs(transaction.Session, batchId) ? Next(0, false) with { Pause = PauseForOthers }
            : CommandSlice.Done;
    }

    private static CommandSlice Next(long from, bool found) => new(false, new JsonObject { [From] = from, [Found] = found });
}
