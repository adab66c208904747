using Scale.Engine.Batches;
using Scale.Engine.Tests.Recipes;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Batches.BatchWorld;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Batches;

/// <summary>A crash between any two statements leaves a batch that can be finished, with every recipe once.</summary>
public sealed class BatchCrashTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Creation_interrupted_before_any_statement_makes_every_recipe_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var type = await world.AddRecipeType("outer", Definition(SceneInput, Node("j", Job("work"), "", "IN=SCENE"), Node("sub", Recipe("inner"), "", "SCENE=SCENE")));
        var dataset = await world.AddScenes(3);
        var (id, _) = await world.Create(Request(type.TypeId, OfDataset(dataset)));
        var crashes = await world.RunCreationWithCrashes();
        Assert.True(crashes > 20, $"only {crashes} statements");
        Assert.Equal(3, await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {id} AND recipe_id IS NULL"));
        Assert.Equal((3, 6, 12), (await world.Batch(id!.Value, "items_created"), await world.Batch(id.Value, "recipes_total"), await world.Batch(id.Value, "jobs_total")));
        await world.AssertConsistent();
    }

    /// <summary>Slices of more than three members are made by several transactions on PostgreSQL, of which the later ones may be lost.</summary>
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Creation_by_several_transactions_interrupted_before_any_statement_makes_every_recipe_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider, sliceSize: 3);
        var type = await world.AddRecipeType("chain", Chain());
        var dataset = await world.AddScenes(14);
        var (id, _) = await world.Create(Request(type.TypeId, OfDataset(dataset)));
        var crashes = await world.RunCreationWithCrashes();
        Assert.True(crashes > 20, $"only {crashes} statements");
        Assert.Equal(14, await world.Count($"SELECT count(DISTINCT source_id) FROM batch_item WHERE batch_id = {id} AND recipe_id IS NOT NULL"));
        Assert.Equal((14, 14, 42), (await world.Batch(id!.Value, "items_created"), await world.Batch(id.Value, "recipes_total"), await world.Batch(id.Value, "jobs_total")));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Reprocessing_interrupted_before_any_statement_replaces_every_recipe_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        string Outer(int revision) => Definition(SceneInput, Node("j", Job("work", revision), "", "IN=SCENE"), Node("sub", Recipe("inner"), "j", "SCENE=j.OUT"), Node("k", Job("work"), "", "IN=SCENE"));
        var type = await world.AddRecipeType("outer", Outer(1));
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(3))));
        await world.ReviseJobType("work");
        await world.AddRecipeType("outer", Outer(2));
        var second = await CreateOverCrashes(world, Request(type.TypeId, OfPrevious(first)), items: 3);
        Assert.Equal(3, await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {second} AND recipe_id IS NULL"));
        Assert.Equal(3, await world.Count($"SELECT count(*) FROM recipe_node n JOIN recipe r ON r.id = n.recipe_id WHERE r.batch_id = {second} AND n.node_name = 'k' AND n.is_original = FALSE"));
        await world.RunAll();
        Assert.Equal(await world.Batch(second, "recipes_total"), await world.Batch(second, "recipes_completed"));
        await world.AssertConsistent();
    }

    /// <summary>Slices of more than three families are made by several transactions on PostgreSQL, of which the later ones may be lost.</summary>
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Reprocessing_by_several_transactions_interrupted_before_any_statement_replaces_every_recipe_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider, sliceSize: 3);
        var type = await world.AddRecipeType("chain", Chain());
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(11))));
        await world.ReviseJobType("work");
        await world.AddRecipeType("chain", Chain(revision: 2));
        var second = await CreateOverCrashes(world, Request(type.TypeId, OfPrevious(first)), items: 11);
        Assert.Equal((11, 11), (await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {second}"), await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {first} AND is_superseded = TRUE")));
        await world.RunAll();
        Assert.Equal(await world.Batch(second, "recipes_total"), await world.Batch(second, "recipes_completed"));
        await world.AssertConsistent();
    }

    /// <summary>Which recipes members replace is looked up once for all transactions; each replaces what its members are the first to name.</summary>
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Superseding_by_several_transactions_interrupted_before_any_statement_replaces_every_recipe_once(Provider provider)
    {
        const int Old = 5;
        const int New = 6;
        await using var world = await RecipeWorld.Create(provider, sliceSize: 3);
        var type = await world.AddRecipeType("chain", Chain());
        var files = new List<long>();
        for (var i = 0; i < Old + New; i++)
        {
            files.Add(await world.AddFile());
        }

        Task<long> Dataset(IEnumerable<long> scenes) => world.AddDataset(Scenes, [.. scenes.Select(file => RecipeWorld.Files(("SCENE", [file])))]);
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await Dataset(files.Where((_, i) => i % 2 == 1)))));
        var second = await CreateOverCrashes(world, Request(type.TypeId, OfDataset(await Dataset(files))), items: Old + New);
        Assert.Equal((Old, Old), (await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {first} AND is_superseded = TRUE"), await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {second} AND superseded_recipe_id IS NOT NULL")));
        Assert.Equal(New, await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {second} AND superseded_recipe_id IS NULL"));
        Assert.Equal(Old, await world.Count($"SELECT count(*) FROM batch_item WHERE batch_id = {second} AND state = {(int)BatchItemState.Covered}"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_command_carried_out_again_from_the_start_makes_nothing_twice(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(3))));
        await world.Write(s => s.Execute("UPDATE command SET state = 0, progress = '{}'"));
        await world.Write(s => s.Execute("UPDATE batch SET is_creation_done = FALSE"));
        await world.RunCreation();
        Assert.Equal((3, 3), (await world.Batch(id, "recipes_total"), await world.Batch(id, "items_created")));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Of_two_creations_on_one_chain_one_wins(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var root = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(2))));
        var request = Request(type.TypeId, OfPrevious(root));
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Create(world, request))));
        Assert.Single(results, r => r.BatchId is not null);
        Assert.All(results.Where(r => r.BatchId is null), r => Assert.Equal("PREV_BATCH_STILL_CREATING", r.Verdict.Errors[0].Name));
        Assert.Equal(1, await world.Count($"SELECT count(*) FROM batch WHERE superseded_batch_id = {root}"));
        Assert.Equal(2, await world.Count("SELECT count(*) FROM event"));
        await world.RunCreation();
        await world.AssertConsistent();
    }

    /// <summary>Creates a batch over a crash before each of its statements; all its items are made.</summary>
    private static async Task<long> CreateOverCrashes(RecipeWorld world, BatchRequest request, int items)
    {
        var (created, verdict) = await world.Create(request);
        Assert.Empty(verdict.Errors);
        var id = created!.Value;
        var crashes = await world.RunCreationWithCrashes();
        Assert.True(crashes > 25, $"only {crashes} statements");
        Assert.Equal((items, 0, 1), (await world.Batch(id, "items_created"), await world.Batch(id, "items_failed"), await world.Batch(id, "is_creation_done")));
        return id;
    }

    private static async Task<(long? BatchId, BatchVerdict Verdict)> Create(RecipeWorld world, BatchRequest request)
    {
        await using var session = await world.Database.Write();
        var result = await new BatchCreation(world.Catalog).Create(session, request, DateTime.UnixEpoch);
        if (result.BatchId is not null)
        {
            await session.Commit();
        }

        return result;
    }
}
