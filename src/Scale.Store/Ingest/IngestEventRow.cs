namespace Scale.Store.Ingest;

/// <summary>What set off the jobs or recipes of an ingest.</summary>
public sealed class IngestEventRow
{
    public long Id { get; set; }
    public required string Type { get; set; }
    public long? IngestId { get; set; }
    public long? ScanId { get; set; }
    public long? StrikeId { get; set; }
    public required string Description { get; set; }
    public DateTime Occurred { get; set; }
}
