using Scale.Engine.Executions;
using Scale.Model.Scheduling;

namespace Scale.Engine.Scheduling;

/// <summary>An execution whose processes may exist: it takes room on its node until the cluster has reported its end.</summary>
/// <param name="Deadline">When the leader ends it by itself; null for never.</param>
public sealed record RunningExecution(ExecutionKey Key, long NodeId, long JobTypeId, Resources Reserved, DateTime Started, DateTime? Deadline)
{
    /// <summary>Where its job stood in the queue; null when an earlier leader took it from there.</summary>
    public QueuePlace? Place { get; init; }

    /// <summary>Its end is decided and written; only the confirmation that its processes are gone is missing.</summary>
    public bool IsEnding { get; set; }

    /// <summary>When the cluster was last asked to end it, or whether it still knows it.</summary>
    public DateTime LastAsked { get; set; } = Started;

    /// <summary>It was taken over from an earlier leader, so losing it is <c>scheduler-lost</c>.</summary>
    public bool IsAdopted { get; init; }
}

/// <param name="Queued">Since when the job has waited.</param>
public readonly record struct QueuePlace(int Priority, DateTime Queued);

/// <summary>All executions that are not settled, with what they take from nodes and limits. For one thread.</summary>
public sealed class RunningExecutions
{
    private readonly Dictionary<long, RunningExecution> byId = [];
    private readonly Dictionary<long, int> byJob = [];
    private readonly Dictionary<long, int> byJobType = [];
    private readonly Dictionary<long, Resources> usedByNode = [];

    public int Count => byId.Count;

    public IReadOnlyCollection<RunningExecution> All => byId.Values;

    public void Clear()
    {
        byId.Clear();
        byJob.Clear();
        byJobType.Clear();
        usedByNode.Clear();
    }

    public RunningExecution? Find(long executionId) => byId.GetValueOrDefault(executionId);

    /// <summary>A job that still has an execution may not start another.</summary>
    public bool HasAny(long jobId) => byJob.ContainsKey(jobId);

    public int CountOfType(long jobTypeId) => byJobType.GetValueOrDefault(jobTypeId);

    public Resources UsedOn(long nodeId) => usedByNode.GetValueOrDefault(nodeId) ?? Resources.None;

    public void Add(RunningExecution execution)
    {
        if (byId.TryAdd(execution.Key.ExecutionId, execution))
        {
            Shift(byJob, execution.Key.JobId, 1);
            Shift(byJobType, execution.JobTypeId, 1);
            usedByNode[execution.NodeId] = UsedOn(execution.NodeId) + execution.Reserved;
        }
    }

    public void Remove(long executionId)
    {
        if (byId.Remove(executionId, out var execution))
        {
            Shift(byJob, execution.Key.JobId, -1);
            Shift(byJobType, execution.JobTypeId, -1);
            usedByNode[execution.NodeId] = UsedOn(execution.NodeId) - execution.Reserved;
        }
    }

    private static void Shift(Dictionary<long, int> counts, long key, int change)
    {
        var count = counts.GetValueOrDefault(key) + change;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }
}
