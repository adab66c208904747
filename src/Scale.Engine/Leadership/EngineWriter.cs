using Scale.Engine.Recipes;
using Scale.Engine.Scheduling;
using Scale.Store.Commands;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Store.JobTypes;

namespace Scale.Engine.Leadership;

/// <summary>
/// The one way the leader writes: in a transaction that checks the epoch, sees job types and workspaces as they are, evaluates the recipes
/// it touched and commits. What has to follow is collected here for the leader to act on. For one thread.
/// </summary>
public sealed class EngineWriter(JobTypeCatalog jobTypes, WorkspaceCatalog workspaces, RunningExecutions running, Func<IRecipeEvaluation> recipes)
{
    private readonly List<long> toKill = [];
    private LeaderLease? lease;
    private bool queueChanged;
    private (bool Command, bool Recipe)? waiting;

    public LeaderLease Lease => lease ?? throw new InvalidOperationException("This process does not lead; a leader begins with a lease.");

    /// <summary>Work was well, but what followed in its transaction was not: nothing of both is written, and memory is to be read from the database again.</summary>
    public bool IsMemoryAhead { get; private set; }

    /// <summary>Writes under this lease from now on, with nothing left over from before.</summary>
    public void Begin(LeaderLease newLease)
    {
        lease = newLease;
        toKill.Clear();
        queueChanged = false;
        waiting = null;
        IsMemoryAhead = false;
    }

    public async Task<T> Write<T>(Func<EngineTransaction, Task<T>> work, CancellationToken cancel)
    {
        await using var transaction = await Begin(cancel);
        var result = await work(transaction);
        await Finish(transaction);
        return result;
    }

    /// <summary>Writes work, and in the same transaction what follows from it.</summary>
    /// <param name="next">Sees memory as it is after the work.</param>
    public async Task<(T Result, TNext Next)> Write<T, TNext>(Func<EngineTransaction, Task<T>> work, Func<EngineTransaction, Task<TNext>> next, CancellationToken cancel)
    {
        await using var transaction = await Begin(cancel);
        var result = await work(transaction);
        await Evaluate(transaction);
        await transaction.GoAhead();
        IsMemoryAhead = true;
        transaction.QueueChanged = false;
        var following = await next(transaction);
        await Finish(transaction);
        IsMemoryAhead = false;
        return (result, following);
    }

    private Task<EngineTransaction> Begin(CancellationToken cancel) => Lease.Begin(Refresh, NoteCommit, cancel, isUndisturbed: running.Count == 0);

    private async Task Finish(EngineTransaction transaction)
    {
        await Evaluate(transaction);
        var asked = await CommandStore.AnyWaiting(transaction.Session);
        await transaction.Commit();
        waiting = asked[0];
    }

    private void NoteCommit(EngineTransaction transaction)
    {
        toKill.AddRange(transaction.ExecutionsToKill);
        queueChanged |= transaction.QueueChanged;
    }

    private Task Evaluate(EngineTransaction transaction) => transaction.TouchedRecipes.Count > 0 ? recipes().EvaluateTouched(transaction) : Task.CompletedTask;

    private async Task Refresh(Session session)
    {
        var (types, all) = (JobTypeCatalog.Stamps(session), WorkspaceCatalog.All(session));
        jobTypes.Refresh(await types);
        workspaces.Refresh(await all);
    }

    /// <summary>Whether commands or recipes wait, as the last transaction since the last call left it; what others appended meanwhile signals the leader. Null when there was none.</summary>
    public (bool Command, bool Recipe)? TakeWaiting()
    {
        var taken = waiting;
        waiting = null;
        return taken;
    }

    /// <summary>Executions that committed work wants ended, each once.</summary>
    public IReadOnlyList<long> TakeExecutionsToKill()
    {
        var taken = toKill.Distinct().ToList();
        toKill.Clear();
        return taken;
    }

    /// <summary>Whether something was committed since the last call that the scheduler should look at.</summary>
    public bool TakeQueueChanged()
    {
        var changed = queueChanged;
        queueChanged = false;
        return changed;
    }
}
