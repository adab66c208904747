using Scale.Store.Databases;

namespace Scale.Bench.Machine;

/// <summary>Jobs that ended long ago, as rows: of five types, in a hundred batches, over ten days.</summary>
internal static class StoredJobs
{
    public const int Types = 5;
    public const int Batches = 100;

    private const int Slice = 50_000;
    private const short Running = 3;
    private const short Failed = 4;
    private const short Completed = 5;

    private static readonly DateTime First = new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] Sensors = ["red", "green", "blue"];

    /// <summary>The moment that the part of the jobs was last changed until.</summary>
    public static DateTime At(double part) => First.AddDays(10 * part);

    public static async Task Add(BenchDatabase database, int count)
    {
        await using var store = await database.Open();
        long[] types;
        long error;
        long node;
        await using (var session = await store.Write())
        {
            types = [.. await session.Query("SELECT id FROM job_type WHERE is_system = FALSE ORDER BY id", r => r.GetInt64(0))];
            error = await session.QueryFirst("SELECT min(id) FROM error", r => r.GetInt64(0));
            node = await session.QueryFirst("SELECT min(id) FROM node", r => r.GetInt64(0));
            await session.Commit();
        }

        var step = TimeSpan.FromDays(10) / count;
        for (var first = 0; first < count; first += Slice)
        {
            await using var session = await store.Write();
            await AddSlice(session, Math.Min(Slice, count - first), id => First + id * step, types, error, node);
            await session.Commit();
        }

        if (store.Provider == Provider.Postgres)
        {
            // As autovacuum does it some time after so many rows came.
            await using var connection = await store.PostgresSource!.OpenConnectionAsync();
            await using var command = new Npgsql.NpgsqlCommand("VACUUM ANALYZE", connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task AddSlice(Session session, int count, Func<long, DateTime> at, long[] types, long error, long node)
    {
        var ids = await session.AllocateIds("job", count);
        var status = ids.Column(id => id % 1000 == 0 ? Running : id % 50 == 0 ? Failed : Completed);
        await session.BulkInsert("job", new Rows("v",
            ("id", ids),
            ("job_type_id", ids.Column(id => types[id % 7 % types.Length])),
            ("job_type_rev_id", ids.Column(_ => 1L)),
            ("status", status),
            ("num_exes", ids.Column(_ => 1)),
            ("max_tries", ids.Column(_ => 3)),
            ("recipe_id", ids.Column(id => (long?)(id / 3))),
            ("batch_id", ids.Column(id => (long?)(1 + id % Batches))),
            ("node_id", ids.Column(_ => (long?)node)),
            ("error_id", status.Column(s => s == Failed ? error : (long?)null)),
            ("is_superseded", ids.Column(id => id % 5 == 0)),
            ("input", ids.Column(id => $$$"""{"files":{"SCENE":[{{{id}}}]},"json":{}}""")),
            ("output", ids.Column(_ => """{"files":{},"json":{"VALUE":17}}""")),
            ("input_file_size", ids.Column(id => (double)(id % 977))),
            ("source_sensor", ids.Column(id => Sensors[id % Sensors.Length])),
            ("source_started", ids.Column(id => (DateTime?)at(id))),
            ("source_ended", ids.Column(id => (DateTime?)at(id))),
            ("created", ids.Column(at)),
            ("queued", ids.Column(id => (DateTime?)at(id))),
            ("started", ids.Column(id => (DateTime?)at(id))),
            ("ended", ids.Column(id => (DateTime?)at(id).AddMilliseconds(id % 977))),
            ("last_modified", ids.Column(at))));
    }
}
