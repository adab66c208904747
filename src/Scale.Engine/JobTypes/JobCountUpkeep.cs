using Scale.Engine.Leadership;
using Scale.Store.Databases;
using Scale.Store.JobTypes;

namespace Scale.Engine.JobTypes;

/// <summary>Sums up, now and then, the rows that writers add to the kept counts of jobs on PostgreSQL, so that readers find few.</summary>
public sealed class JobCountUpkeep(EngineWriter writer, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private DateTime next = DateTime.MinValue;
    private long folded;

    /// <summary>Forgets what was summed up as an earlier leader.</summary>
    public void Reset() => (next, folded) = (DateTime.MinValue, 0);

    public async Task Check(CancellationToken cancel)
    {
        var now = Time.Now(clock);
        if (now < next && next - now <= Interval)
        {
            return;
        }

        next = now + Interval;
        await using (var session = await writer.Lease.Read(cancel))
        {
            if (session.Provider == Provider.Sqlite || await JobTypeCounts.Newest(session) == folded)
            {
                return;
            }
        }

        folded = await writer.Write(
            async transaction =>
            {
                await JobTypeCounts.Fold(transaction.Session, folded);
                return await JobTypeCounts.Newest(transaction.Session);
            },
            cancel);
    }
}
