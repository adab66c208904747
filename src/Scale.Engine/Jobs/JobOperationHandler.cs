using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Store.Commands;
using Scale.Store.Jobs;
using Scale.Store.Recipes;

namespace Scale.Engine.Jobs;

/// <param name="SliceSize">Jobs moved by one transaction: few enough that others get their turn every tenth of a second, recipes included. Where the database can write
/// two at a time, two transactions cancel this many each.</param>
/// <param name="LargestWindow">Most rows of other jobs that one transaction looks through.</param>
public sealed record JobOperationLimits(int SliceSize, int LargestWindow)
{
    public static readonly JobOperationLimits Default = new(1_500, 20_000);
}

/// <summary>
/// The command <c>move_jobs</c>: cancels or requeues the jobs of a selection, from the highest id down (jobs-and-queue.md §13.11). What a slice finds is judged
/// and moved in one transaction, and the place where the next goes on is stored in it, too: a crash repeats nothing.
/// </summary>
public sealed class JobOperationHandler(JobTransitions transitions, IRecipeEvaluation evaluation, JobOperationLimits limits) : ICommandHandler
{
    // A list of many ids is not read again for each slice.
    private (long CommandId, JobOperation Operation)? known;

    public string Kind => JobOperation.Kind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var operation = known is { } cached && cached.CommandId == command.Id ? cached.Operation : JobOperation.Read(command.Arguments);
        var progress = JobOperationProgress.Read(command.Progress, limits.SliceSize);
        var size = operation.Action == JobAction.Cancel && transaction.CanHaveCompany ? 2 * limits.SliceSize : limits.SliceSize;
        var slice = await JobSelectionStore.Next(
            transaction.Session, operation.Action, operation.Selection, progress.Below ?? operation.UpperId + 1, command.Created, progress.Window, size);
        known = slice.From is null ? null : (command.Id, operation);

        // Where little is meant, the next slice looks further; where much is, only as far as it can take.
        progress = progress with { Below = slice.From ?? 0, Window = slice.IsFull ? size : Math.Min(limits.LargestWindow, progress.Window * 4) };
        var first = slice.Skipped == 0 && slice.Jobs.Count > limits.SliceSize ? await Middle(transaction, slice.Jobs) : 0;
        progress = first > 0
            ? await CancelInTwo(transaction, command.Id, slice.Jobs, first, progress)
            : progress.Plus(slice.Jobs.Count, await Move(transaction, operation, slice.Jobs), slice.Skipped);
        return new CommandSlice(slice.From is null, progress.ToJson());
    }

    private static async Task<int> Middle(EngineTransaction transaction, IReadOnlyList<SelectedJob> jobs)
    {
        long[] ids = [.. jobs.Select(j => j.JobId)];
        return JobParting.Middle(ids, await RecipeReads.Holdings(transaction.Session, ids));
    }

    /// <summary>The first jobs in a transaction of their own, which is a slice like any other: when this one is lost, the command goes on behind it.</summary>
    /// <param name="progress">Of both once they are done, but for what they did.</param>
    private async Task<JobOperationProgress> CancelInTwo(EngineTransaction transaction, long commandId, IReadOnlyList<SelectedJob> jobs, int count, JobOperationProgress progress)
    {
        long[] upper = [.. jobs.Take(count).Select(j => j.JobId)];
        long[] lower = [.. jobs.Skip(count).Select(j => j.JobId)];
        await transaction.InTwo(
            async beside =>
            {
                var before = progress with { Below = upper[^1] };
                before = before.Plus(upper.Length, (await transitions.Cancel(beside, upper)).Count);
                await evaluation.EvaluateLater(beside);
                await CommandStore.Progressed(beside.Session, commandId, before.ToJson().ToJsonString(), isDone: false, beside.Now, beside.Now);
                progress = before with { Below = progress.Below };
            },
            async first =>
            {
                var canceled = await transitions.Cancel(transaction, lower, first);
                progress = progress.Plus(lower.Length, canceled.Count);
            });
        return progress;
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
