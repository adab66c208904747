using System.Collections.Concurrent;
using Npgsql;

namespace Scale.Store.Databases;

/// <summary>
/// How old the plans of PostgreSQL's connections are. Statements are planned once and for all, and the server itself plans them anew only when statistics come:
/// what was planned while a table was empty would read the whole of it, over and over, while it fills. So plans are dropped now and then, soon at first.
/// </summary>
internal sealed class PlanAges(TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, (DateTimeOffset Renewal, TimeSpan Age)> renewals = new();

    /// <summary>Lets a connection plan its statements anew if it is time for that.</summary>
    public async ValueTask Renew(NpgsqlConnection connection, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (!renewals.TryGetValue(connection.ProcessID, out var known))
        {
            renewals[connection.ProcessID] = (now + First, First);
        }
        else if (now >= known.Renewal)
        {
            var age = known.Age * 2 < Longest ? known.Age * 2 : Longest;
            renewals[connection.ProcessID] = (now + age, age);
            await using var command = new NpgsqlCommand("DISCARD PLANS", connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
