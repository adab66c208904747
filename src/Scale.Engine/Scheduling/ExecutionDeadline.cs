namespace Scale.Engine.Scheduling;

/// <summary>When the leader itself ends an execution. Clusters measure every step, main included; this only catches what a cluster missed.</summary>
public static class ExecutionDeadline
{
    /// <summary>The limits of all other steps together (jobs-and-queue.md §13.10): launch and waiting between the steps, pull, pre and post.</summary>
    public static readonly TimeSpan Staging = TimeSpan.FromMinutes(4 * 2 + 3 * 10 + 30 + 60 + 60);

    /// <param name="timeoutSeconds">Of main; null for no limit at all.</param>
    public static DateTime? Of(DateTime started, int? timeoutSeconds) => timeoutSeconds is { } seconds ? started.AddSeconds(seconds) + Staging : null;
}
