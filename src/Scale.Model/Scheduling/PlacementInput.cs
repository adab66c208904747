namespace Scale.Model.Scheduling;

public enum QueueMode : short
{
    Fifo = 0,
    Lifo = 1,
}

/// <summary>A node as the scheduler sees it now.</summary>
/// <param name="Free">What nothing uses at this moment.</param>
/// <param name="Total">What the node would offer if it were empty.</param>
/// <param name="IsActive">False for nodes that are gone or deprecated: they count for nothing.</param>
/// <param name="IsPaused">A paused node takes no work but still counts for what could ever fit.</param>
public sealed record PlacementNode(long Id, Resources Free, Resources Total, bool IsActive = true, bool IsPaused = false);

/// <summary>All queued jobs that need the same: one job type, priority and set of resources.</summary>
/// <param name="Needed">For one job; gpus are taken whole.</param>
/// <param name="Waiting">How many jobs the class holds in all.</param>
/// <param name="Heads">When the first of them were queued, in microseconds since 1970 and in order of service; no more than these are placed by one plan.</param>
public sealed record RequirementClass(long Id, long JobTypeId, int Priority, Resources Needed, long Waiting, IReadOnlyList<long> Heads)
{
    /// <summary>How many jobs may wait on a node for each one that it has cpus for. 0 unless nodes start jobs in turn and these are over so soon that the next plan would come too late.</summary>
    public double Ahead { get; init; }
}

/// <summary>Keeps a node for a class that fits on it but not yet.</summary>
public sealed record Reservation(long ClassId, long NodeId);

/// <summary>Everything a placement is decided by.</summary>
public sealed record PlacementInput(IReadOnlyList<PlacementNode> Nodes, IReadOnlyList<RequirementClass> Classes)
{
    /// <summary>How many more executions of a job type may start; a job type that is missing has no limit.</summary>
    public IReadOnlyDictionary<long, int> RemainingByJobType { get; init; } = new Dictionary<long, int>();

    public IReadOnlySet<long> PausedJobTypes { get; init; } = new HashSet<long>();

    public QueueMode Mode { get; init; } = QueueMode.Fifo;

    /// <summary>The reservations of the plan before, so that a node that drains for a class goes on draining for it.</summary>
    public IReadOnlyList<Reservation> Reservations { get; init; } = [];

    /// <summary>Whether the whole scheduler is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Upper limit of assignments, for short transactions.</summary>
    public int MaxAssignments { get; init; } = int.MaxValue;
}
