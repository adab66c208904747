using Microsoft.Extensions.Logging;
using Scale.Engine.Clusters;
using Scale.Engine.Commands;
using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.JobTypes;
using Scale.Engine.Recipes;
using Scale.Engine.Scheduling;
using Scale.Store.Commands;
using Scale.Store.Databases;

namespace Scale.Engine.Leadership;

/// <summary>
/// The one that moves states. It has no thread, timer or clock of its own: whoever holds it calls <see cref="Step"/> until there is nothing to do, then
/// waits for a signal or for <see cref="NextLook"/>. Everything it knows can be rebuilt from the database by <see cref="Start"/>.
/// </summary>
public sealed class Leader(
    EngineWriter writer, ICluster cluster, ReportInbox inbox, Completer completer, CommandRunner commands, IRecipeEvaluation recipes, Scheduler scheduler,
    QueueIndex queue, ClusterNodes nodes, ExecutionWatch watch, LoadSnapshots load, JobCountUpkeep counts, LeaderStart start, TimeProvider clock, ILogger<Leader> log)
{
    /// <summary>How many recipes of <c>recipe_dirty</c> one transaction takes.</summary>
    private const int DirtyLimit = 500;

    /// <summary>Executions ended and launched from which on a step was worth its transactions.</summary>
    private const int SmallStep = 200;

    /// <summary>How often a single report is tried before its execution fails for it.</summary>
    private const int MaxReportWrites = 5;

    /// <summary>The longest time until pauses, limits and nodes are looked at again while jobs wait or run.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DiscoverInterval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<long, int> failedWrites = [];
    private DateTime nextDiscover;
    private DateTime nextSchedule;
    private bool lookAtQueue;
    private bool isCautious = true;
    private int moved;

    /// <summary>The last step moved so little that it pays to let a few more things happen before the next: a transaction costs the same for one job as for many.</summary>
    public bool WasSmallStep => moved < SmallStep;

    /// <summary>How many executions have room on a node, those included whose end is not written yet.</summary>
    public int Running => scheduler.Running;

    /// <summary>Lets things happen for a time, or until so many reports wait.</summary>
    public Task Collect(int enough, TimeSpan time, CancellationToken cancel) => inbox.Collect(enough, time, clock, cancel);

    /// <summary>When there may be something to do even if no signal comes.</summary>
    public DateTime NextLook { get; private set; }

    /// <summary>Begins to lead: reads what is queued and what runs, and asks the cluster about the executions of earlier leaders.</summary>
    public async Task Start(LeaderLease lease, CancellationToken cancel)
    {
        writer.Begin(lease);
        nodes.Reset();
        counts.Reset();
        load.Reset();
        (nextDiscover, nextSchedule, lookAtQueue, isCautious) = (DateTime.MinValue, DateTime.MinValue, true, true);
        var (adopted, toEnd) = await start.Load(cancel);
        await Discover(cancel);
        if (adopted.Count > 0)
        {
            log.LogInformation("Adopting {Count} executions", adopted.Count);
            await cluster.Adopt(adopted, cancel);
            await watch.Kill(toEnd, cancel);
        }
    }

    /// <summary>Something changed outside: looks at the queue in the next step.</summary>
    public void LookAgain() => lookAtQueue = true;

    /// <summary>Does a bounded piece of each kind of work.</summary>
    /// <returns>Whether anything was done, so that another step may find more.</returns>
    public async Task<bool> Step(CancellationToken cancel)
    {
        moved = 0;
        _ = writer.TakeWaiting();
        var worked = await WriteReports(cancel);
        worked |= await WorkThatWaits(cancel);
        worked |= await Discover(cancel);
        worked |= await Schedule(cancel);
        worked |= await watch.Check(cancel);
        worked |= await load.Take(cancel);
        await watch.Kill(writer.TakeExecutionsToKill(), cancel);
        await counts.Check(cancel);
        isCautious = false;
        NextLook = Earliest(commands.NextAttempt, watch.NextCheck, load.NextCheck, nextDiscover, HasToSchedule ? nextSchedule : null);
        return worked;
    }

    private async Task<bool> WriteReports(CancellationToken cancel)
    {
        var reports = inbox.Peek(Completer.BatchSize);
        if (reports.Count == 0)
        {
            return false;
        }

        await Write(reports, cancel);
        inbox.Remove(reports.Count);
        moved += reports.Count;
        return true;
    }

    /// <summary>
    /// One report that can't be written must not keep the others from being written: it is searched for by halves. A database that is away for a moment costs
    /// nobody their results: only after several starts of the leader an execution fails for what its report holds. What may start now starts in the same transaction,
    /// but for the first step, so that a queue that can't be served keeps no report from being written.
    /// </summary>
    private async Task Write(IReadOnlyList<ExecutionReport> reports, CancellationToken cancel)
    {
        IReadOnlyList<ExecutionKey> settled;
        Placed? placed = null;
        try
        {
            Task<IReadOnlyList<ExecutionKey>> Complete(EngineTransaction transaction) => completer.Complete(transaction, reports);
            (settled, placed) = isCautious ? (await writer.Write(Complete, cancel), null) : await writer.Write(Complete, Place, cancel);
        }
        catch (Exception failure) when (IsOfReports(failure) && reports.Count > 1)
        {
            log.LogWarning(failure, "Writing {Count} execution reports failed, trying them by halves", reports.Count);
            await Write([.. reports.Take(reports.Count / 2)], cancel);
            await Write([.. reports.Skip(reports.Count / 2)], cancel);
            return;
        }
        catch (Exception failure) when (IsOfReports(failure) && HasFailedTooOften(reports[0]))
        {
            log.LogError(failure, "The report of execution {Execution} of job {Job} can't be written", reports[0].Key.ExecutionId, reports[0].Key.JobId);
            settled = await writer.Write(transaction => completer.Complete(transaction, [Completer.WithoutContent(reports[0])]), cancel);
        }

        foreach (var key in settled)
        {
            failedWrites.Remove(key.ExecutionId);
        }

        if (settled.Count > 0)
        {
            await cluster.Settle(settled, cancel);
        }

        if (placed is not null)
        {
            await Launch(placed, cancel);
        }
    }

    private bool IsOfReports(Exception failure) => !writer.IsMemoryAhead && failure is not (LeadershipLostException or OperationCanceledException);

    private bool HasFailedTooOften(ExecutionReport report)
    {
        var failures = failedWrites[report.Key.ExecutionId] = failedWrites.GetValueOrDefault(report.Key.ExecutionId) + 1;
        return failures >= MaxReportWrites;
    }

    /// <summary>A slice of one command, and recipes that wait for their evaluation.</summary>
    private async Task<bool> WorkThatWaits(CancellationToken cancel)
    {
        var (isAnyOpen, isAnyDirty) = writer.TakeWaiting() ?? await LookForWaiting(cancel);
        var command = await commands.Next(isAnyOpen, () => writer.Lease.Read(cancel));
        if (command is not null)
        {
            await commands.RunSlice(command, cancel);
        }

        if (isAnyDirty)
        {
            await writer.Write(transaction => recipes.TakeDirty(transaction, DirtyLimit), cancel);
        }

        if (command is null && !isAnyDirty)
        {
            return false;
        }

        moved += SmallStep;
        return true;
    }

    private async Task<(bool Command, bool Recipe)> LookForWaiting(CancellationToken cancel)
    {
        await using var session = await writer.Lease.Read(cancel);
        return (await CommandStore.AnyWaiting(session))[0];
    }

    private async Task<bool> Discover(CancellationToken cancel)
    {
        var now = Time.Now(clock);
        if (now < nextDiscover && nextDiscover - now <= DiscoverInterval)
        {
            return false;
        }

        nextDiscover = now + DiscoverInterval;
        if (await nodes.Discover(cancel) is not { } found)
        {
            return false;
        }

        await writer.Write(
            async transaction =>
            {
                await nodes.Store(transaction.Session, found, transaction.Now);
                return true;
            },
            cancel);
        lookAtQueue = true;
        return true;
    }

    private async Task<bool> Schedule(CancellationToken cancel)
    {
        var now = Time.Now(clock);
        lookAtQueue |= writer.TakeQueueChanged();
        if (!HasToSchedule || (!lookAtQueue && now < nextSchedule && nextSchedule - now <= LookInterval))
        {
            return false;
        }

        var placed = await writer.Write(Place, cancel);
        await Launch(placed, cancel);
        return placed.ToLaunch.Count > 0 || lookAtQueue;
    }

    private async Task<Placed> Place(EngineTransaction transaction) => HasToSchedule ? await scheduler.Pass(transaction) : Placed.Nothing;

    private async Task Launch(Placed placed, CancellationToken cancel)
    {
        // Jobs that took over outputs left their nodes free, and the next of their recipes are queued already.
        lookAtQueue = writer.TakeQueueChanged() || (placed.HasMore && placed.ToLaunch.Count > 0);
        nextSchedule = Time.Now(clock) + LookInterval;
        moved += placed.ToLaunch.Count;
        if (placed.ToLaunch.Count > 0)
        {
            await cluster.Launch(placed.ToLaunch, cancel);
        }
    }

    private bool HasToSchedule => queue.Waiting.Count > 0 || scheduler.HasUnmet;

    private DateTime Earliest(params DateTime?[] moments) =>
        moments.Where(m => m is not null).Select(m => m!.Value).Append(Time.Now(clock) + IdleInterval).Min();
}
