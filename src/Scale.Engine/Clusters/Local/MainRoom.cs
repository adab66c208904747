namespace Scale.Engine.Clusters.Local;

/// <summary>The cpus of this machine. Mains that were given ahead of their room wait for it, first come first served.</summary>
public sealed class MainRoom(double cpus)
{
    private const double Tolerance = 1e-9;

    private readonly Queue<MainTurn> waiting = new();
    private readonly Lock gate = new();
    private double used;

    /// <param name="needed">Cpus. What needs more than there are has its turn when it is alone.</param>
    public MainTurn Ask(double needed, DateTime now)
    {
        var turn = new MainTurn(needed, now);
        lock (gate)
        {
            waiting.Enqueue(turn);
            Call();
        }

        return turn;
    }

    /// <summary>Of one that runs already, whether there is room or not.</summary>
    public MainTurn Take(double needed, DateTime now)
    {
        var turn = new MainTurn(needed, now);
        turn.TryCome();
        lock (gate)
        {
            used += needed;
        }

        return turn;
    }

    /// <summary>One that has come to its turn has ended, or was never started.</summary>
    public void Leave(MainTurn turn)
    {
        lock (gate)
        {
            used -= turn.Needed;
            Call();
        }
    }

    private void Call()
    {
        while (waiting.TryPeek(out var next) && (next.IsGivenUp || used <= Tolerance || used + next.Needed <= cpus + Tolerance))
        {
            waiting.Dequeue();
            used += next.TryCome() ? next.Needed : 0;
        }
    }
}

/// <summary>The wait of one main for its room.</summary>
public sealed class MainTurn(double needed, DateTime since)
{
    private readonly TaskCompletionSource<bool> came = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public double Needed => needed;

    /// <summary>Since when it waits.</summary>
    public DateTime Since => since;

    /// <summary>Completes with whether its turn came before it was given up.</summary>
    public Task<bool> Came => came.Task;

    internal bool IsGivenUp => came.Task is { IsCompletedSuccessfully: true, Result: false };

    /// <summary>It is not waited for any longer; does nothing once its turn has come.</summary>
    public void GiveUp() => came.TrySetResult(false);

    internal bool TryCome() => came.TrySetResult(true);
}
