using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Engine.Batches;

/// <summary>What became of an order to a batch.</summary>
public enum BatchControlResult
{
    /// <summary>It is carried out by the leader, or there was nothing to do.</summary>
    Accepted,

    NotFound,

    /// <summary>The batch was canceled, which nothing takes back.</summary>
    IsCanceled,
}

/// <summary>
/// Orders to whole batches (batches-and-datasets.md §9.1): each changes the batch and appends the command that the leader carries out, in the caller's
/// transaction; wake the leader after the commit. An order that is repeated does nothing more.
/// </summary>
public static class BatchControl
{
    /// <summary>Keeps the queued jobs of the batch, and those that are queued later, from starting. Running ones go on, and recipes are still made.</summary>
    public static Task<BatchControlResult> Pause(Session session, long batchId, DateTime now) => SetPaused(session, batchId, true, now);

    /// <summary>Lets the jobs start again, each at the place in the queue that it had.</summary>
    public static Task<BatchControlResult> Resume(Session session, long batchId, DateTime now) => SetPaused(session, batchId, false, now);

    /// <summary>Ends the making of recipes and cancels every job of the batch that has not ended. Jobs copied from another batch are that one's and go on.</summary>
    public static async Task<BatchControlResult> Cancel(Session session, long batchId, DateTime now)
    {
        if (await BatchStore.Find(session, batchId) is not { } batch)
        {
            return BatchControlResult.NotFound;
        }

        // Whoever queues one of its jobs again later wants it to run.
        await SetPaused(session, batch, false, now);
        if (await BatchControls.SetCanceled(session, batchId, now))
        {
            await CommandLog.Append(session, CancelBatch.CommandKind, new JsonObject { ["batch_id"] = batchId }, now);
        }

        return BatchControlResult.Accepted;
    }

    /// <summary>Queues the FAILED jobs of the batch again, those too that its recipes share with an earlier batch; one that fails once more stays so.</summary>
    public static async Task<BatchControlResult> RetryFailed(Session session, long batchId, DateTime now)
    {
        if (await BatchStore.Find(session, batchId) is not { } batch)
        {
            return BatchControlResult.NotFound;
        }

        if (batch.IsCanceled)
        {
            return BatchControlResult.IsCanceled;
        }

        var last = await BatchControls.LastJob(session);
        await CommandLog.Append(session, RetryFailedJobs.CommandKind, new JsonObject { ["batch_id"] = batchId, ["last_job_id"] = last }, now);
        return BatchControlResult.Accepted;
    }

    private static async Task<BatchControlResult> SetPaused(Session session, long batchId, bool isPaused, DateTime now) =>
        await BatchStore.Find(session, batchId) is { } batch ? await SetPaused(session, batch, isPaused, now) : BatchControlResult.NotFound;

    private static async Task<BatchControlResult> SetPaused(Session session, StoredBatch batch, bool isPaused, DateTime now)
    {
        if (batch.IsCanceled)
        {
            return BatchControlResult.IsCanceled;
        }

        if (await BatchControls.SetPaused(session, batch.Id, isPaused, now))
        {
            await CommandLog.Append(session, HoldBatchQueue.CommandKind, new JsonObject { ["batch_id"] = batch.Id }, now);
        }

        return BatchControlResult.Accepted;
    }
}
