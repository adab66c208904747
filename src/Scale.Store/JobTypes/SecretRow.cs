namespace Scale.Store.JobTypes;

/// <summary>A secret value of an owner: <c>job_type/ID</c> or <c>workspace/ID</c>. Plain only if it was written before values were encrypted.</summary>
public sealed class SecretRow
{
    public required string Owner { get; set; }
    public required string Name { get; set; }
    public required string Value { get; set; }
    public bool IsEncrypted { get; set; }
    public DateTime LastModified { get; set; }
}
