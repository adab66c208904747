using Scale.Engine.Executions;
using Scale.Model.Scheduling;

namespace Scale.Engine.Clusters;

public sealed record ClusterNode(string Hostname, Resources Resources);

/// <summary>Where reports of a cluster go; safe to call from any thread.</summary>
public interface IReportSink
{
    void Post(ExecutionReport report);
}

/// <summary>
/// Says where executions run. Every execution that was launched or adopted is reported exactly when it has ended and its processes are gone;
/// the leader bears repeated and late reports.
/// </summary>
public interface ICluster
{
    string Name { get; }

    /// <summary>
    /// Whether a node that was given more than it has cpus for starts it in turn. One whose turn does not come soon is reported <see cref="ExecutionOutcome.NotStarted"/>.
    /// </summary>
    bool StartsInTurn { get; }

    Task<IReadOnlyList<ClusterNode>> Discover(CancellationToken cancel);

    /// <summary>Starts executions that are already written as running. Returns without waiting for them; a failed start is a report.</summary>
    Task Launch(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel);

    /// <summary>Asks to end executions; each is reported <see cref="ExecutionOutcome.Killed"/> (or how it ended just before) once its processes are gone. Unknown ids are reported as <see cref="ExecutionOutcome.Lost"/>.</summary>
    Task Kill(IReadOnlyList<ExecutionKey> executions, CancellationToken cancel);

    /// <summary>
    /// After a start of the leader: adopts those that still run, collects those that ended, reports those that are unknown as <see cref="ExecutionOutcome.Lost"/>
    /// after making sure that they can't start any more.
    /// </summary>
    Task Adopt(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel);

    /// <summary>Execution folders and logs of executions whose end is committed may be packed and cleaned.</summary>
    Task Settle(IReadOnlyList<ExecutionKey> executions, CancellationToken cancel);
}
