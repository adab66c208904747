using Scale.Engine.Leadership;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Engine.Jobs;

/// <summary>Measures the load on every full hour (jobs-and-queue.md §10). An hour that began while nobody led is left out: later counts would not be its load.</summary>
public sealed class LoadSnapshots(EngineWriter writer, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>How long after the full hour its load may still be measured: long enough for another leader to take over.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private DateTime? lastHour;

    /// <summary>When the next hour begins.</summary>
    public DateTime NextCheck => HourOf(Time.Now(clock)) + Interval;

    /// <summary>A new leader looks at the hour that has begun.</summary>
    public void Reset() => lastHour = null;

    /// <returns>Whether anything was done.</returns>
    public async Task<bool> Take(CancellationToken cancel)
    {
        var now = Time.Now(clock);
        var hour = HourOf(now);
        if (hour == lastHour)
        {
            return false;
        }

        var isInTime = now - hour <= Grace;
        if (isInTime)
        {
            // Counted outside of the write, which others wait for.
            IReadOnlyList<JobLoad> loads;
            await using (var session = await writer.Lease.Read(cancel))
            {
                loads = await JobLoadStore.Measure(session);
            }

            await writer.Write(
                async transaction =>
                {
                    await JobLoadStore.Insert(transaction.Session, hour, loads);
                    return true;
                },
                cancel);
        }

        lastHour = hour;
        return isInTime;
    }

    private static DateTime HourOf(DateTime moment) => moment.AddTicks(-(moment.Ticks % Interval.Ticks));
}
