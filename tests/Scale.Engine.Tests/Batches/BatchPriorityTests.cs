using Scale.Engine.Batches;
using Scale.Engine.Executions;
using Scale.Engine.Recipes;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Batches;

/// <summary>Priorities of jobs of batches (batches-and-datasets.md §5.7).</summary>
public sealed class BatchPriorityTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_have_the_batchs_priority_of_the_moment_they_are_queued_in_sub_recipes_too(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        await world.AddJobType("work", Manifests.NoInput("work"), priority: 50);
        await AddRecipeType(world, "inner", Definitions.Definition(Definitions.SceneInput, Definitions.Node("x", Definitions.Job("work"))));
        var type = await AddRecipeType(world, "outer", Definitions.Definition(Definitions.SceneInput,
            Definitions.Node("a", Definitions.Job("work")), Definitions.Node("sub", Definitions.Recipe("inner"), "a", "SCENE=SCENE")));
        var batch = await AddBatch(world, type, """{"priority":7}""");
        var plain = await AddBatch(world, type, "{}");
        await Schedule(world, isPaused: true);
        Assert.Equal((7, 50), (await PriorityOf(world, batch, "a"), await PriorityOf(world, plain, "a")));

        var edited = BatchWorld.Request(type, "{}", """{"priority":3}""").Configuration;
        await world.Write(s => new BatchCreation(new RecipeTypeCatalog()).Edit(s, batch, new BatchEdit(null, null, edited), world.Clock.Now));
        Assert.Equal(7, await PriorityOf(world, batch, "a"));
        await Schedule(world, isPaused: false);
        await Schedule(world, isPaused: true);
        foreach (var key in world.Cluster.Live.Keys.ToList())
        {
            world.Cluster.End(key, ExecutionOutcome.Completed);
        }

        await world.Settle();
        Assert.Equal((3, 50), (await PriorityOf(world, batch, "x"), await PriorityOf(world, plain, "x")));
        var job = await world.Value<long>("SELECT id FROM job WHERE batch_id = @batch AND recipe_node = 'x'", ("batch", batch));
        await world.Requeue(11, true, job);
        Assert.Equal(11, await PriorityOf(world, batch, "x"));
        await world.AssertSound();
    }

    private static async Task Schedule(EngineWorld world, bool isPaused)
    {
        await world.Write(s => s.Execute("UPDATE scheduler SET is_paused = @paused", ("paused", isPaused)));
        await world.Pass(TimeSpan.FromSeconds(2));
    }

    private static Task<int> PriorityOf(EngineWorld world, long batchId, string node) => world.Value<int>(
        "SELECT c.priority FROM queue q JOIN job j ON j.id = q.job_id JOIN queue_class c ON c.id = q.class_id WHERE j.batch_id = @batch AND j.recipe_node = @node",
        ("batch", batchId), ("node", node));

    private static Task<long> AddRecipeType(EngineWorld world, string name, string definition) => world.Write(async session =>
    {
        var id = await session.Insert("recipe_type", ("name", name), ("title", name), ("definition", definition), ("revision_id", 0L), ("revision_num", 1), ("created", 0L), ("last_modified", 0L));
        var revision = await session.Insert("recipe_type_revision", ("recipe_type_id", id), ("revision_num", 1), ("definition", definition), ("created", 0L));
        await session.Execute("UPDATE recipe_type SET revision_id = @revision WHERE id = @id", ("revision", revision), ("id", id));
        return id;
    });

    private static async Task<long> AddBatch(EngineWorld world, long recipeTypeId, string configuration)
    {
        await Schedule(world, isPaused: true);
        var file = await world.AddFile();
        var dataset = await world.Write(async session =>
        {
            var id = await session.Insert("dataset", ("definition", BatchWorld.Scenes), ("member_count", 1L), ("created", 0L));
            await session.Insert("dataset_member", ("dataset_id", id), ("data", EngineWorld.Files("SCENE", file).ToText()), ("file_ids", $"[{file}]"), ("created", 0L));
            return id;
        });
        var (batch, verdict) = await world.Write(session => new BatchCreation(new RecipeTypeCatalog()).Create(
            session, BatchWorld.Request(recipeTypeId, BatchWorld.OfDataset(dataset, ",\"supersedes\":false"), configuration), world.Clock.Now));
        Assert.Empty(verdict.Errors);
        return batch!.Value;
    }
}
