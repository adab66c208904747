namespace Scale.Model.Scheduling;

/// <summary>One job starts on one node.</summary>
/// <param name="Entry">Index into the class's heads; a plan takes them from 0 on without gaps.</param>
public readonly record struct Assignment(long ClassId, int Entry, long NodeId);

/// <summary>Why jobs of a class wait. The numbers are stored; never renumber.</summary>
public enum WaitReason : short
{
    /// <summary>The scheduler as a whole is paused.</summary>
    SchedulerPaused = 0,

    /// <summary>The job type is paused.</summary>
    JobTypePaused = 1,

    /// <summary>The job type runs as often as it may.</summary>
    LimitReached = 2,

    /// <summary>There is no active node.</summary>
    NoNodes = 3,

    /// <summary>Even an empty node would not do; the resources say what is missing.</summary>
    NoNodeFits = 4,

    /// <summary>Every node on which it could run is paused.</summary>
    NodesPaused = 5,

    /// <summary>Every node on which it could run is full.</summary>
    NodesBusy = 6,

    /// <summary>It would fit now, but only on nodes kept for jobs before it.</summary>
    NodesReserved = 7,

    /// <summary>Nothing stands in the way but the size of one plan.</summary>
    NextPlan = 8,
}

/// <summary>Why what is left of a class waits.</summary>
/// <param name="Count">How many jobs of the class are left.</param>
/// <param name="Resources">Names of missing resources for <see cref="WaitReason.NoNodeFits"/>, otherwise empty.</param>
/// <param name="ReservedNodeId">The node kept for the class, or null.</param>
public sealed record ClassWait(long ClassId, long Count, WaitReason Reason, IReadOnlyList<string> Resources, long? ReservedNodeId);

/// <summary>What to start, in order of service, and why the rest waits.</summary>
public sealed record PlacementPlan(IReadOnlyList<Assignment> Assignments, IReadOnlyList<Reservation> Reservations, IReadOnlyList<ClassWait> Waits)
{
    /// <summary>Classes that no node could ever run, with the names of missing resources (<c>unmet_resources</c>).</summary>
    public IEnumerable<ClassWait> Unmet => Waits.Where(w => w.Reason == WaitReason.NoNodeFits);

    /// <summary>Whether another plan would place more at once.</summary>
    public bool HasMore => Waits.Any(w => w.Reason == WaitReason.NextPlan);
}
