using Scale.Model.Recipes;
using Scale.Store.Batches;

namespace Scale.Api.V6.Batches;

/// <summary>What a batch keeps of one node of its graph (batches-and-datasets.md §5.6). Durations are null where no job completed.</summary>
/// <remarks>Seconds, medians and 95th percentiles are additions; the durations are whole seconds, too coarse for quick jobs.</remarks>
public sealed record NodeMetricsAnswer(
    int JobsTotal, int JobsPending, int JobsBlocked, int JobsQueued, int JobsRunning, int JobsFailed, int JobsCompleted, int JobsCanceled,
    TimeSpan? MinSeedDuration, TimeSpan? AvgSeedDuration, TimeSpan? MaxSeedDuration,
    TimeSpan? MinJobDuration, TimeSpan? AvgJobDuration, TimeSpan? MaxJobDuration,
    double? MinJobSeconds, double? AvgJobSeconds, double? MaxJobSeconds,
    TimeSpan? MedianSeedDuration, TimeSpan? P95SeedDuration, TimeSpan? MedianJobDuration, TimeSpan? P95JobDuration)
{
    public static NodeMetricsAnswer Of(BatchNodeMetrics m) => new(
        m.Jobs.Total, m.Jobs.Pending, m.Jobs.Blocked, m.Jobs.Queued, m.Jobs.Running, m.Jobs.Failed, m.Jobs.Completed, m.Jobs.Canceled,
        m.SeedDuration.Least, m.SeedDuration.Average, m.SeedDuration.Greatest,
        m.JobDuration.Least, m.JobDuration.Average, m.JobDuration.Greatest,
        m.JobDuration.Least?.TotalSeconds, m.JobDuration.Average?.TotalSeconds, m.JobDuration.Greatest?.TotalSeconds,
        m.SeedDuration.Median, m.SeedDuration.Percentile95, m.JobDuration.Median, m.JobDuration.Percentile95);
}

/// <summary>Batches side by side (§2.6): index i of every array belongs to batch i.</summary>
internal static class ComparisonAnswer
{
    private static readonly (string Name, Func<JobCounts, int> Value)[] Counts =
    [
        ("jobs_total", c => c.Total), ("jobs_pending", c => c.Pending), ("jobs_blocked", c => c.Blocked), ("jobs_queued", c => c.Queued),
        ("jobs_running", c => c.Running), ("jobs_failed", c => c.Failed), ("jobs_completed", c => c.Completed), ("jobs_canceled", c => c.Canceled),
    ];

    private static readonly (string Name, Func<BatchNodeMetrics, TimeSpan?> Value)[] Durations =
    [
        ("min_seed_duration", m => m.SeedDuration.Least), ("avg_seed_duration", m => m.SeedDuration.Average), ("max_seed_duration", m => m.SeedDuration.Greatest),
        ("min_job_duration", m => m.JobDuration.Least), ("avg_job_duration", m => m.JobDuration.Average), ("max_job_duration", m => m.JobDuration.Greatest),
    ];

    private static readonly (string Name, Func<BatchNodeMetrics, TimeSpan?> Value)[] Percentiles =
    [
        ("median_seed_duration", m => m.SeedDuration.Median), ("p95_seed_duration", m => m.SeedDuration.Percentile95),
        ("median_job_duration", m => m.JobDuration.Median), ("p95_job_duration", m => m.JobDuration.Percentile95),
    ];

    /// <summary>A chain, exactly as documented: pages draw one chart for every member.</summary>
    public static object Of(BatchComparison comparison) => Of(comparison, Durations, []);

    /// <summary>Any batches, with percentiles and with failed jobs by the name of their error.</summary>
    public static object Of(BatchComparison comparison, IReadOnlyList<(long BatchId, string Error, int Jobs)> errors)
    {
        var counts = errors.GroupBy(e => e.Error, StringComparer.Ordinal).OrderBy(e => e.Key, StringComparer.Ordinal)
            .ToDictionary(e => e.Key, e => comparison.Batches.Select(b => e.Where(c => c.BatchId == b.Id).Sum(c => c.Jobs)).ToList());
        return Of(comparison, [.. Durations, .. Percentiles], new Dictionary<string, object> { ["errors"] = counts });
    }

    private static object Of(BatchComparison comparison, (string Name, Func<BatchNodeMetrics, TimeSpan?> Value)[] durations, Dictionary<string, object> more)
    {
        var metrics = Counts.ToDictionary(c => c.Name, c => (object)comparison.Batches.Select(b => c.Value(b.Jobs)).ToList());
        metrics["recipes_estimated"] = comparison.Batches.Select(b => b.RecipesEstimated).ToList();
        metrics["recipes_total"] = comparison.Batches.Select(b => b.RecipesTotal).ToList();
        metrics["recipes_completed"] = comparison.Batches.Select(b => b.RecipesCompleted).ToList();
        metrics["job_metrics"] = comparison.Nodes.ToDictionary(n => n.Key, n => NodeArrays(n.Value, durations));
        foreach (var (name, value) in more)
        {
            metrics[name] = value;
        }

        return new { batches = comparison.Batches.Select(b => new { b.Id, b.Title, b.Description, b.Created }).ToList(), metrics };
    }

    private static Dictionary<string, object> NodeArrays(IReadOnlyList<BatchNodeMetrics?> nodes, (string Name, Func<BatchNodeMetrics, TimeSpan?> Value)[] durations)
    {
        var arrays = Counts.ToDictionary(c => c.Name, c => (object)nodes.Select(n => n is null ? (int?)null : c.Value(n.Jobs)).ToList());
        foreach (var (name, value) in durations)
        {
            arrays[name] = nodes.Select(n => n is null ? null : value(n)).ToList();
        }

        return arrays;
    }
}
