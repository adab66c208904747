using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Engine.Scheduling;
using Scale.Model.Jobs;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Engine.Jobs;

/// <summary>
/// Moves jobs by guarded updates of many rows, and keeps queue rows, executions and the queue in memory in step with them.
/// Completion and failure are the <see cref="Completer"/>'s, the start is the <see cref="Scheduler"/>'s.
/// </summary>
/// <param name="recipes">Asked for late, because evaluation itself moves jobs by this class.</param>
public sealed class JobTransitions(JobTypeCatalog catalog, QueueIndex queue, Instance instance, Func<IRecipeEvaluation> recipes) : IJobTransitions
{
    private readonly JobConfigurationCache configurations = new();

    public async Task<IReadOnlyList<long>> Queue(EngineTransaction transaction, IReadOnlyList<JobToQueue> jobs)
    {
        var again = jobs.Where(j => j.NumExes > 0).Select(j => j.JobId).ToArray();
        if (again.Length > 0)
        {
            await EndFormerTries(transaction, await JobMoves.States(transaction.Session, again), jobs);
        }

        var queued = await Enqueue(transaction, jobs);
        return [.. queued.Select(q => q.JobId)];
    }

    /// <summary>As <see cref="CancelEvaluated"/>, and recipes that hold the jobs follow.</summary>
    /// <param name="beforeCounters">To be waited for before the rows of batches are written, which others write too.</param>
    /// <returns>Ids of the jobs that were canceled.</returns>
    public async Task<IReadOnlyList<long>> Cancel(EngineTransaction transaction, IReadOnlyCollection<long> jobIds, Task? beforeCounters = null)
    {
        var canceled = await MoveToCanceled(transaction, jobIds);
        await recipes().NoteCanceled(transaction, canceled, beforeCounters ?? Task.CompletedTask);
        return canceled;
    }

    public Task CancelEvaluated(EngineTransaction transaction, IReadOnlyCollection<long> jobIds) => MoveToCanceled(transaction, jobIds);

    /// <summary>
    /// Queues FAILED and CANCELED jobs again with fresh tries, and lets jobs that were canceled before they were ever queued go on (jobs-and-queue.md §13.6).
    /// </summary>
    /// <param name="jobs">Ids, and the execution count each was selected with: a job that moved on since is skipped, so overlapping requests make one new try.</param>
    /// <param name="isNamed">The request names these jobs or their status, so QUEUED and RUNNING ones start again too.</param>
    /// <returns>Ids of the jobs that moved. Recipes that hold them are touched.</returns>
    public async Task<IReadOnlyList<long>> Requeue(EngineTransaction transaction, IReadOnlyCollection<(long JobId, int NumExes)> jobs, int? priority, bool isNamed)
    {
        if (jobs.Count == 0)
        {
            return [];
        }

        var seen = jobs.ToDictionary(j => j.JobId, j => j.NumExes);
        var states = (await JobMoves.States(transaction.Session, seen.Keys)).Where(s => s.NumExes == seen[s.JobId]).ToList();
        var types = await catalog.Types(transaction.Session, states.Select(s => s.JobTypeId));
        var actions = states.ToLookup(s => RequeuePolicy.Decide(s.Status, s.NumExes, s.HasInput, s.IsSuperseded, isNamed));
        var again = actions[RequeueAction.Queue].Where(IsQueued).ToList();

        var uncanceled = await JobMoves.ToUncanceled(transaction.Session, [.. actions[RequeueAction.Uncancel].Select(s => s.JobId)], transaction.Now);
        await RaiseTries(transaction, again);
        var ready = again.Select(s => (State: s, Priority: priority))
            .Concat(actions[RequeueAction.Uncancel].Where(s => s.HasInput && IsQueued(s)).Select(s => (State: s, Priority: (int?)null)));
        var queued = await Queue(
            transaction,
            [.. ready.Select(r => new JobToQueue(r.State.JobId, r.State.JobTypeId, r.State.NumExes, r.State.InputMiB, r.State.Configuration, r.State.BatchId, r.Priority))]);
        var moved = uncanceled.Union(queued).ToList();
        await Touch(transaction, moved);
        return moved;

        // The engine itself does the work of system job types; nothing of them waits in the queue.
        bool IsQueued(JobState state) => types.TryGetValue(state.JobTypeId, out var type) && !type.IsSystem;
    }

    /// <summary>Queues RUNNING jobs whose live execution has just ended; the caller touches recipes.</summary>
    internal async Task<IReadOnlyList<QueuedJob>> Retry(EngineTransaction transaction, IReadOnlyList<JobToQueue> jobs) =>
        jobs.Count == 0 ? [] : await Enqueue(transaction, jobs);

