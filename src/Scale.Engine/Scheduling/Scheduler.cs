using Scale.Engine.Clusters;
using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Store.Scheduling;

namespace Scale.Engine.Scheduling;

/// <summary>What a pass of the scheduler did.</summary>
/// <param name="ToLaunch">What to launch once it is committed.</param>
/// <param name="HasMore">Whether another pass would start more.</param>
public sealed record Placed(IReadOnlyList<ExecutionSpec> ToLaunch, bool HasMore)
{
    public static readonly Placed Nothing = new([], HasMore: false);
}

/// <summary>
/// Takes jobs from the queue onto nodes (scheduler-and-system.md §9): reads the heads of the waiting classes, lets
/// <see cref="Placement.Plan"/> decide, and writes executions, jobs and queue in one transaction. Launching comes after the commit.
/// </summary>
public sealed class Scheduler(
    QueueIndex queue, RunningExecutions running, ClusterNodes nodes, JobTypeCatalog catalog, ExecutionSpecs specs, ResultReuse reuse, JobTransitions transitions, Instance instance,
    JobPaces paces, ICluster cluster)
{
    /// <summary>How many executions one transaction starts.</summary>
    public const int BatchSize = 1_000;

    /// <summary>How many entries are read ahead over all classes that need some.</summary>
    private const int ReadAhead = 4_000;

    private readonly Dictionary<long, (JobTypeEntry? Seen, string? Names)> unmet = [];
    private IReadOnlyList<Reservation> reservations = [];

    /// <summary>How many executions have room on a node.</summary>
    public int Running => running.Count;

    /// <summary>Some job type says that it lacks resources, which a pass takes back once none of its jobs is queued.</summary>
    public bool HasUnmet => unmet.Values.Any(u => u.Names is not null);

    /// <summary>Forgets what an earlier leader planned, and reads what it noted on job types.</summary>
    public async Task Load(Session session)
    {
        reservations = [];
        unmet.Clear();
        paces.Clear();
        foreach (var id in await NodeStore.JobTypesWithUnmetResources(session))
        {
            unmet[id] = (null, "");
        }
    }

    /// <summary>Starts what fits now, at most <see cref="BatchSize"/>.</summary>
    public async Task<Placed> Pass(EngineTransaction transaction)
    {
        var session = transaction.Session;
        var stored = NodeStore.All(session);
        var settings = await NodeStore.Settings(session);
        queue.Serve(settings.NewestFirst ? QueueMode.Lifo : QueueMode.Fifo);
        var known = nodes.StatesOf(await stored);
        var types = await catalog.Types(session, queue.Waiting.Select(c => c.Key.JobTypeId));
        await LoadHeads(session, settings, types);

        var plan = Placement.Plan(InputOf(settings, known, types));
        await NoteUnmet(transaction, plan, types);
        var toLaunch = plan.Assignments.Count == 0 ? [] : await Start(transaction, plan, known.ToDictionary(n => n.Id));
        transaction.AfterCommit(() => reservations = plan.Reservations);
        return new Placed(toLaunch, plan.HasMore);
    }

    private PlacementInput InputOf(SchedulerSettings settings, IReadOnlyList<ClusterNodeState> known, IReadOnlyDictionary<long, JobTypeEntry> types) => new(
        [.. known.Select(n => new PlacementNode(n.Id, n.Total - running.UsedOn(n.Id), n.Total, n.IsPresent && n.IsActive, n.IsPaused))],
        [.. queue.Waiting.Where(c => c.Heads.Count > 0 && types.ContainsKey(c.Key.JobTypeId))
            .Select(c => new RequirementClass(c.Id, c.Key.JobTypeId, c.Key.Priority, c.Reserved, c.Waiting, new HeadTimes(c.Heads))
            {
                Ahead = cluster.StartsInTurn ? paces.AheadOf(c.Key.JobTypeId) : 0,
            })])
    {
        RemainingByJobType = types.Values.Where(t => t.MaxScheduled is not null).ToDictionary(t => t.Id, t => t.MaxScheduled!.Value - running.CountOfType(t.Id)),
        PausedJobTypes = types.Values.Where(t => t.IsPaused).Select(t => t.Id).ToHashSet(),
        Mode = queue.Mode,
        Reservations = reservations,
        IsPaused = settings.IsPaused,
        MaxAssignments = BatchSize,
    };

    /// <summary>Reads the heads of classes that could start something and have none in memory.</summary>
    private async Task LoadHeads(Session session, SchedulerSettings settings, IReadOnlyDictionary<long, JobTypeEntry> types)
    {
        if (settings.IsPaused)
        {
            return;
        }

        var wanting = queue.Waiting
            .Where(c => c.Heads.Count == 0 && !c.IsAllLoaded && types.TryGetValue(c.Key.JobTypeId, out var type) && !type.IsPaused
                && (type.MaxScheduled is not { } limit || running.CountOfType(type.Id) < limit))
            .ToList();
        if (wanting.Count == 0)
        {
            return;
        }

        // Those held back stand in front; reading past them keeps them from hiding the rest.
        var limit = Math.Clamp(ReadAhead / wanting.Count, 8, BatchSize) + wanting.Max(c => queue.HeldBackIn(c.Id));
        var entries = (await QueueStore.Heads(session, [.. wanting.Select(c => c.Id)], limit, settings.NewestFirst)).ToLookup(e => e.ClassId);
        foreach (var waiting in wanting)
        {
            var read = entries[waiting.Id].ToList();
            waiting.IsAllLoaded = read.Count < limit;
            foreach (var entry in read.Where(e => running.HasAny(e.JobId)))
            {
                queue.HoldBack(entry);
            }

            waiting.Heads = read.FindAll(e => !running.HasAny(e.JobId));
        }
    }

    private async Task<IReadOnlyList<ExecutionSpec>> Start(EngineTransaction transaction, PlacementPlan plan, Dictionary<long, ClusterNodeState> known)
    {
        var (session, now) = (transaction.Session, transaction.Now);
        var nodeOf = plan.Assignments.ToDictionary(a => queue.Find(a.ClassId)!.Heads[a.Entry].JobId, a => known[a.NodeId]);
        var taken = await QueueStore.Take(session, [.. plan.Assignments.Select(a => queue.Find(a.ClassId)!.Heads[a.Entry]).Select(e => (e.JobId, e.ExeNum))]);
        var entries = taken.ToDictionary(e => e.JobId);
        var jobs = await ExecutionJobs.ToRunning(session, [.. taken.Select(e => (e.JobId, e.ExeNum, nodeOf[e.JobId].Id))], now);
        var ids = await session.AllocateIds("job_exe", jobs.Count);

        var described = await reuse.TakeOver(transaction, await specs.Build(session, [.. jobs.Select((job, i) => Planned(ids[i], job, entries[job.JobId], nodeOf[job.JobId], now))]));
        await ExecutionStore.Insert(session, [.. described.Select(s => new NewExecution(
            s.Key.ExecutionId, s.Key.JobId, s.Key.ExeNum, s.JobTypeId, s.ClusterId, s.NodeId, entries[s.Key.JobId].Timeout, s.InputMiB,
            s.Resources.ToText(), ExecutionDocuments.Configuration(s), entries[s.Key.JobId].Queued))], now);
        await transitions.NoteRunning(transaction, [.. described.Select(s => s.Key.JobId)]);

        // What took over outputs has ended already, and its recipe goes on.
        await transitions.Touch(transaction, [.. jobs.Select(j => j.JobId).Except(described.Select(s => s.Key.JobId))]);

        var served = plan.Assignments.CountBy(a => a.ClassId).ToList();
        var started = described.Select(s => Started(s, entries[s.Key.JobId])).ToList();
        transaction.AfterCommit(() =>
        {
            var takenByClass = taken.CountBy(e => e.ClassId).ToDictionary();
            foreach (var (classId, count) in served)
            {
                queue.Served(classId, count, takenByClass.GetValueOrDefault(classId));
            }

            started.ForEach(running.Add);
        });
        return described;
    }

    private RunningExecution Started(ExecutionSpec spec, QueueEntry entry)
    {
        var from = queue.Find(entry.ClassId)!;
        return new RunningExecution(spec.Key, spec.NodeId, spec.JobTypeId, from.Reserved, spec.Started, ExecutionDeadline.Of(spec.Started, spec.TimeoutSeconds))
        {
            Place = new QueuePlace(from.Key.Priority, entry.Queued),
        };
    }

    private PlannedExecution Planned(long id, ExecutionJob job, QueueEntry entry, ClusterNodeState node, DateTime now) => new(
        new ExecutionKey(id, job.JobId, job.NumExes), instance.ClusterIdOf(job.JobId, job.NumExes), node.Id, node.Hostname, entry.Timeout,
        RequiredOf(queue.Find(entry.ClassId)!.Reserved, job.InputMiB), now, job);

    /// <summary>What clients see as required, from what a node gives: disk there holds the inputs besides (job-types-and-seed.md §8.5).</summary>
    private static Resources RequiredOf(Resources reserved, double inputMiB) => inputMiB == 0
        ? reserved
        : new Resources(reserved.Amounts.Where(a => a.Key != "disk").Append(new("disk", Math.Max(reserved["disk"] - inputMiB, inputMiB))));

    /// <summary>Keeps on job types which resources no node could ever give them, until one can or nothing of them is queued.</summary>
    private async Task NoteUnmet(EngineTransaction transaction, PlacementPlan plan, IReadOnlyDictionary<long, JobTypeEntry> types)
    {
        long TypeOf(long classId) => queue.Find(classId)!.Key.JobTypeId;
        var missing = plan.Unmet.ToLookup(w => TypeOf(w.ClassId), w => w.Resources);
        var fitting = plan.Assignments.Select(a => TypeOf(a.ClassId))
            .Concat(plan.Waits.Where(w => w.Reason is WaitReason.NodesBusy or WaitReason.NodesReserved or WaitReason.NextPlan).Select(w => TypeOf(w.ClassId)))
            .ToHashSet();
        var changes = new List<(long JobTypeId, JobTypeEntry? Seen, string? Names)>();
        foreach (var type in types.Values.Where(t => missing.Contains(t.Id) || fitting.Contains(t.Id)))
        {
            var stored = unmet.TryGetValue(type.Id, out var known) && ReferenceEquals(known.Seen, type) ? known.Names : type.UnmetResources;
            var names = missing.Contains(type.Id) ? string.Join(",", missing[type.Id].SelectMany(n => n).Distinct().Order(StringComparer.Ordinal)) : null;
            if (stored != names)
            {
                changes.Add((type.Id, type, names));
            }
        }

        changes.AddRange(unmet.Where(u => u.Value.Names is not null && !types.ContainsKey(u.Key)).Select(u => (u.Key, (JobTypeEntry?)null, (string?)null)));
        await NodeStore.SetUnmetResources(transaction.Session, [.. changes.Select(c => (c.JobTypeId, c.Names))], transaction.Now);
        transaction.AfterCommit(() => changes.ForEach(c => unmet[c.JobTypeId] = (c.Seen, c.Names)));
    }
}
