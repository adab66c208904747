using Scale.Engine.Clusters;
using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Model.Errors;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Store.Scheduling;
using ExecutionStep = Scale.Model.Jobs.ExecutionStep;

namespace Scale.Engine.Scheduling;

/// <summary>
/// Sees to it that nothing runs for ever: ends executions that are past their deadline or on a node that was taken out of use, asks again for ends that
/// are not confirmed, and asks after executions without news (scheduler-and-system.md §9, §10).
/// </summary>
public sealed class ExecutionWatch(
    EngineWriter writer, ICluster cluster, Completer completer, RunningExecutions running, ClusterNodes nodes, JobTypeCatalog catalog, ExecutionSpecs specs, TimeProvider clock)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KillInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NewsInterval = TimeSpan.FromMinutes(10);

    private DateTime lastCheck = DateTime.MinValue;

    /// <summary>When to check next; null while nothing runs.</summary>
    public DateTime? NextCheck => running.Count == 0 ? null : lastCheck + CheckInterval;

    /// <returns>Whether anything was done.</returns>
    public async Task<bool> Check(CancellationToken cancel)
    {
        var now = Time.Now(clock);
        if (running.Count == 0 || Elapsed(lastCheck, now) < CheckInterval)
        {
            return false;
        }

        lastCheck = now;
        var worked = await EndOverdue(now, cancel);
        var unconfirmed = running.All.Where(e => e.IsEnding && Elapsed(e.LastAsked, now) >= KillInterval).Select(e => e.Key.ExecutionId).ToList();
        await Kill(unconfirmed, cancel);
        var isAnySilent = running.All.Any(e => !e.IsEnding && Elapsed(e.LastAsked, now) >= NewsInterval);
        if (isAnySilent)
        {
            await AskAfterAll(now, cancel);
        }

        return worked || isAnySilent || unconfirmed.Count > 0;
    }

    /// <summary>Asks the cluster to end executions; those that are settled already are left out.</summary>
    public async Task Kill(IReadOnlyList<long> executionIds, CancellationToken cancel)
    {
        var ending = executionIds.Select(running.Find).OfType<RunningExecution>().ToList();
        if (ending.Count == 0)
        {
            return;
        }

        var now = Time.Now(clock);
        foreach (var execution in ending)
        {
            execution.IsEnding = true;
            execution.LastAsked = now;
        }

        await cluster.Kill(ending.ConvertAll(e => e.Key), cancel);
    }

    private async Task<bool> EndOverdue(DateTime now, CancellationToken cancel)
    {
        List<RunningExecution> orphaned;
        await using (var session = await writer.Lease.Read(cancel))
        {
            var retired = nodes.StatesOf(await NodeStore.All(session)).Where(n => !n.IsActive).Select(n => n.Id).ToHashSet();
            orphaned = running.All.Where(e => !e.IsEnding && retired.Contains(e.NodeId)).ToList();
        }

        var overdue = running.All.Where(e => !e.IsEnding && e.Deadline <= now).Except(orphaned).ToList();
        if (orphaned.Count + overdue.Count == 0)
        {
            return false;
        }

        await writer.Write(
            async transaction =>
            {
                await completer.Decide(transaction, orphaned.ConvertAll(e => e.Key.ExecutionId), BuiltinErrors.NodeLost);
                var types = await catalog.Types(transaction.Session, overdue.Select(e => e.JobTypeId));
                foreach (var sameError in overdue.GroupBy(e => ErrorMapping.OfTimeout(ExecutionStep.Main, types[e.JobTypeId].IsSystem, types[e.JobTypeId].Name).Name))
                {
                    await completer.Decide(transaction, [.. sameError.Select(e => e.Key.ExecutionId)], sameError.Key);
                }

                return true;
            },
            cancel);
        return true;
    }

    /// <summary>The cluster takes over anew what is not settled, as after a start: it goes on with what runs and reports the others.</summary>
    private async Task AskAfterAll(DateTime now, CancellationToken cancel)
    {
        List<ExecutionSpec> described;
        await using (var session = await writer.Lease.Read(cancel))
        {
            described = await specs.Describe(session, await ExecutionJobs.Unsettled(session));
        }

        foreach (var execution in running.All)
        {
            execution.LastAsked = now;
        }

        await cluster.Adopt(described, cancel);
    }

    /// <summary>However the clock jumped: a wait never gets longer than its interval by it.</summary>
    private static TimeSpan Elapsed(DateTime since, DateTime now) => (now - since).Duration();
}
