using Scale.Store.Databases;

namespace Scale.Engine.Leadership;

/// <summary>
/// One write of the leader: its epoch was checked, and what has to follow is collected while it runs.
/// Recipes that were touched are evaluated before the commit, executions are killed after it.
/// </summary>
public sealed class EngineTransaction(Session session, DateTime now) : IAsyncDisposable
{
    public Session Session { get; } = session;

    /// <summary>The one moment that everything in this transaction happens at.</summary>
    public DateTime Now { get; } = now;

    /// <summary>Recipes whose nodes, input or sub-recipes changed in this transaction.</summary>
    public HashSet<long> TouchedRecipes { get; } = [];

    /// <summary>Executions (<c>job_exe.id</c>) to kill once this is committed.</summary>
    public List<long> ExecutionsToKill { get; } = [];

    /// <summary>Jobs were queued or limits changed: the scheduler has something to look at.</summary>
    public bool QueueChanged { get; set; }

    public Task Commit() => Session.Commit();

    public ValueTask DisposeAsync() => Session.DisposeAsync();
}
