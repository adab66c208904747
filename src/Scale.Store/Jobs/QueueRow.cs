namespace Scale.Store.Jobs;

/// <summary>A job that waits for a node.</summary>
public sealed class QueueRow
{
    public long JobId { get; set; }
    public int ExeNum { get; set; }
    public long ClassId { get; set; }
    public QueueClassRow Class { get; set; } = null!;
    public int Timeout { get; set; }
    public DateTime Queued { get; set; }
}
