using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Engine.Recipes;

/// <summary>Collects over one transaction by how much the counters of batches move (batches-and-datasets.md §5.6).</summary>
internal sealed class BatchCounters
{
    private readonly Dictionary<long, BatchDelta> batches = [];
    private readonly Dictionary<(long BatchId, string Node), BatchNodeDelta> nodes = [];
    private readonly Dictionary<DurationBucket, int> durations = [];

    public void Add(long batchId, JobCounts jobs, int recipesTotal, int recipesCompleted)
    {
        if (jobs == JobCounts.Zero && recipesTotal == 0 && recipesCompleted == 0)
        {
            return;
        }

        var before = batches.GetValueOrDefault(batchId);
        batches[batchId] = new BatchDelta(batchId, before.Jobs + jobs, before.RecipesTotal + recipesTotal, before.RecipesCompleted + recipesCompleted);
    }

    /// <summary>A job at a node came or moved; the durations of one that completed are taken along.</summary>
    public void Move(long batchId, string node, JobStatus? old, JobStatus? @new, JobWork? job)
    {
        var key = (batchId, node);
        var before = nodes.TryGetValue(key, out var known) ? known : new BatchNodeDelta(batchId, node, JobCounts.Zero, default, default);
        var counts = before.Jobs;
        counts = old is { } left ? counts - JobCounts.Of(left) : counts;
        counts = @new is { } entered ? counts + JobCounts.Of(entered) : counts;
        if (@new == JobStatus.Completed && job is not null)
        {
            nodes[key] = before with { Jobs = counts, Job = before.Job.With(job.Started, job.Ended), Seed = before.Seed.With(job.MainStarted, job.MainEnded) };
            Count(DurationBucket.Of(batchId, node, DurationKind.Job, job.Started, job.Ended));
            Count(DurationBucket.Of(batchId, node, DurationKind.Seed, job.MainStarted, job.MainEnded));
        }
        else
        {
            nodes[key] = before with { Jobs = counts };
        }
    }

    public async Task Write(Session session, DateTime now)
    {
        // In one order everywhere, so that no two writers of the API and the leader ever wait for each other.
        await BatchCounterWrites.Add(session, [.. batches.Values.OrderBy(d => d.BatchId)], now);
        await BatchCounterWrites.Add(session, [.. nodes.Values]);
        await BatchDurations.Add(session, durations);
        batches.Clear();
        nodes.Clear();
        durations.Clear();
    }

    private void Count(DurationBucket? bucket)
    {
        if (bucket is { } key)
        {
            durations[key] = durations.GetValueOrDefault(key) + 1;
        }
    }
}
