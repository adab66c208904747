using Scale.Engine.Batches;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Jobs;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Batches.BatchWorld;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Batches;

public sealed class PreviousBatchTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Only_the_changed_node_and_what_follows_runs_again(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var (first, second, _) = await TwoBatches(world, completeFirst: true);
        Assert.Equal((12, 4), (await world.Batch(second, "jobs_total"), await world.Batch(second, "jobs_completed")));
        Assert.Equal(8, await world.Count($"SELECT count(*) FROM job WHERE batch_id = {second}"));
        Assert.Equal(4, await world.Count($"SELECT count(*) FROM recipe_node n JOIN recipe r ON r.id = n.recipe_id WHERE r.batch_id = {second} AND n.node_name = 'a' AND n.is_original = FALSE"));
        Assert.Equal(8, await world.Count($"SELECT count(*) FROM job WHERE batch_id = {first} AND is_superseded = TRUE AND status = 5"));
        Assert.Equal(8, await world.Count($"SELECT count(*) FROM job n JOIN job o ON o.id = n.superseded_job_id WHERE n.batch_id = {second} AND o.recipe_node = n.recipe_node AND n.root_superseded_job_id = o.id"));
        Assert.Equal(4, await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {first} AND is_superseded = TRUE AND superseded IS NOT NULL"));
        await world.AssertConsistent();
        await world.RunAll();
        Assert.Equal((4, 12), (await world.Batch(second, "recipes_completed"), await world.Batch(second, "jobs_completed")));
        await world.AssertConsistent();
        var comparison = await world.Read(s => BatchComparison.OfChain(s, first));
        Assert.Equal([first, second], comparison.Batches.Select(b => b.Id));
        Assert.Equal([4, 4], comparison.Nodes["c"].Select(n => n!.Jobs.Completed));
        Assert.Empty((await world.Read(s => BatchComparison.OfChain(s, second))).Batches);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_copied_job_goes_on_and_counts_in_both_recipes_and_batches(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var (first, second, _) = await TwoBatches(world, completeFirst: false);
        Assert.Equal((4L, 8L), (await Queued(world, first), await world.Batch(first, "jobs_canceled")));
        Assert.Equal(4L, await Queued(world, second));
        await world.AssertConsistent();
        await world.RunAll();
        Assert.Equal(4, await world.Batch(first, "jobs_completed"));
        Assert.Equal((12, 4), (await world.Batch(second, "jobs_completed"), await world.Batch(second, "recipes_completed")));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Forced_nodes_run_again_although_unchanged(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(2))));
        await world.RunAll();
        var second = await world.CreateWhole(Request(type.TypeId, OfPrevious(first, """,  "forced_nodes":{"all":false,"nodes":["c"]}""")));
        Assert.Equal((6, 4), (await world.Batch(second, "jobs_total"), await world.Batch(second, "jobs_completed")));
        Assert.Equal(2, await world.Count($"SELECT count(*) FROM job WHERE batch_id = {second}"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task With_nothing_changed_everything_is_copied_and_the_batch_is_complete_at_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(2))));
        await world.RunAll();
        var second = await world.CreateWhole(Request(type.TypeId, OfPrevious(first)));
        Assert.Equal((2, 6), (await world.Batch(second, "recipes_completed"), await world.Batch(second, "jobs_completed")));
        var nodes = (await world.Read(s => BatchMetrics.Nodes(s, second)))[second];
        Assert.All(nodes, n => Assert.Equal(TimeSpan.FromSeconds(10), n.JobDuration.Least));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_deleted_node_is_superseded_and_its_products_withdrawn(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(1))));
        await world.RunAll();
        await world.Write(s => s.Execute("UPDATE file SET is_published = TRUE, job_id = (SELECT id FROM job WHERE recipe_node = 'c') WHERE file_type = 1"));
        await world.AddRecipeType("chain", Definition(SceneInput, Node("a", Job("work"), "", "IN=SCENE"), Node("b", Job("work"), "a", "IN=a.OUT")));
        var second = await world.CreateWhole(Request(type.TypeId, OfPrevious(first)));
        Assert.Equal((2, 1), (await world.Batch(second, "jobs_total"), await world.Batch(second, "recipes_completed")));
        Assert.Equal(1, await world.Count("SELECT count(*) FROM job WHERE recipe_node = 'c' AND is_superseded = TRUE"));
        Assert.Equal(0, await world.Count("SELECT count(*) FROM file WHERE is_published = TRUE"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Existing_recipes_on_the_datasets_files_are_reprocessed_instead_of_made_anew(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var other = await world.AddRecipeType("other", Definition(SceneInput, Node("x", Job("work"), "", "IN=SCENE")));
        var (used, unused) = (await world.AddFile(), await world.AddFile());
        var existing = await world.AddRecipe(type, RecipeWorld.Files(("SCENE", [used])));
        await world.AddRecipe(other, RecipeWorld.Files(("SCENE", [unused])));
        await world.Evaluate();
        await world.RunAll();
        await world.ReviseJobType("work");
        await world.AddRecipeType("chain", Chain(2));
        var dataset = await world.AddDataset(Scenes, RecipeWorld.Files(("SCENE", [used])), RecipeWorld.Files(("SCENE", [unused])), RecipeWorld.Files(("SCENE", [used])));
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(dataset)));
        Assert.Equal(2, await world.Batch(id, "recipes_total"));
        Assert.Equal(1, await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {id} AND superseded_recipe_id = {existing}"));
        Assert.Equal(2, await world.Count($"SELECT count(*) FROM batch_item WHERE batch_id = {id} AND state = 3"));
        Assert.Equal(1, await world.Count("SELECT count(*) FROM recipe WHERE is_superseded = TRUE"));
        var fresh = await world.CreateWhole(Request(type.TypeId, OfDataset(dataset, ",\"supersedes\":false")));
        Assert.Equal(3, await world.Batch(fresh, "recipes_total"));
        Assert.Equal(1, await world.Count("SELECT count(*) FROM recipe WHERE is_superseded = TRUE"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Checks_of_the_chain_report_their_names(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var other = await world.AddRecipeType("other", Chain());
        var (first, _) = await world.Create(Request(type.TypeId, OfDataset(await world.AddScenes(1))));
        Assert.Equal("MISMATCHED_RECIPE_TYPE", await First(world, Request(other.TypeId, OfPrevious(first!.Value))));
        Assert.Equal("PREV_BATCH_STILL_CREATING", await First(world, Request(type.TypeId, OfPrevious(first.Value))));
        await world.RunCreation();
        var second = await world.CreateWhole(Request(type.TypeId, OfPrevious(first.Value)));
        Assert.Equal("PREV_BATCH_NOT_FOUND", await First(world, Request(type.TypeId, OfPrevious(second))));
        await world.AddRecipeType("chain", Definition("""{"files":[{"name":"SCENE"},{"name":"MORE"}]}"""));
        Assert.Equal("PREV_BATCH_NO_REPROCESS", await First(world, Request(type.TypeId, OfPrevious(first.Value))));
        Assert.Equal(0, await world.Batch(second, "is_superseded"));
    }

    private static async Task<string> First(RecipeWorld world, BatchRequest request) => (await world.Create(request)).Verdict.Errors[0].Name;

    private static Task<long> Queued(RecipeWorld world, long batch) => world.Count($"SELECT jobs_queued FROM batch WHERE id = {batch}");

    /// <summary>A batch of four chains, then one with a new revision of the job at <c>b</c>.</summary>
    private static async Task<(long First, long Second, long TypeId)> TwoBatches(RecipeWorld world, bool completeFirst)
    {
        var type = await world.AddRecipeType("chain", Chain());
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(4))));
        if (completeFirst)
        {
            await world.RunAll();
        }

        await world.ReviseJobType("work");
        await world.AddRecipeType("chain", Chain(2));
        return (first, await world.CreateWhole(Request(type.TypeId, OfPrevious(first))), type.TypeId);
    }
}
