namespace Scale.Engine.Leadership;

/// <summary>Wakes the leader of this process: the API calls it after a commit that left something to do.</summary>
public sealed class EngineSignal
{
    private readonly SemaphoreSlim pending = new(0, 1);

    public void Wake()
    {
        try
        {
            pending.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already, or about to be.
        }
    }

    /// <summary>Waits for a wake-up, at most <paramref name="limit"/>.</summary>
    public Task<bool> Wait(TimeSpan limit, CancellationToken cancel) => pending.WaitAsync(limit, cancel);
}
