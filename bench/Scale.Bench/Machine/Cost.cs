using System.Diagnostics;

namespace Scale.Bench.Machine;

/// <summary>What something took: time on the clock, and processor time, which a busy machine does not change much.</summary>
/// <param name="Database">Processor time of the processes of PostgreSQL; SQLite works in the server.</param>
internal readonly record struct Cost(TimeSpan Elapsed, TimeSpan Server, TimeSpan Database)
{
    public TimeSpan Processor => Server + Database;

    public static Cost operator +(Cost a, Cost b) => new(a.Elapsed + b.Elapsed, a.Server + b.Server, a.Database + b.Database);

    public static Cost operator -(Cost a, Cost b) => new(a.Elapsed - b.Elapsed, a.Server - b.Server, a.Database - b.Database);
}

/// <summary>Reads what server and database have cost so far.</summary>
internal sealed class Meter(BenchServer server, BenchDatabase database)
{
    private readonly Stopwatch watch = Stopwatch.StartNew();

    public async Task<Cost> Read() => new(watch.Elapsed, ProcessUsage.Processor(server.ProcessId), await database.Processor());
}
