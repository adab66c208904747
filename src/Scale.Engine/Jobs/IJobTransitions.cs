using Scale.Engine.Leadership;
using Scale.Store.Jobs;

namespace Scale.Engine.Jobs;

/// <summary>A job that is ready for the queue.</summary>
/// <param name="NumExes">Its execution count before this queueing; guards the transition.</param>
/// <param name="InputMiB">Size of its inputs in MiB, rounded up.</param>
/// <param name="Configuration">Its own configuration document, null to use the job type's.</param>
/// <param name="IsInserted">Its row was inserted in this transaction as QUEUED already; only its place in the queue is missing.</param>
/// <param name="Since">Since when it has waited, if it gets its former place back; null for now.</param>
/// <param name="NewInput">Input that is stored together with its first queueing; null for a job that has its input.</param>
public sealed record JobToQueue(
    long JobId, long JobTypeId, int NumExes, double InputMiB, string? Configuration, long? BatchId, int? ExplicitPriority = null, bool IsInserted = false,
    DateTime? Since = null, JobInput? NewInput = null);

/// <summary>The only place where stored jobs change their state (jobs-and-queue.md §13.1), always many at once and guarded.</summary>
public interface IJobTransitions
{
    /// <summary>PENDING or BLOCKED (first time), or FAILED, CANCELED, QUEUED, RUNNING (again) to QUEUED; jobs that moved meanwhile are skipped.
    /// Recipes are not touched: their evaluation, which queues most jobs, counts them itself.</summary>
    /// <returns>Ids of the jobs that were queued.</returns>
    Task<IReadOnlyList<long>> Queue(EngineTransaction transaction, IReadOnlyList<JobToQueue> jobs);

    /// <summary>Anything but COMPLETED and CANCELED to CANCELED; queue rows go, running executions are killed after the commit. Recipes are not touched:
    /// their evaluation, which asks for this, counts the jobs itself.</summary>
    Task CancelEvaluated(EngineTransaction transaction, IReadOnlyCollection<long> jobIds);
}
