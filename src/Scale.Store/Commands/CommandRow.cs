namespace Scale.Store.Commands;

/// <summary>A durable order to the leader.</summary>
public sealed class CommandRow
{
    public long Id { get; set; }
    public required string Kind { get; set; }
    public required string Arguments { get; set; }
    public string Progress { get; set; } = "{}";
    public short State { get; set; }
    public int Attempts { get; set; }
    public DateTime NotBefore { get; set; }
    public string? Error { get; set; }
    public DateTime Created { get; set; }
    public DateTime LastModified { get; set; }
    public DateTime? Finished { get; set; }
}
