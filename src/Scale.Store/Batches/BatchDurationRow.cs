namespace Scale.Store.Batches;

/// <summary>How many completed jobs of a batch node took about as long as one bucket says.</summary>
public sealed class BatchDurationRow
{
    public long BatchId { get; set; }
    public required string NodeName { get; set; }
    public short Kind { get; set; }
    public short Bucket { get; set; }
    public int Jobs { get; set; }
}
