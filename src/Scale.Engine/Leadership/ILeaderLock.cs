namespace Scale.Engine.Leadership;

/// <summary>Lets at most one living process lead a database. The operating system or the database frees it when its holder dies.</summary>
public interface ILeaderLock : IAsyncDisposable
{
    /// <summary>Takes the lock if it is free; true also when it is held already.</summary>
    Task<bool> TryAcquire(CancellationToken cancel);

    /// <summary>Frees the lock; nothing happens when it isn't held.</summary>
    ValueTask Release();
}
