namespace Scale.Store.Scheduling;

/// <summary>Settings and last status document of the scheduler; one row.</summary>
public sealed class SchedulerRow
{
    public long Id { get; set; }
    public bool IsPaused { get; set; }
    public int NumMessageHandlers { get; set; } = 1;
    public string QueueMode { get; set; } = "FIFO";
    public string SystemLoggingLevel { get; set; } = "INFO";
    public string? Status { get; set; }
    public DateTime? StatusWritten { get; set; }
}
