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

    [Theory(Explicit = true)]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Batch_creation_of_a_chain_of_three(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Definitions.Chain());
        var dataset = await AddMembers(world);
        await world.Create(Request(type.TypeId, OfDataset(dataset)));
        var watch = Stopwatch.StartNew();
        await world.RunCreation();
        output.WriteLine($"{provider}: created {Recipes / watch.Elapsed.TotalSeconds:N0} recipes/s");
        watch.Restart();
        await world.RunAll();
        output.WriteLine($"{provider}: completed and evaluated {3 * Recipes / watch.Elapsed.TotalSeconds:N0} jobs/s, rows of files and job ends included");
        await world.AssertConsistent();
    }

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
