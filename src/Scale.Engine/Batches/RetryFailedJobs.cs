using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Store.Batches;

namespace Scale.Engine.Batches;

/// <summary>Queues the FAILED jobs of a batch again, each once: those that fail anew have ids behind the cursor.</summary>
public sealed class RetryFailedJobs(JobTransitions transitions) : ICommandHandler
{
    public const string CommandKind = "retry-failed-jobs";

    private const int SliceSize = 1000;

    private const string After = "after";

    public string Kind => CommandKind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var batchId = command.Arguments.GetProperty("batch_id").GetInt64();
        var last = command.Arguments.GetProperty("last_job_id").GetInt64();
        var after = command.Progress.TryGetProperty(After, out var cursor) ? cursor.GetInt64() : 0;
        var batch = await BatchStore.Find(transaction.Session, batchId);
        var jobs = batch is null or { IsCanceled: true } ? [] : await BatchControls.FailedJobs(transaction.Session, batchId, after, last, SliceSize);
        if (jobs.Count > 0)
        {
            await transitions.Requeue(transaction, jobs, priority: null, isNamed: false);
        }

        return jobs.Count < SliceSize ? CommandSlice.Done : new CommandSlice(false, new JsonObject { [After] = jobs[^1].JobId });
    }
}
