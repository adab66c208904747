using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.JobTypes;
using Scale.Engine.Scheduling;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Errors;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Engine.Leadership;

/// <summary>Brings what a leader keeps in memory in line with the database: instance, builtin errors, queue, running executions.</summary>
public sealed class LeaderStart(
    EngineWriter writer, Instance instance, QueueIndex queue, Scheduler scheduler, RunningExecutions running, JobTypeCatalog catalog, ExecutionSpecs specs, SecretVault vault, Database database)
{
    /// <returns>Every execution that is not settled, and the ids of those that are to end: their job was canceled or queued again, or their end is decided.</returns>
    public Task<(IReadOnlyList<ExecutionSpec> Unsettled, IReadOnlyList<long> ToEnd)> Load(CancellationToken cancel) => writer.Write(
        async transaction =>
        {
            var session = transaction.Session;
            await instance.Load(session);
            await ErrorIds.SeedBuiltin(session, transaction.Now);
            if (await vault.EncryptPlain(session, transaction.Now) > 0)
            {
                transaction.AfterCommit(() => database.ForgetReplaced(everywhere: true));
            }

            await queue.Load(session);
            await scheduler.Load(session);
            var unsettled = await ExecutionJobs.Unsettled(session);
            var described = await specs.Describe(session, unsettled);
            await Remember(session, unsettled, described);
            return ((IReadOnlyList<ExecutionSpec>)described, (IReadOnlyList<long>)[.. unsettled.Where(IsToEnd).Select(e => e.Id)]);
        },
        cancel);

    private async Task Remember(Session session, List<UnsettledExecution> unsettled, List<ExecutionSpec> described)
    {
        var types = await catalog.Types(session, unsettled.Select(e => e.Job.JobTypeId));
        running.Clear();
        foreach (var (execution, spec) in unsettled.Zip(described))
        {
            // What a node gives isn't stored; by the current manifest it is what it was, unless the type was edited meanwhile.
            var reserved = RequiredResources.Reserved(types[execution.Job.JobTypeId].Manifest, execution.Job.InputMiB);
            var adopted = new RunningExecution(spec.Key, spec.NodeId, spec.JobTypeId, reserved, spec.Started, ExecutionDeadline.Of(spec.Started, spec.TimeoutSeconds))
            {
                IsAdopted = true,
                IsEnding = IsToEnd(execution),
            };
            running.Add(adopted);
        }
    }

    private static bool IsToEnd(UnsettledExecution execution) =>
        execution.Status != ExecutionStatus.Running || execution.JobStatus != JobStatus.Running || execution.ExeNum != execution.Job.NumExes;
}
