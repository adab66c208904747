using Scale.Store.JobTypes;

namespace Scale.Store.Jobs;

/// <summary>What jobs of the queue ask for.</summary>
public sealed class QueueClassRow
{
    public long Id { get; set; }
    public long JobTypeId { get; set; }
    public JobTypeRow JobType { get; set; } = null!;
    public int Priority { get; set; }
    public required string Resources { get; set; }
}
