namespace Scale.Store.Batches;

/// <summary>Kept counts of one node over the top-level recipes of a batch; durations are microseconds over COMPLETED jobs.</summary>
public sealed class BatchNodeRow
{
    public long BatchId { get; set; }
    public required string NodeName { get; set; }
    public int JobsTotal { get; set; }
    public int JobsPending { get; set; }
    public int JobsBlocked { get; set; }
    public int JobsQueued { get; set; }
    public int JobsRunning { get; set; }
    public int JobsFailed { get; set; }
    public int JobsCompleted { get; set; }
    public int JobsCanceled { get; set; }
    public int JobDurationCount { get; set; }
    public long JobDurationSum { get; set; }
    public long? JobDurationMin { get; set; }
    public long? JobDurationMax { get; set; }
    public int SeedDurationCount { get; set; }
    public long SeedDurationSum { get; set; }
    public long? SeedDurationMin { get; set; }
    public long? SeedDurationMax { get; set; }
}
