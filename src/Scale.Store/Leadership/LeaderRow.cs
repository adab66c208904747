namespace Scale.Store.Leadership;

/// <summary>The one row that says which process leads; its epoch fences every engine write.</summary>
public sealed class LeaderRow
{
    public long Id { get; set; }
    public long Epoch { get; set; }
    public required string Holder { get; set; }
    public DateTime Acquired { get; set; }
}
