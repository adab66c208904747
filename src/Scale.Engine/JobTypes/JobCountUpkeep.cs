using Scale.Engine.Leadership;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Engine.JobTypes;

/// <summary>Sums up, now and then, the rows that writers add to the kept counts of jobs on PostgreSQL, so that readers find few.</summary>
public sealed class JobCountUpkeep(EngineWriter writer, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private DateTime next = DateTime.MinValue;
    private JobCountRows folded;

    /// <summary>Forgets what was summed up as an earlier leader.</summary>
    public void Reset() => (next, folded) = (DateTime.MinValue, default);

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
            if (session.Provider == Provider.Sqlite || await JobCountFolding.Newest(session) == folded)
            {
                return;
            }
        }

        folded = await writer.Write(
            async transaction =>
            {
                await JobCountFolding.Fold(transaction.Session, folded);
                return await JobCountFolding.Newest(transaction.Session);
            },
            cancel);
    }
}
