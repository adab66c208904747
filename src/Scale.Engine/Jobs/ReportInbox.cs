using Scale.Engine.Clusters;
using Scale.Engine.Executions;
using Scale.Engine.Leadership;

namespace Scale.Engine.Jobs;

/// <summary>Where clusters put their reports, from any thread; they leave it once they are written.</summary>
public sealed class ReportInbox(EngineSignal signal) : IReportSink
{
    private readonly Lock guard = new();
    private readonly LinkedList<ExecutionReport> reports = [];
    private TaskCompletionSource? enough;
    private int wanted;

    public void Post(ExecutionReport report)
    {
        lock (guard)
        {
            reports.AddLast(report);
            if (reports.Count >= wanted)
            {
                enough?.TrySetResult();
            }
        }

        signal.Wake();
    }

    /// <summary>Waits until there are so many reports, at most for a time.</summary>
    public async Task Collect(int count, TimeSpan limit, TimeProvider clock, CancellationToken cancel)
    {
        TaskCompletionSource waiting;
        lock (guard)
        {
            if (reports.Count >= count)
            {
                return;
            }

            wanted = count;
            enough = waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        await waiting.Task.WaitAsync(limit, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The oldest reports, which stay until <see cref="Remove"/>.</summary>
    public IReadOnlyList<ExecutionReport> Peek(int limit)
    {
        lock (guard)
        {
            return [.. reports.Take(limit)];
        }
    }

    /// <summary>Takes out the oldest <paramref name="count"/> reports.</summary>
    public void Remove(int count)
    {
        lock (guard)
        {
            for (; count > 0 && reports.Count > 0; count--)
            {
                reports.RemoveFirst();
            }
        }
    }
}
