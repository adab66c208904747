namespace Scale.Engine.Leadership;

/// <summary>Wakes the leader of this process: the API calls it after a commit that left something to do.</summary>
public sealed class EngineSignal
{
    private readonly SemaphoreSlim pending = new(0);
    private int isAwake;

    public void Wake()
    {
        // It comes with every report: whoever is awake already, or about to be, needs no other signal.
        if (Interlocked.Exchange(ref isAwake, 1) == 0)
        {
            pending.Release();
        }
    }

    /// <summary>Waits for a wake-up, at most <paramref name="limit"/>.</summary>
    public async Task<bool> Wait(TimeSpan limit, CancellationToken cancel)
    {
        if (!await pending.WaitAsync(limit, cancel))
        {
            return false;
        }

        Volatile.Write(ref isAwake, 0);
        return true;
    }
}
