using Scale.Engine.Clusters;
using Scale.Engine.Executions;
using Scale.Engine.Leadership;

namespace Scale.Engine.Jobs;

/// <summary>Where clusters put their reports, from any thread; they leave it once they are written.</summary>
public sealed class ReportInbox(EngineSignal signal) : IReportSink
{
    private readonly Lock guard = new();
    private readonly LinkedList<ExecutionReport> reports = [];

    public void Post(ExecutionReport report)
    {
        lock (guard)
        {
            reports.AddLast(report);
        }

        signal.Wake();
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
