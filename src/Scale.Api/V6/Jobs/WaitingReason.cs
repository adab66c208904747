using Microsoft.EntityFrameworkCore;
using Scale.Model.Jobs;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

/// <summary>A node of a recipe that a job waits for.</summary>
/// <param name="JobId">Null for conditions and sub-recipes, and for jobs that are not made yet.</param>
public sealed record WaitingFor(string Node, long? JobId, string? Status);

/// <summary>Why a job does not run yet (an addition).</summary>
/// <param name="Reason">For programs, such as <c>JOB_TYPE_PAUSED</c>.</param>
/// <param name="Description">For people.</param>
/// <param name="Resources">What no node has enough of.</param>
/// <param name="JobsOfHigherPriority">Queued jobs that are served first for their priority; counting stops at <see cref="MostCounted"/>.</param>
/// <param name="JobsQueuedEarlier">Queued jobs of the same priority that are served first.</param>
/// <param name="WaitsFor">Nodes of the recipe.</param>
public sealed record WaitingReason(
    string Reason, string Description, IReadOnlyList<string> Resources, int? JobsOfHigherPriority = null, int? JobsQueuedEarlier = null, IReadOnlyList<WaitingFor>? WaitsFor = null)
{
    /// <summary>However long the queue is, looking costs no more than this.</summary>
    public const int MostCounted = 10_000;

    /// <returns>Null for jobs that run or have ended.</returns>
    /// <param name="recipeId">The recipe that holds the job now.</param>
    public static async Task<WaitingReason?> Of(ScaleContext context, long jobId, JobStatus status, long? recipeId, CancellationToken cancel) => status switch
    {
        JobStatus.Queued => await InQueue(context, jobId, cancel),
        JobStatus.Pending or JobStatus.Blocked when recipeId is { } recipe => await WaitingInRecipe.Of(context, recipe, jobId, status, cancel),
        JobStatus.Pending => new WaitingReason("NOT_STARTED", "It was made and is not started yet.", []),
        JobStatus.Blocked => new WaitingReason("BLOCKED", "A job before it did not complete.", []),
        _ => null,
    };

    private static async Task<WaitingReason> InQueue(ScaleContext context, long jobId, CancellationToken cancel)
    {
        var entry = await context.Queue.FirstOrDefaultAsync(q => q.JobId == jobId, cancel);
        if (entry is null)
        {
            return new WaitingReason("STARTING", "It is about to start.", []);
        }

        if (QueueObstacles.IsHeld(entry.ClassId))
        {
            return new WaitingReason(QueueObstacles.BatchPaused, "Its batch is paused.", []);
        }

        if (await context.Executions.AnyAsync(e => e.JobId == jobId && !e.IsSettled, cancel))
        {
            return new WaitingReason("FORMER_EXECUTION_ENDING", "Its former execution was told to end and is not known to be gone.", []);
        }

        var wanted = await context.QueueClasses.Where(c => c.Id == entry.ClassId).Select(c => new { Class = c, c.JobType }).FirstAsync(cancel);
        var obstacles = await QueueObstacles.Read(context, cancel);
        if (obstacles.Of(wanted.Class, wanted.JobType) is { } obstacle)
        {
            return new WaitingReason(QueueObstacles.NameOf(obstacle.Reason), Describe(obstacle.Reason, obstacle.Resources, wanted.JobType.MaxScheduled), obstacle.Resources);
        }

        var (urgent, earlier) = (await MoreUrgent(context, wanted.Class, cancel), await Earlier(context, entry, wanted.Class, obstacles.IsNewestFirst, cancel));
        return urgent + earlier > 0
            ? new WaitingReason("BEHIND_OTHERS", $"It waits behind {Counted(urgent)} jobs of higher priority and {Counted(earlier)} that are served before it.", [], urgent, earlier)
            : new WaitingReason("NODES_BUSY", "It is next; every node that it fits on is full.", [], 0, 0);
    }

    private static async Task<int> MoreUrgent(ScaleContext context, QueueClassRow wanted, CancellationToken cancel)
    {
        // Classes are few, and found first, so that the queue is only read where it counts.
        var classes = await context.QueueClasses.Where(c => c.Priority < wanted.Priority && !c.JobType.IsPaused).Select(c => c.Id).ToListAsync(cancel);
        return classes.Count == 0 ? 0 : await context.Queue.Where(q => classes.Contains(q.ClassId)).Take(MostCounted).CountAsync(cancel);
    }

    private static async Task<int> Earlier(ScaleContext context, QueueRow entry, QueueClassRow wanted, bool isNewestFirst, CancellationToken cancel)
    {
        var classes = await context.QueueClasses.Where(c => c.Priority == wanted.Priority && !c.JobType.IsPaused).Select(c => c.Id).ToListAsync(cancel);
        var same = context.Queue.Where(q => classes.Contains(q.ClassId));
        var (queued, id) = (entry.Queued, entry.JobId);
        var before = isNewestFirst ? same.Where(q => q.Queued > queued) : same.Where(q => q.Queued < queued);
        var atOnce = isNewestFirst ? same.Where(q => q.Queued == queued && q.JobId > id) : same.Where(q => q.Queued == queued && q.JobId < id);
        return Math.Min(MostCounted, await before.Take(MostCounted).CountAsync(cancel) + await atOnce.Take(MostCounted).CountAsync(cancel));
    }

    private static string Counted(int count) => count < MostCounted ? $"{count}" : $"{MostCounted} or more";

    private static string Describe(WaitReason reason, IReadOnlyList<string> resources, int? limit) => reason switch
    {
        WaitReason.SchedulerPaused => "The scheduler is paused.",
        WaitReason.JobTypePaused => "Its job type is paused.",
        WaitReason.LimitReached => $"Its job type runs {limit} times already, which is its limit (max_scheduled).",
        WaitReason.NoNodes => "There is no active node.",
        WaitReason.NoNodeFits => $"No node has enough of: {string.Join(", ", resources)}.",
        WaitReason.NodesPaused => "Every node that it fits on is paused.",
        _ => "It is about to be looked at.",
    };
}
