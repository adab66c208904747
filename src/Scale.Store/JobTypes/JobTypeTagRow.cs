namespace Scale.Store.JobTypes;

/// <summary>A tag of a job type.</summary>
public sealed class JobTypeTagRow
{
    public long JobTypeId { get; set; }
    public required string Tag { get; set; }
}