    internal Task NoteRunning(EngineTransaction transaction, IReadOnlyCollection<long> jobIds) => recipes().NoteRunning(transaction, jobIds);

    internal Task Touch(EngineTransaction transaction, IReadOnlyCollection<long> jobIds) =>
        jobIds.Count == 0 ? Task.CompletedTask : recipes().TouchRecipesOf(transaction, jobIds);

    private async Task<List<long>> MoveToCanceled(EngineTransaction transaction, IReadOnlyCollection<long> jobIds)
    {
        if (jobIds.Count == 0)
        {
            return [];
        }

        var states = await JobMoves.States(transaction.Session, jobIds);
        var canceled = await JobMoves.ToCanceled(transaction.Session, jobIds, transaction.Now);
        var moved = canceled.ToHashSet();
        await LeaveQueue(transaction, states.Where(s => s.Status == JobStatus.Queued && moved.Contains(s.JobId)).ToList());
        await KillLater(transaction, states.Where(s => s.Status == JobStatus.Running && moved.Contains(s.JobId)));
        return canceled;
    }

    private async Task<IReadOnlyList<QueuedJob>> Enqueue(EngineTransaction transaction, IReadOnlyList<JobToQueue> jobs)
    {
        if (jobs.Count == 0)
        {
            return [];
        }

        var session = transaction.Session;
        var types = await catalog.Types(session, jobs.Select(j => j.JobTypeId));
        var known = jobs.Where(j => types.ContainsKey(j.JobTypeId)).ToList();
        var settings = AskBatchSettings(transaction, known);
        var queued = known.Where(j => j.IsInserted).Select(j => new QueuedJob(j.JobId, j.NumExes + 1)).ToList();
        if (queued.Count < known.Count)
        {
            queued.AddRange(await JobMoves.ToQueuedWithInput(session, [.. known.Select(j => j.NewInput).OfType<JobInput>()], transaction.Now));
            queued.AddRange(await JobMoves.ToQueued(session, [.. known.Where(j => !j.IsInserted && j.NewInput is null).Select(j => (j.JobId, j.NumExes))], transaction.Now));
        }

        if (queued.Count == 0)
        {
            return [];
        }

        var batches = await BatchSettings(transaction, settings);
        var toQueue = known.ToDictionary(j => j.JobId);
        var keys = KeysOf(queued.ConvertAll(q => toQueue[q.JobId]), types, batches);
        var isHeld = queued.ConvertAll(q => toQueue[q.JobId].BatchId is { } batch && batches.GetValueOrDefault(batch).IsPaused);
        var classes = await ClassIds(transaction, keys);
        await QueueStore.Insert(session, [.. queued.Select((q, i) => new QueueEntry(
            q.JobId, q.ExeNum, isHeld[i] ? -classes[keys[i]] : classes[keys[i]], types[toQueue[q.JobId].JobTypeId].Manifest.Timeout, toQueue[q.JobId].Since ?? transaction.Now))]);
        transaction.QueueChanged = true;
        transaction.AfterCommit(() =>
        {
            foreach (var (added, count) in keys.Zip(queued, (key, q) => (Key: key, IsReturned: toQueue[q.JobId].Since is not null)).Where((_, i) => !isHeld[i]).CountBy(k => k))
            {
                if (added.IsReturned)
                {
                    queue.Returned(added.Key, classes[added.Key], count);
                }
                else
                {
                    queue.Added(added.Key, classes[added.Key], count);
                }
            }
        });
        return queued;
    }

    /// <summary>Most jobs of one type ask for the same.</summary>
    private List<QueueClassKey> KeysOf(List<JobToQueue> jobs, IReadOnlyDictionary<long, JobTypeEntry> types, Dictionary<long, (int? Priority, bool IsPaused)> batches)
    {
        var known = new Dictionary<(long, double, string?, long?, int?), QueueClassKey>();
        return jobs.ConvertAll(job =>
        {
            var same = (job.JobTypeId, job.InputMiB, job.Configuration, job.BatchId, job.ExplicitPriority);
            return known.TryGetValue(same, out var key) ? key : known[same] = KeyOf(job, types[job.JobTypeId], batches);
        });
    }

    private QueueClassKey KeyOf(JobToQueue job, JobTypeEntry type, Dictionary<long, (int? Priority, bool IsPaused)> batches)
    {
        var batchPriority = job.BatchId is { } batch ? batches.GetValueOrDefault(batch).Priority : null;
        var configuration = job.Configuration is null ? type.Configuration : configurations.Get(job.Configuration).CompletedBy(type.Configuration);
        return KeyOf(job.JobTypeId, type.Manifest, configuration, job.InputMiB, job.ExplicitPriority, batchPriority);
    }

