using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Store.Commands;
using Scale.Store.Jobs;

namespace Scale.Engine.Jobs;

/// <param name="SliceSize">Jobs moved by one transaction: few enough that others get their turn every tenth of a second, recipes included. Where the database can write
/// two at a time, each of several transactions cancels this many.</param>
/// <param name="LargestWindow">Most rows of other jobs that one transaction looks through.</param>
public sealed record JobOperationLimits(int SliceSize, int LargestWindow)
{
    public static readonly JobOperationLimits Default = new(1_500, 20_000);
}

/// <summary>
/// The command <c>move_jobs</c>: cancels or requeues the jobs of a selection, from the highest id down (jobs-and-queue.md §13.11). What a slice finds is judged
/// and moved in one transaction, and the place where the next goes on is stored in it, too: a crash repeats nothing.
/// </summary>
public sealed class JobOperationHandler(JobTransitions transitions, BulkCancel bulkCancel, JobOperationLimits limits) : ICommandHandler
{
    // A list of many ids is not read again for each slice.
    private (long CommandId, JobOperation Operation)? known;

    public string Kind => JobOperation.Kind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var operation = known is { } cached && cached.CommandId == command.Id ? cached.Operation : JobOperation.Read(command.Arguments);
        var progress = JobOperationProgress.Read(command.Progress, limits.SliceSize);
        var size = operation.Action == JobAction.Cancel ? transaction.SliceSize(limits.SliceSize) : limits.SliceSize;
        var slice = await JobSelectionStore.Next(
            transaction.Session, operation.Action, operation.Selection, progress.Below ?? operation.UpperId + 1, command.Created, progress.Window, size);
        known = slice.From is null ? null : (command.Id, operation);

        // Where little is meant, the next slice looks further; where much is, only as far as it can take.
        progress = progress with { Below = slice.From ?? 0, Window = slice.IsFull ? size : Math.Min(limits.LargestWindow, progress.Window * 4) };
        var moved = await Move(transaction, operation, slice, command.Id, progress);
        return new CommandSlice(slice.From is null, progress.Plus(slice.Jobs.Count, moved, slice.Skipped).ToJson());
    }

    private async Task<int> Move(EngineTransaction transaction, JobOperation operation, SelectedSlice slice, long commandId, JobOperationProgress progress)
    {
        if (slice.Jobs.Count == 0)
        {
            return 0;
        }

        // The selection takes QUEUED and RUNNING jobs only where the request names them.
        return operation.Action == JobAction.Cancel
            ? await bulkCancel.Run(transaction, [.. slice.Jobs.Select(j => j.JobId)], slice.Skipped == 0 ? limits.SliceSize : int.MaxValue, Note)
            : (await transitions.Requeue(transaction, [.. slice.Jobs.Select(j => (j.JobId, j.NumExes))], operation.Priority, isNamed: true)).Count;

        // What each transaction does is a slice: when the later ones are lost, the command goes on behind the others.
        Task Note(EngineTransaction part, int taken, int moved) => CommandStore.Progressed(
            part.Session, commandId, (progress with { Below = slice.Jobs[taken - 1].JobId }).Plus(taken, moved).ToJson().ToJsonString(), isDone: false, part.Now, part.Now);
    }
}
