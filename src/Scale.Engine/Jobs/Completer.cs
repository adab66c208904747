using Scale.Engine.Executions;
using Scale.Engine.Leadership;
using Scale.Engine.Scheduling;
using Scale.Model.Data;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Errors;
using Scale.Store.Files;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using ExecutionStep = Scale.Engine.Executions.ExecutionStep;

namespace Scale.Engine.Jobs;

/// <summary>
/// Writes ends of executions, many in one transaction: executions, jobs, products, retries. A report that is late, repeated or about
/// another execution than the job's live one changes no job (jobs-and-queue.md §13.4, §13.7).
/// </summary>
public sealed class Completer(JobTypeCatalog catalog, WorkspaceCatalog workspaces, JobTransitions transitions, RunningExecutions running, QueueIndex queue,
    JobPaces paces)
{
    /// <summary>How many reports one transaction takes.</summary>
    public const int BatchSize = 1_000;

    private readonly CompletedProducts products = new(workspaces);

    /// <returns>Executions whose end is now, or was before, written: the cluster may clean up after the commit.</returns>
    public async Task<IReadOnlyList<ExecutionKey>> Complete(EngineTransaction transaction, IReadOnlyList<ExecutionReport> reports)
    {
        var session = transaction.Session;
        var stored = await EndingExecutions.Load(session, [.. reports.Select(r => r.Key.ExecutionId).Distinct()]);
        var known = reports.Where(r => stored.TryGetValue(r.Key.ExecutionId, out var e) && e.JobId == r.Key.JobId && e.ExeNum == r.Key.ExeNum).ToList();
        var ends = known.DistinctBy(r => r.Key.ExecutionId).Select(r => new End(stored[r.Key.ExecutionId], r)).Where(e => !e.Execution.IsSettled).ToList();

        await DecideErrors(transaction, ends);
        await CompleteJobs(transaction, ends.Where(e => e.IsCompletion && e.Execution.IsLive).ToList());
        await FailJobs(transaction, ends.Where(e => !e.IsCompletion && !e.IsReturn && e.Execution.IsLive).ToList());
        await GiveBack(transaction, ends.Where(e => e.IsReturn).Select(e => e.Execution).ToLookup(e => e.IsSuperseded));
        await ExecutionStore.Settle(session, [.. ends.Select(RowOf)], transaction.Now);
        await transitions.Touch(transaction, [.. ends.Where(e => e.Execution.IsLive).Select(e => e.Execution.JobId)]);
        transaction.QueueChanged |= ends.Count > 0;
        transaction.AfterCommit(() =>
        {
            foreach (var end in ends)
            {
                running.Remove(end.Execution.Id);
                queue.Released(end.Execution.JobId);
                NotePace(end);
            }
        });
        return [.. known.Select(r => r.Key).Distinct()];
    }

    /// <summary>Ends executions that may not go on while their processes may still be there (jobs-and-queue.md §13.4): they fail now, their jobs follow when the cluster confirms.</summary>
    /// <param name="errorName">A builtin error.</param>
    public async Task Decide(EngineTransaction transaction, IReadOnlyCollection<long> executionIds, string errorName)
    {
        var error = (await ErrorIds.Find(transaction.Session, [new ErrorKey(errorName, null)]))[new ErrorKey(errorName, null)];
        var decided = await ExecutionStore.Decide(transaction.Session, [.. executionIds.Select(id => (id, error.Id))], transaction.Now);
        transaction.ExecutionsToKill.AddRange(decided);
    }

    /// <summary>The end of an execution whose report could not be written: a failure of the database, which may be tried again.</summary>
    public static ExecutionReport WithoutContent(ExecutionReport report) => new()
    {
        Key = report.Key,
        Outcome = ExecutionOutcome.Failed,
        ErrorName = BuiltinErrors.DatabaseOperation,
        Ended = report.Ended,
    };

    private async Task DecideErrors(EngineTransaction transaction, List<End> ends)
    {
        var types = await catalog.Types(transaction.Session, ends.Select(e => e.Execution.JobTypeId));
        var undecided = ends.Where(e => !e.Execution.IsDecided && !e.IsCompletion && !e.IsReturn && (e.Execution.IsLive || e.Report.Outcome == ExecutionOutcome.Failed)).ToList();
        var named = undecided.ToDictionary(e => e, e => ErrorOf(e, types));
        var stored = undecided.Count == 0 ? [] : await ErrorIds.Find(transaction.Session, named.Values.Concat(named.Values.Select(Fallback)));
        foreach (var end in undecided)
        {
            end.Error = stored.TryGetValue(named[end], out var error) ? error : stored[Fallback(named[end])];
        }

        // Whether a decided error is retried is asked of its row, too.
        var decided = ends.Where(e => e.Execution.IsDecided && e.Execution.ErrorId is not null).ToList();
        var byId = decided.Count == 0 ? [] : await ErrorIds.Find(transaction.Session, decided.Select(e => e.Execution.ErrorId!.Value).Distinct().ToArray());
        foreach (var end in decided)
        {
            end.Error = byId.GetValueOrDefault(end.Execution.ErrorId!.Value);
        }
    }

    /// <summary>What waited for its turn in vain waited for others of its kind, which take longer than was thought.</summary>
    private void NotePace(End end)
    {
        if (end.Report.Outcome == ExecutionOutcome.NotStarted)
        {
            paces.Note(end.Execution.JobTypeId, JobPaces.Horizon * JobPaces.MostAhead);
        }
        else if (end.Main is { Started: { } started, Ended: { } ended })
        {
            paces.Note(end.Execution.JobTypeId, ended - started);
        }
    }

    private ErrorKey ErrorOf(End end, IReadOnlyDictionary<long, JobTypeEntry> types) => end.Report.Outcome switch
    {
        ExecutionOutcome.Failed => new ErrorKey(
            end.Report.ErrorName ?? BuiltinErrors.Unknown,
            end.Report.IsBuiltinError || end.Report.ErrorName is null ? null : types[end.Execution.JobTypeId].Name),
        ExecutionOutcome.Lost => new ErrorKey(running.Find(end.Execution.Id)?.IsAdopted == true ? BuiltinErrors.SchedulerLost : BuiltinErrors.NodeLost, null),

        // Nobody here asked for it, or the end would be decided.
        _ => new ErrorKey(BuiltinErrors.Unknown, null),
    };

    /// <summary>What an error that has no row stands as.</summary>
    private static ErrorKey Fallback(ErrorKey key) => new(key.JobTypeName is null ? BuiltinErrors.Unknown : BuiltinErrors.AlgorithmUnknown, null);

    private async Task CompleteJobs(EngineTransaction transaction, List<End> ends)
    {
        if (ends.Count == 0)
        {
            return;
        }

        var revisions = await catalog.Revisions(transaction.Session, ends.Select(e => e.Execution.RevisionId));
        var outputs = await products.Store(transaction, ends.ConvertAll(e => new CompletedExecution(
            e.Execution,
            e.Report.Outputs,
            e.Execution.Input is null ? DataValues.Empty : DataValues.FromText(e.Execution.Input),
            revisions[e.Execution.RevisionId])));
        foreach (var end in ends)
        {
            end.Output = outputs[end.Execution.Id];
        }

        await JobMoves.ToCompleted(transaction.Session, ends.ConvertAll(e => JobEndOf(e, null, e.Output!.ToText())), transaction.Now);
    }

    private async Task FailJobs(EngineTransaction transaction, List<End> ends)
    {
        if (ends.Count == 0)
        {
            return;
        }

        var types = await catalog.Types(transaction.Session, ends.Select(e => e.Execution.JobTypeId));
        var isRetried = ends.ToLookup(e => RetryPolicy.ShouldRetry(
            e.Error.ShouldBeRetried, e.Execution.NumExes, e.Execution.MaxTries, types[e.Execution.JobTypeId].IsLongRunning, e.Execution.IsSuperseded));
        await transitions.Retry(transaction, [.. isRetried[true].Select(e => ToQueue(e.Execution, null))]);
        await JobMoves.ToFailed(transaction.Session, [.. isRetried[false].Select(e => JobEndOf(e, e.Error.Id, null))], transaction.Now);
    }

    /// <summary>Gives jobs that were never started their place in the queue back; that was none of their tries. What is superseded meanwhile is canceled.</summary>
    private async Task GiveBack(EngineTransaction transaction, ILookup<bool, EndingExecution> bySuperseded)
    {
        var current = bySuperseded[false].ToList();
        await JobMoves.SetMaxTries(transaction.Session, current.ConvertAll(e => (e.JobId, e.NumExes, e.MaxTries + 1)));
        await transitions.Retry(transaction, current.ConvertAll(e => ToQueue(e, running.Find(e.Id)?.Place)));
        await transitions.CancelEvaluated(transaction, [.. bySuperseded[true].Select(e => e.JobId)]);
    }

    /// <param name="place">Null for the place of a job that is queued now.</param>
    private static JobToQueue ToQueue(EndingExecution execution, QueuePlace? place) => new(
        execution.JobId, execution.JobTypeId, execution.NumExes, execution.InputMiB, execution.Configuration, execution.BatchId, place?.Priority, Since: place?.Queued);

    private static JobEnd JobEndOf(End end, long? errorId, string? output) => new(
        end.Execution.JobId, end.Execution.ExeNum, errorId, output, end.ConfirmedEnd, end.Main?.Started, end.Main?.Ended);

    /// <summary>A decided end keeps its status, error and moment; one that nobody waits for any more shows how it ended, and CANCELED when it was made to.</summary>
    private static ExecutionEnd RowOf(End end)
    {
        var execution = end.Execution;
        var status = execution.IsDecided ? execution.Status
            : end.IsCompletion ? ExecutionStatus.Completed
            : end.IsReturn ? ExecutionStatus.Canceled
            : execution.IsLive || end.Report.Outcome == ExecutionOutcome.Failed ? ExecutionStatus.Failed
            : ExecutionStatus.Canceled;
        return new ExecutionEnd(
            execution.Id, status, status == ExecutionStatus.Failed ? end.Error.Id : null,
            execution.IsDecided ? execution.Ended ?? end.ConfirmedEnd : end.ConfirmedEnd,
            ExecutionDocuments.TaskResults(execution.ClusterId, end.Report.Steps),
            end.Output is { } output ? ExecutionDocuments.Output(output) : null,
            end.Main?.Started, end.Main?.Ended, end.Report.Usage);
    }

    private sealed class End(EndingExecution execution, ExecutionReport report)
    {
        public EndingExecution Execution => execution;

        public ExecutionReport Report => report;

        public bool IsCompletion => report.Outcome == ExecutionOutcome.Completed && !execution.IsDecided;

        /// <summary>Its job goes back into the queue as if nothing had been.</summary>
        public bool IsReturn => report.Outcome == ExecutionOutcome.NotStarted && !execution.IsDecided && execution.IsLive;

        /// <summary>Clocks may jump, but nothing ends before it starts.</summary>
        public DateTime ConfirmedEnd { get; } = report.Ended > execution.Started ? report.Ended : execution.Started;

        public ExecutionStep? Main { get; } = report.Steps.FirstOrDefault(s => s.Type == "main");

        public StoredError Error { get; set; }

        public DataValues? Output { get; set; }
    }
}
