using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Store.Batches;

namespace Scale.Engine.Batches;

/// <summary>
/// Queues the FAILED jobs of a batch again, each once, as those that fail anew are behind the cursor: first the jobs that the batch made, then those of other
/// batches that its recipes share.
/// </summary>
public sealed class RetryFailedJobs(JobTransitions transitions) : ICommandHandler
{
    public const string CommandKind = "retry-failed-jobs";

    private const int SliceSize = 1000;

    private const string After = "after";
    private const string IsAtShared = "is_at_shared";

    public string Kind => CommandKind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var batchId = command.Arguments.GetProperty("batch_id").GetInt64();
        var last = command.Arguments.GetProperty("last_job_id").GetInt64();
        var after = command.Progress.TryGetProperty(After, out var cursor) ? cursor.GetInt64() : 0;
        var isAtShared = command.Progress.TryGetProperty(IsAtShared, out var shared) && shared.GetBoolean();
        if (await BatchStore.Find(transaction.Session, batchId) is null or { IsCanceled: true })
        {
            return CommandSlice.Done;
        }

        return isAtShared ? await RetryShared(transaction, batchId, after) : await RetryOwn(transaction, batchId, after, last);
    }

    private async Task<CommandSlice> RetryOwn(EngineTransaction transaction, long batchId, long after, long last)
    {
        var jobs = await BatchControls.FailedJobs(transaction.Session, batchId, after, last, SliceSize);
        await transitions.Requeue(transaction, jobs, priority: null, isNamed: false);
        return jobs.Count == SliceSize ? Next(jobs[^1].JobId, isAtShared: false) : Next(0, isAtShared: true);
    }

    private async Task<CommandSlice> RetryShared(EngineTransaction transaction, long batchId, long after)
    {
        var recipes = await BatchControls.RecipesWithFailures(transaction.Session, batchId, after, SliceSize);
        await transitions.Requeue(transaction, await BatchControls.SharedFailedJobs(transaction.Session, [.. recipes]), priority: null, isNamed: false);
        return recipes.Count == SliceSize ? Next(recipes[^1], isAtShared: true) : CommandSlice.Done;
    }

    private static CommandSlice Next(long after, bool isAtShared) => new(false, new JsonObject { [After] = after, [IsAtShared] = isAtShared });
}
