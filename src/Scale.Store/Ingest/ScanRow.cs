namespace Scale.Store.Ingest;

/// <summary>A scan of a workspace for files to ingest.</summary>
public sealed class ScanRow
{
    public long Id { get; set; }
    public required string Name { get; set; }
    public required string Title { get; set; }
    public string? Description { get; set; }
    public required string Configuration { get; set; }
    public long? JobId { get; set; }
    public long? DryRunJobId { get; set; }
    public long? FileCount { get; set; }
    public DateTime Created { get; set; }
    public DateTime LastModified { get; set; }
}
