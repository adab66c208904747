namespace Scale.Store.Datasets;

/// <summary>A named collection of members; counts are kept.</summary>
public sealed class DatasetRow
{
    public long Id { get; set; }
    public string? Title { get; set; }
    public string? Description { get; set; }
    public required string Definition { get; set; }
    public long FileCount { get; set; }
    public long MemberCount { get; set; }
    public DateTime Created { get; set; }
}
