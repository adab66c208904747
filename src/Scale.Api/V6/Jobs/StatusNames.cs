using Scale.Model.Jobs;

namespace Scale.Api.V6.Jobs;

/// <summary>Names of statuses as clients know them.</summary>
public static class StatusNames
{
    private static readonly Dictionary<string, JobStatus> Jobs = Enum.GetValues<JobStatus>().ToDictionary(NameOf, s => s, StringComparer.Ordinal);
    private static readonly Dictionary<string, ExecutionStatus> Executions = Enum.GetValues<ExecutionStatus>().ToDictionary(NameOf, s => s, StringComparer.Ordinal);

    public static string NameOf(this JobStatus status) => status switch
    {
        JobStatus.Pending => "PENDING",
        JobStatus.Blocked => "BLOCKED",
        JobStatus.Queued => "QUEUED",
        JobStatus.Running => "RUNNING",
        JobStatus.Failed => "FAILED",
        JobStatus.Completed => "COMPLETED",
        JobStatus.Canceled => "CANCELED",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "is no job status"),
    };

    public static string NameOf(this ExecutionStatus status) => ((JobStatus)status).NameOf();

    /// <summary>The statuses among the names; others name nothing, so they match no job.</summary>
    public static List<JobStatus> JobStatuses(IEnumerable<string> names) => [.. names.Where(Jobs.ContainsKey).Select(n => Jobs[n])];

    public static List<ExecutionStatus> ExecutionStatuses(IEnumerable<string> names) => [.. names.Where(Executions.ContainsKey).Select(n => Executions[n])];
}