    /// <summary>Where a job waits (jobs-and-queue.md §13.3).</summary>
    /// <param name="manifest">The job type's current one.</param>
    /// <param name="configuration">The effective one.</param>
    internal static QueueClassKey KeyOf(long jobTypeId, SeedManifest manifest, JobConfiguration configuration, double inputMiB, int? explicitPriority = null, int? batchPriority = null) => new(
        jobTypeId,
        (explicitPriority is > 0 ? explicitPriority : null) ?? batchPriority ?? configuration.Priority ?? JobConfiguration.DefaultPriority,
        RequiredResources.Reserved(manifest, inputMiB).ToText());

    /// <summary>Asks how batches want their jobs queued, as far as this transaction does not know.</summary>
    private static Reply<List<(long Id, int? Priority, bool IsPaused)>> AskBatchSettings(EngineTransaction transaction, IEnumerable<JobToQueue> jobs)
    {
        var unknown = jobs.Where(j => j.BatchId is { } batch && !transaction.BatchSettings.ContainsKey(batch)).Select(j => j.BatchId!.Value).Distinct().ToArray();
        return unknown.Length == 0 ? new([]) : transaction.Session.Ask(
            "SELECT id, priority, is_paused FROM batch WHERE id IN @ids",
            r => (Id: r.GetInt64(0), Priority: r.Int(1), IsPaused: r.GetBoolean(2)),
            ("ids", unknown));
    }

    /// <summary>The priority of each batch and whether it is paused, read anew by each transaction so that an edit counts at once.</summary>
    private static async Task<Dictionary<long, (int? Priority, bool IsPaused)>> BatchSettings(EngineTransaction transaction, Reply<List<(long Id, int? Priority, bool IsPaused)>> asked)
    {
        foreach (var (id, priority, isPaused) in await asked)
        {
            transaction.BatchSettings[id] = (priority, isPaused);
        }

        return transaction.BatchSettings;
    }

    private async Task<Dictionary<QueueClassKey, long>> ClassIds(EngineTransaction transaction, IEnumerable<QueueClassKey> keys)
    {
        var wanted = keys.Distinct().ToList();
        var missing = wanted.Where(k => queue.IdOf(k) is null).ToList();
        var made = missing.Count == 0 ? [] : await transaction.Session.Aside(session => QueueStore.UpsertClasses(session, missing));
        return wanted.ToDictionary(k => k, k => queue.IdOf(k) ?? made[k]);
    }

    /// <summary>A job that is queued again leaves its place, one that runs is ended first.</summary>
    private async Task EndFormerTries(EngineTransaction transaction, List<JobState> states, IReadOnlyList<JobToQueue> jobs)
    {
        var seen = jobs.ToDictionary(j => j.JobId, j => j.NumExes);
        var current = states.Where(s => !s.IsSuperseded && s.HasInput && s.NumExes == seen[s.JobId]).ToList();
        await LeaveQueue(transaction, current.Where(s => s.Status == JobStatus.Queued).ToList());
        await KillLater(transaction, current.Where(s => s.Status == JobStatus.Running));
    }

    private async Task LeaveQueue(EngineTransaction transaction, List<JobState> jobs)
    {
        if (jobs.Count == 0)
        {
            return;
        }

        var taken = await QueueStore.TakeJobs(transaction.Session, [.. jobs.Select(j => j.JobId)]);
        var states = jobs.ToDictionary(j => j.JobId);
        await ExecutionStore.InsertCanceledOffQueue(transaction.Session, taken, states, instance.ClusterIdOf, transaction.Now);
        transaction.AfterCommit(() => queue.Removed(taken));
    }

    private static async Task KillLater(EngineTransaction transaction, IEnumerable<JobState> jobs)
    {
        var ids = jobs.Select(j => j.JobId).ToArray();
        if (ids.Length > 0)
        {
            transaction.ExecutionsToKill.AddRange(await ExecutionStore.LiveOf(transaction.Session, ids));
        }
    }

    private async Task RaiseTries(EngineTransaction transaction, List<JobState> jobs)
    {
        if (jobs.Count > 0)
        {
            var types = await catalog.Types(transaction.Session, jobs.Select(j => j.JobTypeId));
            await JobMoves.SetMaxTries(transaction.Session, [.. jobs.Where(j => types.ContainsKey(j.JobTypeId))
                .Select(j => (j.JobId, j.NumExes, RequeuePolicy.MaxTries(j.NumExes, types[j.JobTypeId].MaxTries)))]);
        }
    }
}
