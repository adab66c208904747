using Microsoft.EntityFrameworkCore;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Api.V6.Jobs;

/// <summary>
/// What keeps queued jobs from starting, however much room there is: pauses, limits, resources that no node has. The same <see cref="Placement.Plan"/> that the
/// scheduler asks decides it, on empty nodes.
/// </summary>
internal sealed class QueueObstacles
{
    /// <summary>Nothing but others before it, or full nodes.</summary>
    public const string WaitsForRoom = "WAITS_FOR_ROOM";

    public const string BatchPaused = "BATCH_PAUSED";

    private readonly IReadOnlyList<PlacementNode> nodes;
    private readonly Dictionary<long, int> running;
    private readonly bool isPaused;

    private QueueObstacles(IReadOnlyList<PlacementNode> nodes, Dictionary<long, int> running, bool isPaused, bool isNewestFirst) =>
        (this.nodes, this.running, this.isPaused, IsNewestFirst) = (nodes, running, isPaused, isNewestFirst);

    /// <summary>Whether jobs of one priority are served LIFO.</summary>
    public bool IsNewestFirst { get; }

    /// <summary>Three small reads; what runs is bounded by the nodes there are.</summary>
    public static async Task<QueueObstacles> Read(ScaleContext context, CancellationToken cancel)
    {
        var scheduler = await context.Scheduler.FirstOrDefaultAsync(cancel);
        var rows = await context.Nodes.ToListAsync(cancel);
        var running = await context.Executions.Where(e => !e.IsSettled).GroupBy(e => e.JobTypeId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancel);
        return new QueueObstacles(
            [.. rows.Select(n => (Node: n, Total: Resources.FromText(n.Resources))).Select(n => new PlacementNode(n.Node.Id, n.Total, n.Total, n.Node.IsPresent && n.Node.IsActive, n.Node.IsPaused))],
            running, scheduler?.IsPaused ?? false, scheduler?.QueueMode == "LIFO");
    }

    /// <summary>Whether an entry of the queue is kept from its class while its batch is paused.</summary>
    public static bool IsHeld(long classId) => classId < 0;

    /// <returns>Null when only room is missing; for resources that no node has, their names.</returns>
    public (WaitReason Reason, IReadOnlyList<string> Resources)? Of(QueueClassRow wanted, JobTypeRow type)
    {
        var limits = new Dictionary<long, int>();
        if (type.MaxScheduled is > 0 and var limit)
        {
            limits[type.Id] = limit - running.GetValueOrDefault(type.Id);
        }

        var plan = Placement.Plan(new PlacementInput(nodes, [new RequirementClass(wanted.Id, type.Id, wanted.Priority, Resources.FromText(wanted.Resources), 1, [0])])
        {
            IsPaused = isPaused,
            PausedJobTypes = type.IsPaused ? new HashSet<long> { type.Id } : [],
            RemainingByJobType = limits,
        });
        return plan.Waits is [var wait, ..] ? (wait.Reason, wait.Resources) : null;
    }

    /// <summary>Names as clients see them, such as <c>JOB_TYPE_PAUSED</c>.</summary>
    public static string NameOf(WaitReason? reason) => reason switch
    {
        WaitReason.SchedulerPaused => "SCHEDULER_PAUSED",
        WaitReason.JobTypePaused => "JOB_TYPE_PAUSED",
        WaitReason.LimitReached => "LIMIT_REACHED",
        WaitReason.NoNodes => "NO_NODES",
        WaitReason.NoNodeFits => "RESOURCES_UNMET",
        WaitReason.NodesPaused => "NODES_PAUSED",
        _ => WaitsForRoom,
    };
}
