using Scale.Model.Recipes;

namespace Scale.Model.Batches;

/// <summary>Where a batch stands, in one word.</summary>
public enum BatchState
{
    /// <summary>Its recipes are being made; those that exist run already.</summary>
    Creating,

    /// <summary>Jobs are queued or running, or about to be.</summary>
    Running,

    /// <summary>Its queued jobs are kept from starting; what runs goes on.</summary>
    Paused,

    /// <summary>Nothing goes on by itself: jobs failed or were canceled, others wait behind them.</summary>
    Blocked,

    /// <summary>Every recipe is complete; also a batch that had nothing to make.</summary>
    Completed,

    /// <summary>It was canceled, and some of its jobs have not ended yet.</summary>
    Canceling,

    /// <summary>It was canceled, and none of its jobs goes on.</summary>
    Canceled,
}

/// <summary>The kept counters that the state of a batch follows from.</summary>
/// <param name="Jobs">Of its top-level recipes, sub-recipes included.</param>
public sealed record BatchCounts(
    bool IsCreationDone, bool IsPaused, bool IsCanceled, int RecipesEstimated, int RecipesTotal, int RecipesCompleted, JobCounts Jobs);

/// <summary>What is known of one node: how many jobs are open there and how long one takes.</summary>
/// <param name="Average">Over completed jobs of this or an earlier batch; null when none completed.</param>
public readonly record struct NodePace(JobCounts Jobs, TimeSpan? Average);

/// <summary>How far a batch has come (batches-and-datasets.md §9.8).</summary>
/// <param name="Share">Completed jobs of those that are expected, 0 to 1.</param>
public readonly record struct BatchProgress(BatchState State, double Share)
{
    public static BatchProgress Of(BatchCounts batch)
    {
        var state = StateOf(batch);
        return new BatchProgress(state, state == BatchState.Completed ? 1 : ShareOf(batch));
    }

    /// <summary>The work that is left, shared by as many jobs as run now.</summary>
    /// <param name="nodes">Nodes of the top-level recipes; jobs inside of sub-recipes are taken to be of average length.</param>
    /// <returns>Null when nothing runs, or nothing is known of how long jobs take.</returns>
    public static TimeSpan? TimeLeft(BatchCounts batch, IReadOnlyCollection<NodePace> nodes)
    {
        var known = nodes.Where(n => n.Average is not null).ToList();
        if (batch.Jobs.Running == 0 || known.Count == 0 || StateOf(batch) is not (BatchState.Running or BatchState.Creating))
        {
            return null;
        }

        var usual = known.Average(n => n.Average!.Value.TotalSeconds);
        var left = nodes.Sum(n => OpenOf(n.Jobs) * (n.Average?.TotalSeconds ?? usual));
        left += Math.Max(0, OpenOf(batch.Jobs) - nodes.Sum(n => OpenOf(n.Jobs))) * usual;
        left += (ExpectedJobs(batch) - batch.Jobs.Total) * usual;

        // Jobs that run are half way through on average.
        left -= 0.5 * batch.Jobs.Running * usual;
        return TimeSpan.FromSeconds(Math.Max(0, left) / batch.Jobs.Running);
    }

    private static BatchState StateOf(BatchCounts batch)
    {
        var (jobs, isMoving) = (batch.Jobs, OpenOf(batch.Jobs) > batch.Jobs.Blocked);
        return batch switch
        {
            { IsCanceled: true } => !batch.IsCreationDone || isMoving ? BatchState.Canceling : BatchState.Canceled,
            { IsCreationDone: true } when batch.RecipesCompleted >= batch.RecipesTotal => BatchState.Completed,
            { IsPaused: true } => BatchState.Paused,
            { IsCreationDone: false } => BatchState.Creating,
            _ => jobs.Queued + jobs.Running == 0 && jobs.Failed + jobs.Canceled + jobs.Blocked > 0 ? BatchState.Blocked : BatchState.Running,
        };
    }

    private static int OpenOf(JobCounts jobs) => jobs.Pending + jobs.Blocked + jobs.Queued + jobs.Running;

    private static double ShareOf(BatchCounts batch)
    {
        var expected = ExpectedJobs(batch);
        return expected == 0 ? 0 : Math.Min(1, batch.Jobs.Completed / expected);
    }

    /// <summary>While recipes are still made, those to come are taken to be like those that exist.</summary>
    private static double ExpectedJobs(BatchCounts batch) => batch.IsCreationDone || batch.RecipesTotal == 0
        ? batch.Jobs.Total
        : batch.Jobs.Total * Math.Max(1, batch.RecipesEstimated / (double)batch.RecipesTotal);
}
