using Scale.Store.Databases;

namespace Scale.Engine.Leadership;

/// <summary>
/// One write of the leader: its epoch was checked, and what has to follow is collected while it runs.
/// Recipes that were touched are evaluated before the commit, executions are killed after it.
/// </summary>
/// <param name="beside">Begins another transaction of the same leader; null where the database has one writer at a time.</param>
/// <param name="committed">Told of this transaction once it is committed.</param>
public sealed class EngineTransaction(Session session, DateTime now, Func<Task<EngineTransaction>>? beside = null, Action<EngineTransaction>? committed = null) : IAsyncDisposable
{
    private readonly List<Action> afterCommit = [];

    public Session Session { get; } = session;

    /// <summary>The one moment that everything in this transaction happens at.</summary>
    public DateTime Now { get; } = now;

    /// <summary>Recipes whose nodes, input or sub-recipes changed in this transaction.</summary>
    public HashSet<long> TouchedRecipes { get; } = [];

    /// <summary>Executions (<c>job_exe.id</c>) to kill once this is committed.</summary>
    public List<long> ExecutionsToKill { get; } = [];

    /// <summary>How batches want their jobs queued, as far as it was asked in this transaction.</summary>
    public Dictionary<long, (int? Priority, bool IsPaused)> BatchSettings { get; } = [];

    /// <summary>Jobs were queued or limits changed: the scheduler has something to look at.</summary>
    public bool QueueChanged { get; set; }

    /// <summary>Lets what is kept in memory follow the database: runs once this is committed, and never when it is rolled back, but for <see cref="GoAhead"/>.</summary>
    public void AfterCommit(Action action) => afterCommit.Add(action);

    /// <summary>Whether another transaction of the same leader can write beside this one.</summary>
    public bool CanHaveCompany => beside is not null;

    /// <summary>How much a slice takes that two transactions share where they can.</summary>
    /// <param name="alone">What one transaction takes.</param>
    public int SliceSize(int alone) => CanHaveCompany ? 2 * alone : alone;

    /// <summary>
    /// Does two things at the same time, the first in a transaction of its own that is committed before this one: the database writes one while the other is decided.
    /// Decisions take turns. The first must neither wait for rows that the second writes, nor write rows that this transaction wrote or that the second writes before
    /// it has waited.
    /// </summary>
    /// <param name="second">Done in this transaction; given what to wait for before it writes rows that the first writes too.</param>
    public async Task InTwo(Func<EngineTransaction, Task> first, Func<Task, Task> second)
    {
        var turns = new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        var apart = turns.StartNew(() => Beside(first)).Unwrap();
        var here = turns.StartNew(() => second(apart)).Unwrap();
        await Task.WhenAll(apart, here);
    }

    private async Task Beside(Func<EngineTransaction, Task> work)
    {
        await using var transaction = await (beside?.Invoke() ?? throw new InvalidOperationException("This database has one writer at a time."));

        // The commit of the other one follows at once and makes both durable; without it, nothing came of this one that is not in the database.
        await transaction.Session.Send("SET LOCAL synchronous_commit = off");
        await work(transaction);
        await transaction.Commit();
    }

    /// <summary>
    /// Lets what is kept in memory go ahead of the commit, so that more can follow from it in this transaction. When that fails, memory is to be read
    /// from the database again.
    /// </summary>
    public async Task GoAhead()
    {
        await Session.Flush();
        Follow();
    }

    public async Task Commit()
    {
        await Session.Commit();
        Follow();
        committed?.Invoke(this);
    }

    private void Follow()
    {
        afterCommit.ForEach(action => action());
        afterCommit.Clear();
    }

    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
