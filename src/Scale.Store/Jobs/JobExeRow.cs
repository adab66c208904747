using Scale.Model.Jobs;
using Scale.Store.Errors;
using Scale.Store.JobTypes;
using Scale.Store.Scheduling;

namespace Scale.Store.Jobs;

/// <summary>One execution of a job; the timeout is in seconds, sizes are MiB.</summary>
public sealed class JobExeRow
{
    public long Id { get; set; }
    public long JobId { get; set; }
    public int ExeNum { get; set; }
    public long JobTypeId { get; set; }
    public JobTypeRow JobType { get; set; } = null!;
    public required string ClusterId { get; set; }
    public long? NodeId { get; set; }
    public NodeRow? Node { get; set; }
    public ExecutionStatus Status { get; set; }
    public bool IsSettled { get; set; }
    public long? ErrorId { get; set; }
    public ErrorRow? Error { get; set; }
    public int Timeout { get; set; }
    public double InputFileSize { get; set; }
    public required string Resources { get; set; }
    public required string Configuration { get; set; }
    public string? TaskResults { get; set; }
    public string? Output { get; set; }
    public DateTime? MainStarted { get; set; }
    public DateTime? MainEnded { get; set; }
    public double? CpuSeconds { get; set; }
    public double? PeakMemory { get; set; }
    public long? BytesRead { get; set; }
    public long? BytesWritten { get; set; }
    public DateTime Queued { get; set; }
    public DateTime? Started { get; set; }
    public DateTime? Ended { get; set; }
    public DateTime Created { get; set; }
    public DateTime LastModified { get; set; }
}
