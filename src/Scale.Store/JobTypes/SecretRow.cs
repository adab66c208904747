namespace Scale.Store.JobTypes;

/// <summary>A secret value of an owner: <c>job_type/ID</c> or <c>workspace/ID</c>.</summary>
public sealed class SecretRow
{
    public required string Owner { get; set; }
    public required string Name { get; set; }
    public required string Value { get; set; }
    public DateTime LastModified { get; set; }
}
