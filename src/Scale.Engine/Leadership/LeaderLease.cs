using Scale.Store.Databases;

namespace Scale.Engine.Leadership;

/// <summary>Another process leads now: nothing of this transaction was written, and nothing more may be.</summary>
public sealed class LeadershipLostException(long ownEpoch, long currentEpoch)
    : Exception($"This process led with epoch {ownEpoch}, but epoch {currentEpoch} has begun. It stands by until it is elected again.");

/// <summary>
/// The right to move states, one epoch long. The epoch only ever rises, and every transaction of the engine checks it first, so a
/// leader that was paused and comes back can write nothing (design §3).
/// </summary>
public sealed class LeaderLease
{
    private readonly Database database;
    private readonly TimeProvider clock;

    private LeaderLease(Database database, TimeProvider clock, long epoch)
    {
        this.database = database;
        this.clock = clock;
        Epoch = epoch;
    }

    public long Epoch { get; }

    /// <summary>Begins a new epoch; all earlier ones end with it. Call only while holding the <see cref="ILeaderLock"/>.</summary>
    /// <param name="holder">Who leads, for people: host and process.</param>
    public static async Task<LeaderLease> Raise(Database database, TimeProvider clock, string holder, CancellationToken cancel)
    {
        await using var session = await database.Write(cancel);
        var epoch = await session.QueryFirst(
            "UPDATE leader SET epoch = epoch + 1, holder = @holder, acquired = @now WHERE id = 1 RETURNING epoch",
            r => r.GetInt64(0),
            ("holder", holder), ("now", Time.Now(clock)));
        await session.Commit();
        return new LeaderLease(database, clock, epoch);
    }

    /// <summary>Begins a transaction of the engine. The epoch can't rise before it ends.</summary>
    /// <param name="readFirst">What every transaction reads: asked together with the epoch.</param>
    /// <param name="committed">Told of the transaction once it is committed, and of those beside it.</param>
    /// <param name="isUndisturbed">See <see cref="EngineTransaction.IsUndisturbed"/>.</param>
    /// <exception cref="LeadershipLostException">Another epoch has begun.</exception>
    public async Task<EngineTransaction> Begin(Func<Session, Task> readFirst, Action<EngineTransaction> committed, CancellationToken cancel, bool isUndisturbed = false)
    {
        var session = await database.Write(cancel, isDeferring: true);
        try
        {
            // SQLite has let in this writer alone; PostgreSQL needs the row held against a raise.
            var asked = session.Ask(
                session.Provider == Provider.Postgres ? "SELECT epoch FROM leader WHERE id = 1 FOR SHARE" : "SELECT epoch FROM leader WHERE id = 1",
                r => r.GetInt64(0));
            await readFirst(session);
            var current = (await asked).FirstOrDefault();
            return current == Epoch
                ? new EngineTransaction(session, Time.Now(clock), session.Provider == Provider.Postgres ? () => Begin(_ => Task.CompletedTask, committed, cancel) : null, committed) { IsUndisturbed = isUndisturbed }
                : throw new LeadershipLostException(Epoch, current);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>A session that only reads; what it sees may be older than the epoch.</summary>
    public Task<Session> Read(CancellationToken cancel) => database.Read(cancel);
}
