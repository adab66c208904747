namespace Scale.Engine.Scheduling;

/// <summary>
/// How long mains of a job type take now, as far as this leader has seen. Where they are over sooner than the leader can tell a node what comes next,
/// the node is given some ahead, so that it never stands idle for it (scheduler-and-system.md §9). For one thread.
/// </summary>
public sealed class JobPaces
{
    /// <summary>How much work a node may have ahead, at most.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(200);

    /// <summary>How many jobs may wait for each one that a node has room for, however short they are.</summary>
    public const double MostAhead = 31;

    // One main that took long is believed at once; of short ones a single one tells little, as a busy machine may have kept it waiting.
    private const double Weight = 1.0 / 16;

    private readonly Dictionary<long, double> seconds = [];

    public void Clear() => seconds.Clear();

    /// <summary>A main has ended.</summary>
    public void Note(long jobTypeId, TimeSpan took)
    {
        took = took < TimeSpan.Zero ? TimeSpan.Zero : took;
        var known = seconds.GetValueOrDefault(jobTypeId, Horizon.TotalSeconds);
        seconds[jobTypeId] = took >= Horizon ? took.TotalSeconds : known + ((took.TotalSeconds - known) * Weight);
    }

    /// <summary>How many jobs of a type may wait on a node for each one that it has room for; 0 where nothing is known or they take long.</summary>
    public double AheadOf(long jobTypeId) =>
        seconds.TryGetValue(jobTypeId, out var took) && Math.Min(Horizon.TotalSeconds / took, MostAhead) is >= 1 + Weight and var ahead ? ahead : 0;
}
