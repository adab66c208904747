namespace Scale.Store.Scheduling;

/// <summary>A machine jobs run on.</summary>
public sealed class NodeRow
{
    public long Id { get; set; }
    public required string Hostname { get; set; }
    public required string Cluster { get; set; }
    public string Resources { get; set; } = "{}";
    public bool IsPresent { get; set; } = true;
    public bool IsActive { get; set; } = true;
    public bool IsPaused { get; set; }
    public string? PauseReason { get; set; }
    public DateTime Created { get; set; }
    public DateTime? Deprecated { get; set; }
    public DateTime LastModified { get; set; }
}
