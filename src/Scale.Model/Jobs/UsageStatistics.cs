using Scale.Model.Scheduling;

namespace Scale.Model.Jobs;

/// <summary>What an execution used, and how many seconds its main ran; null when that is not known.</summary>
public sealed record MeasuredExecution(ResourceUsage Usage, double? RunSeconds);

/// <summary>How a quantity is spread over executions.</summary>
/// <param name="P50">Half of them have no more.</param>
/// <param name="P95">19 of 20 have no more.</param>
public sealed record Spread(double P50, double P95, double Max)
{
    /// <summary>Of the values that are known; null when none is. Percentiles are values that occurred (nearest rank).</summary>
    public static Spread? Of(IEnumerable<double?> values)
    {
        var sorted = values.OfType<double>().Order().ToList();
        return sorted.Count == 0 ? null : new Spread(Rank(0.5), Rank(0.95), sorted[^1]);

        double Rank(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }
}

/// <summary>What the executions of a job type used, and the resources that would fit them.</summary>
/// <param name="Recommended">Cpus and mem; null without executions. What is not measured (disk, gpus, others) is not in it.</param>
public sealed record UsageStatistics(int Count, Spread? RunSeconds, Spread? CpuSeconds, Spread? PeakMemory, Spread? BytesRead, Spread? BytesWritten, Resources? Recommended)
{
    // An execution that was measured low, or is a little larger than all before, must not be killed for it.
    private const double MemoryReserve = 1.25;
    private const double MemoryStep = 16;
    private const double LeastMemory = 128;
    private const double CpuStep = 0.25;

    public static UsageStatistics Of(IReadOnlyCollection<MeasuredExecution> executions)
    {
        var memory = Spread.Of(executions.Select(e => e.Usage.PeakMemory));
        return new UsageStatistics(
            executions.Count,
            Spread.Of(executions.Select(e => e.RunSeconds)),
            Spread.Of(executions.Select(e => e.Usage.CpuSeconds)),
            memory,
            Spread.Of(executions.Select(e => (double?)e.Usage.BytesRead)),
            Spread.Of(executions.Select(e => (double?)e.Usage.BytesWritten)),
            executions.Count == 0 ? null : Recommend(Spread.Of(executions.Select(CpusOf)), memory));
    }

    private static Resources Recommend(Spread? cpus, Spread? memory)
    {
        var amounts = new Dictionary<string, double>(StringComparer.Ordinal);
        if (cpus is not null)
        {
            amounts["cpus"] = Math.Max(CpuStep, Math.Ceiling(cpus.P95 / CpuStep) * CpuStep);
        }

        if (memory is not null)
        {
            amounts["mem"] = Math.Max(LeastMemory, Math.Ceiling(memory.Max * MemoryReserve / MemoryStep) * MemoryStep);
        }

        return new Resources(amounts);
    }

    // Starting costs the shortest ones more than they do themselves, which says nothing of how many cpus they can use.
    private static double? CpusOf(MeasuredExecution execution) =>
        execution is { Usage.CpuSeconds: { } used, RunSeconds: >= 1 and var seconds } ? used / seconds : null;
}
