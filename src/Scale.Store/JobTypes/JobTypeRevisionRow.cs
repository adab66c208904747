namespace Scale.Store.JobTypes;

/// <summary>A frozen manifest of a job type.</summary>
public sealed class JobTypeRevisionRow
{
    public long Id { get; set; }
    public long JobTypeId { get; set; }
    public JobTypeRow JobType { get; set; } = null!;
    public int RevisionNum { get; set; }
    public required string Manifest { get; set; }
    public required string DockerImage { get; set; }
    public DateTime Created { get; set; }
}
