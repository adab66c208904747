namespace Scale.Store.Datasets;

/// <summary>One member: a data document and the distinct ids of its files, both JSON text.</summary>
public sealed class DatasetMemberRow
{
    public long Id { get; set; }
    public long DatasetId { get; set; }
    public required string Data { get; set; }
    public required string FileIds { get; set; }
    public DateTime Created { get; set; }
}
