namespace Scale.Store.Batches;

/// <summary>One unit of the creation work of a batch.</summary>
public sealed class BatchItemRow
{
    public long BatchId { get; set; }
    public short Kind { get; set; }
    public long SourceId { get; set; }
    public short State { get; set; }
    public long? RecipeId { get; set; }
    public string? Error { get; set; }
}
