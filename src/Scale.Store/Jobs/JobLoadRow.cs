namespace Scale.Store.Jobs;

/// <summary>Jobs of one type that waited or ran at a full hour; without a type, and all zero, where there were none.</summary>
public sealed class JobLoadRow
{
    public long Id { get; set; }
    public DateTime Measured { get; set; }
    public long? JobTypeId { get; set; }
    public int Pending { get; set; }
    public int Queued { get; set; }
    public int Running { get; set; }
}
