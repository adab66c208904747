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
    /// <summary>A third one finds neither a processor nor a database that has nothing to do.</summary>
    private const int TransactionsAtOnce = 2;

    /// <summary>A slice of them takes half a second.</summary>
    private const int MostParts = 6;

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

    /// <summary>Nothing runs whose end would have to wait for this transaction.</summary>
    public bool IsUndisturbed { get; init; }

    /// <summary>How much a slice takes that transactions share where they can: more of it costs less, as long as nobody waits.</summary>
    /// <param name="alone">What one transaction takes.</param>
    public int SliceSize(int alone) => alone * (!CanHaveCompany ? 1 : IsUndisturbed ? MostParts : TransactionsAtOnce);

    /// <summary>
    /// Does parts of one thing in transactions of their own, the last in this one, two at a time: the database writes one while the next is decided. Decisions take turns; parts are
    /// committed in their order. None must wait for rows that a later one writes, nor write rows that this transaction wrote, or that another part writes before it has waited.
    /// </summary>
    /// <param name="parts">Each is given its transaction, and what to wait for before it writes rows that the part before it writes too.</param>
    public async Task InTurns(IReadOnlyList<Func<EngineTransaction, Task, Task>> parts)
    {
        var turns = new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        var begun = new List<Task>(parts.Count);
        try
        {
            foreach (var part in parts)
            {
                if (begun.Count >= TransactionsAtOnce)
                {
                    await begun[^TransactionsAtOnce];
                }

                var before = begun.LastOrDefault(Task.CompletedTask);
                var isLast = begun.Count == parts.Count - 1;
                begun.Add(turns.StartNew(() => isLast ? part(this, before) : Beside(part, before)).Unwrap());
            }
        }
        finally
        {
            await Task.WhenAll(begun);
        }
    }

    private async Task Beside(Func<EngineTransaction, Task, Task> part, Task before)
    {
        await using var transaction = await (beside?.Invoke() ?? throw new InvalidOperationException("This database has one writer at a time."));

        // The commit of the last one follows and makes all durable; without it, nothing came of this one that is not in the database.
        await transaction.Session.Send("SET LOCAL synchronous_commit = off");
        await part(transaction, before);
        await before;
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
