using System.Diagnostics;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Data;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Batches.BatchWorld;

namespace Scale.Engine.Tests.Batches;

/// <summary>Figures, not checks: <c>-explicit only -class Scale.Engine.Tests.Batches.BatchCreationSpeed</c>.</summary>
public sealed class BatchCreationSpeed(ITestOutputHelper output)
{
    private const int Recipes = 20_000;

    private static readonly string[] Tables = ["recipe", "job", "recipe_node", "recipe_input_file", "job_input_file", "file_ancestry", "batch_item", "queue"];

    [Theory(Explicit = true)]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Batch_creation_of_a_chain_of_three(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Definitions.Chain());
        var dataset = await AddMembers(world);
        await world.Create(Request(type.TypeId, OfDataset(dataset)));
        var processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await world.RunCreation();
        var created = watch.Elapsed;
        processor = Environment.CpuUsage.TotalTime - processor;
        var bare = await InsertBare(world, provider);
        output.WriteLine($"{provider}: created {Recipes / created.TotalSeconds:N0} recipes/s, {Recipes / processor.TotalSeconds:N0} per second of own processor time; bare inserts of the same rows {Recipes / bare.TotalSeconds:N0}/s, ratio {bare / created:N2}");
        watch.Restart();
        processor = Environment.CpuUsage.TotalTime;
        await world.RunAll();
        processor = Environment.CpuUsage.TotalTime - processor;
        output.WriteLine($"{provider}: completed and evaluated {3 * Recipes / watch.Elapsed.TotalSeconds:N0} jobs/s, {3 * Recipes / processor.TotalSeconds:N0} per second of own processor time");
        await world.AssertConsistent();
    }

    /// <summary>The rows that creation made, inserted into an empty database in as many transactions: what no creation can be faster than.</summary>
    private static async Task<TimeSpan> InsertBare(RecipeWorld world, Provider provider)
    {
        var slices = new List<(string Table, Rows Rows)[]>();
        foreach (var table in Tables)
        {
            var rows = await world.Read(s => ReadAll(s, table));
            var size = (rows.Count + (Recipes / 1000) - 1) / (Recipes / 1000);
            for (var slice = 0; slice < Recipes / 1000; slice++)
            {
                if (slices.Count <= slice)
                {
                    slices.Add(new (string, Rows)[Tables.Length]);
                }

                slices[slice][Array.IndexOf(Tables, table)] = (table, Cut(rows, slice * size, size));
            }
        }

        await using var empty = await TestDatabase.Create(provider);
        var watch = Stopwatch.StartNew();
        foreach (var slice in slices)
        {
            await using var session = await empty.Database.Write();
            foreach (var (table, rows) in slice)
            {
                await session.BulkInsert(table, rows);
            }

            await session.Commit();
        }

        return watch.Elapsed;
    }

    private static Rows Cut(Rows rows, int start, int size) => new(rows.Name, [.. rows.Columns.Select(c =>
    {
        var length = Math.Clamp(c.Values.Length - start, 0, size);
        var values = Array.CreateInstance(c.Values.GetType().GetElementType()!, length);
        Array.Copy(c.Values, start, values, 0, length);
        return (c.Name, values);
    })]);

    private static async Task<Rows> ReadAll(Session session, string table)
    {
        string[] names = [];
        Type[] types = [];
        var records = await session.Query($"SELECT * FROM {table}", r =>
        {
            if (names.Length == 0)
            {
                names = [.. Enumerable.Range(0, r.FieldCount).Select(r.GetName)];
                types = [.. Enumerable.Range(0, r.FieldCount).Select(r.GetFieldType)];
            }

            var values = new object?[r.FieldCount];
            r.GetValues(values!);
            return values;
        });
        return new Rows("r", [.. names.Select((name, i) => (name, ColumnOf(types[i], records.Column(v => v[i] is DBNull ? null : v[i]))))]);
    }

    private static Array ColumnOf(Type type, object?[] values) =>
        type == typeof(string) ? values.Column(v => v as string)
        : type == typeof(double) ? values.Column(v => v is null ? (double?)null : Convert.ToDouble(v))
        : type == typeof(int) ? values.Column(v => v is null ? (int?)null : Convert.ToInt32(v))
        : type == typeof(short) ? values.Column(v => v is null ? (short?)null : Convert.ToInt16(v))
        : type == typeof(bool) ? values.Column(v => v is null ? (bool?)null : Convert.ToBoolean(v))
        : values.Any(v => v is string) ? values.Column(v => v as string)
        : values.Column(v => v is null ? (long?)null : Convert.ToInt64(v));

    private static Task<long> AddMembers(RecipeWorld world) => world.Write(async session =>
    {
        var files = await session.AllocateIds("file", Recipes);
        await session.BulkInsert("file", new Rows("f",
            ("id", files),
            ("file_name", files.Column(_ => "scene.tif")),
            ("workspace_id", files.Column(_ => 1L)),
            ("file_path", files.Column(_ => "scene.tif")),
            ("file_type", files.Column(_ => (short)0)),
            ("media_type", files.Column(_ => "image/tiff")),
            ("file_size", files.Column(_ => 1_000_000L)),
            ("uuid", files.Column(_ => "u")),
            ("created", files.Column(_ => 0L)),
            ("last_modified", files.Column(_ => 0L))));
        var id = await session.Insert("dataset", ("definition", Scenes), ("member_count", (long)Recipes), ("created", 0L));
        await session.BulkInsert("dataset_member", new Rows("m",
            ("dataset_id", files.Column(_ => id)),
            ("data", files.Column(f => RecipeWorld.Files(("SCENE", [f])).ToText())),
            ("file_ids", files.Column(f => $"[{f}]")),
            ("created", files.Column(_ => 0L))));
        return id;
    });
}
