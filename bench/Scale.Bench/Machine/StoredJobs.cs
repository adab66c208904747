using Scale.Store.Databases;

namespace Scale.Bench.Machine;

/// <summary>Jobs as rows, nearly all ended long ago: of five types, three to a recipe, in a hundred batches, four of which run at a time, on a few nodes, over ten days.</summary>
internal static class StoredJobs
{
    public const int Types = 5;
    public const int Batches = 100;
    private const int BatchesAtOnce = 4;

    private const int Slice = 50_001;
    private const int PerRecipe = 3;
    private const short Queued = 2;
    private const short Running = 3;
    private const short Failed = 4;
    private const short Completed = 5;
    private const short Canceled = 6;

    private static readonly DateTime First = new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] Sensors = ["red", "green", "blue"];

    /// <summary>The moment that the part of the jobs was last changed until.</summary>
    public static DateTime At(double part) => First.AddDays(10 * part);

    public static async Task Add(BenchDatabase database, int count)
    {
        await using var store = await database.Open();
        long[] types;
        long[] errors;
        long[] nodes;
        long[] recipeTypes;
        await using (var session = await store.Write())
        {
            types = [.. await session.Query("SELECT id FROM job_type WHERE is_system = FALSE ORDER BY id", r => r.GetInt64(0))];
            errors = [.. await session.Query("SELECT id FROM error ORDER BY id LIMIT 5", r => r.GetInt64(0))];
            nodes = [.. await session.Query("SELECT id FROM node ORDER BY id", r => r.GetInt64(0))];
            recipeTypes = [.. await session.Query("SELECT id FROM recipe_type ORDER BY id", r => r.GetInt64(0))];
            await AddBatches(session, recipeTypes);
            await session.Commit();
        }

        var step = TimeSpan.FromDays(10) / count;
        for (var first = 0; first < count; first += Slice)
        {
            await using var session = await store.Write();
            var recipes = await AddRecipes(session, (Math.Min(Slice, count - first) + PerRecipe - 1) / PerRecipe, id => First + id * PerRecipe * step, recipeTypes);
            await AddSlice(session, Math.Min(Slice, count - first), id => First + id * step, types, errors, nodes, recipeTypes, recipes, count);
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

    private static async Task AddBatches(Session session, long[] types)
    {
        var ids = await session.AllocateIds("batch", Batches);
        await session.BulkInsert("batch", new Rows("b",
            ("id", ids),
            ("title", ids.Column(id => $"Batch {id * 37 % 101}")),
            ("recipe_type_id", ids.Column(id => types[id % types.Length])),
            ("recipe_type_rev_id", ids.Column(_ => 1L)),
            ("event_id", ids.Column(_ => 0L)),
            ("definition", ids.Column(_ => "{}")),
            ("configuration", ids.Column(_ => "{}")),
            ("root_batch_id", ids),
            ("is_creation_done", ids.Column(_ => true)),
            ("created", ids.Column(_ => First)),
            ("last_modified", ids.Column(_ => First))));
    }

    private static async Task<long[]> AddRecipes(Session session, int count, Func<long, DateTime> at, long[] types)
    {
        var ids = await session.AllocateIds("recipe", count);
        await session.BulkInsert("recipe", new Rows("r",
            ("id", ids),
            ("recipe_type_id", ids.Column(id => types[id % types.Length])),
            ("recipe_type_rev_id", ids.Column(_ => 1L)),
            ("root_recipe_id", ids),
            ("top_recipe_id", ids),
            ("family_id", ids),
            ("is_completed", ids.Column(_ => true)),
            ("created", ids.Column(at)),
            ("completed", ids.Column(at)),
            ("last_modified", ids.Column(at))));
        return ids;
    }

    /// <summary>The newest wait.</summary>
    private static short StatusOf(long id, int all) => id > all * 0.995 ? Queued : id % 1000 == 0 ? Running : id % 100 == 2 ? Canceled : id % 50 == 0 ? Failed : Completed;

    private static long BatchOf(long id, int all) => 1 + (id - 1) * (Batches / BatchesAtOnce) / all * BatchesAtOnce + id % BatchesAtOnce;

    private static async Task AddSlice(Session session, int count, Func<long, DateTime> at, long[] types, long[] errors, long[] nodes, long[] recipeTypes, long[] recipes, int all)
    {
        var ids = await session.AllocateIds("job", count);
        var status = ids.Column(id => StatusOf(id, all));
        await session.BulkInsert("recipe_node", new Rows("n",
            ("recipe_id", ids.Column(id => recipes[(id - ids[0]) / PerRecipe])),
            ("node_name", ids.Column(id => $"n{(id - ids[0]) % PerRecipe}")),
            ("job_id", ids)));
        await session.BulkInsert("job", new Rows("v",
            ("id", ids),
            ("job_type_id", ids.Column(id => types[id % 7 % types.Length])),
            ("job_type_rev_id", ids.Column(_ => 1L)),
            ("status", status),
            ("num_exes", ids.Column(_ => 1)),
            ("max_tries", ids.Column(_ => 3)),
            ("recipe_id", ids.Column(id => (long?)recipes[(id - ids[0]) / PerRecipe])),
            ("recipe_type_id", ids.Column(id => (long?)recipeTypes[recipes[(id - ids[0]) / PerRecipe] % recipeTypes.Length])),
            ("batch_id", ids.Column(id => (long?)BatchOf(id, all))),
            ("node_id", ids.Column(id => StatusOf(id, all) is Queued or Canceled ? null : (long?)nodes[id % nodes.Length])),
            ("error_id", ids.Column(id => StatusOf(id, all) == Failed ? errors[id / 50 % errors.Length] : (long?)null)),
            ("is_superseded", ids.Column(id => id % 5 == 0)),
            ("superseded", ids.Column(id => id % 5 == 0 ? at(id) : (DateTime?)null)),
            ("superseded_job_id", ids.Column(id => id % 5 == 1 ? id - 1 : (long?)null)),
            ("input", ids.Column(id => $$$"""{"files":{"SCENE":[{{{id}}}]},"json":{}}""")),
            ("output", ids.Column(_ => """{"files":{},"json":{"VALUE":17}}""")),
            ("input_file_size", ids.Column(id => (double)(id % 977))),
            ("source_sensor", ids.Column(id => Sensors[id % Sensors.Length])),
            ("source_started", ids.Column(id => (DateTime?)at(id))),
            ("source_ended", ids.Column(id => (DateTime?)at(id))),
            ("created", ids.Column(at)),
            ("queued", ids.Column(id => (DateTime?)at(id))),
            ("started", ids.Column(id => StatusOf(id, all) is Queued or Canceled ? null : (DateTime?)at(id))),
            ("ended", ids.Column(id => StatusOf(id, all) is Failed or Completed ? (DateTime?)at(id).AddMilliseconds(id * 7919 % 60_000_013) : null)),
            ("last_status_change", ids.Column(id => (DateTime?)at(id))),
            ("last_modified", ids.Column(at))));
    }
}
