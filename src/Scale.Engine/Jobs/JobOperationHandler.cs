using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Store.Jobs;

namespace Scale.Engine.Jobs;

/// <param name="SliceSize">Jobs moved by one transaction: few enough that others get their turn every few dozen milliseconds, recipes included.</param>
/// <param name="LargestWindow">Most rows of other jobs that one transaction looks through.</param>
public sealed record JobOperationLimits(int SliceSize, int LargestWindow)
{
    public static readonly JobOperationLimits Default = new(1_000, 20_000);
}

/// <summary>
/// The command <c>move_jobs</c>: cancels or requeues the jobs of a selection, from the highest id down (jobs-and-queue.md §13.11). What a slice finds is judged
/// and moved in one transaction, and the place where the next goes on is stored in it, too: a crash repeats nothing.
/// </summary>
public sealed class JobOperationHandler(JobTransitions transitions, JobOperationLimits limits) : ICommandHandler
{
    // A list of many ids is not read again for each slice.
    private (long CommandId, JobOperation Operation)? known;

    public string Kind => JobOperation.Kind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var operation = known is { } cached && cached.CommandId == command.Id ? cached.Operation : JobOperation.Read(command.Arguments);
        var progress = JobOperationProgress.Read(command.Progress, limits.SliceSize);
        var slice = await JobSelectionStore.Next(
            transaction.Session, operation.Action, operation.Selection, progress.Below ?? operation.UpperId + 1, command.Created, progress.Window, limits.SliceSize);
        var moved = await Move(transaction, operation, slice.Jobs);
        known = slice.From is null ? null : (command.Id, operation);

        // Where little is meant, the next slice looks further; where much is, only as far as it can take.
        var window = slice.IsFull ? limits.SliceSize : Math.Min(limits.LargestWindow, progress.Window * 4);
        var done = new JobOperationProgress(slice.From ?? 0, progress.Done + moved, progress.Skipped + slice.Skipped + slice.Jobs.Count - moved, window);
        return new CommandSlice(slice.From is null, done.ToJson());
    }

    private async Task<int> Move(EngineTransaction transaction, JobOperation operation, IReadOnlyList<SelectedJob> jobs)
    {
        if (jobs.Count == 0)
        {
            return 0;
        }

        var moved = operation.Action == JobAction.Cancel
            ? await transitions.Cancel(transaction, [.. jobs.Select(j => j.JobId)])
            // The selection takes QUEUED and RUNNING jobs only where the request names them.
            : await transitions.Requeue(transaction, [.. jobs.Select(j => (j.JobId, j.NumExes))], operation.Priority, isNamed: true);
        return moved.Count;
    }
}
