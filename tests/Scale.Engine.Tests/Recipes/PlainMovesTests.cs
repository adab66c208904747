using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Recipes;

public sealed class PlainMovesTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_that_begins_to_run_is_counted_in_its_recipe(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("chain", Definitions.Chain()));
        await Begin(world, await world.JobAt(recipe, "a"));

        Assert.Equal("RPP", await world.States(recipe));
        Assert.Equal((0L, 1L), (await world.Count($"SELECT jobs_queued FROM recipe WHERE id = {recipe}"), await world.Count($"SELECT jobs_running FROM recipe WHERE id = {recipe}")));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Two_jobs_of_one_recipe_begin_together(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("pair", Definitions.Definition(Definitions.SceneInput,
            Definitions.Node("a", Definitions.Job("work"), "", "IN=SCENE"),
            Definitions.Node("b", Definitions.Job("work"), "", "IN=SCENE"))));
        await Begin(world, await world.JobAt(recipe, "a"), await world.JobAt(recipe, "b"));

        Assert.Equal("RR", await world.States(recipe));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_container_counts_a_job_of_its_sub_recipe(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("chain", Definitions.Chain());
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definitions.Definition(Definitions.SceneInput, Definitions.Node("inner", Definitions.Recipe("chain"), "", "SCENE=SCENE"))));
        var inner = await world.Count($"SELECT sub_recipe_id FROM recipe_node WHERE recipe_id = {recipe}");
        await Begin(world, await world.JobAt(inner, "a"));

        Assert.Equal("RPP", await world.States(inner));
        Assert.Equal(1, await world.Count($"SELECT jobs_running FROM recipe WHERE id = {recipe}"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_of_no_recipe_touches_none(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.Step(async transaction =>
        {
            await world.Evaluation.NoteRunning(transaction, [4711]);
            Assert.Empty(transaction.TouchedRecipes);
            return 0;
        });
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_recipe_of_which_every_job_is_canceled_needs_no_evaluation(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("chain", Definitions.Chain()));
        Assert.Empty(await Cancel(world, recipe, "a", "b", "c"));

        Assert.Equal("XXX", await world.States(recipe));
        Assert.Equal((0L, 0L, 3L), (
            await world.Count($"SELECT jobs_queued FROM recipe WHERE id = {recipe}"), await world.Count($"SELECT jobs_pending FROM recipe WHERE id = {recipe}"),
            await world.Count($"SELECT jobs_canceled FROM recipe WHERE id = {recipe}")));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_is_left_of_a_recipe_is_evaluated(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("chain", Definitions.Chain()));
        Assert.Equal([recipe], await Cancel(world, recipe, "a"));

        Assert.Equal("XBB", await world.States(recipe));
        Assert.Empty(await Cancel(world, recipe, "b", "c"));
        Assert.Equal("XXX", await world.States(recipe));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_container_counts_a_canceled_job_of_its_sub_recipe(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("chain", Definitions.Chain());
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definitions.Definition(Definitions.SceneInput, Definitions.Node("inner", Definitions.Recipe("chain"), "", "SCENE=SCENE"))));
        var inner = await world.Count($"SELECT sub_recipe_id FROM recipe_node WHERE recipe_id = {recipe}");
        Assert.Equal([inner], await Cancel(world, inner, "a", "b", "c"));

        Assert.Equal("XXX", await world.States(inner));
        Assert.Equal("b", await world.States(recipe));
        Assert.Equal(3, await world.Count($"SELECT jobs_canceled FROM recipe WHERE id = {recipe}"));
        await world.AssertConsistent();
    }

    /// <returns>Recipes that are to be evaluated for it.</returns>
    private static Task<List<long>> Cancel(RecipeWorld world, long recipe, params string[] nodes) => world.Step(async transaction =>
    {
        var session = transaction.Session;
        var jobs = await session.Query("SELECT job_id FROM recipe_node WHERE recipe_id = @id AND node_name IN @nodes", r => r.GetInt64(0), ("id", recipe), ("nodes", nodes));
        await session.Execute("UPDATE job SET status = @canceled, last_modified = @now WHERE id IN @ids", ("canceled", JobStatus.Canceled), ("now", transaction.Now), ("ids", jobs.ToArray()));
        await session.Execute("DELETE FROM queue WHERE job_id IN @ids", ("ids", jobs.ToArray()));
        await world.Evaluation.NoteCanceled(transaction, jobs, Task.CompletedTask);
        return transaction.TouchedRecipes.Order().ToList();
    });

    /// <summary>As the scheduler takes jobs from the queue.</summary>
    private static Task Begin(RecipeWorld world, params long[] jobIds) => world.Step(async transaction =>
    {
        var session = transaction.Session;
        await session.Execute("UPDATE job SET status = @running, started = @now, last_modified = @now WHERE id IN @ids", ("running", JobStatus.Running), ("now", transaction.Now), ("ids", jobIds));
        await session.Execute("DELETE FROM queue WHERE job_id IN @ids", ("ids", jobIds));
        await session.Execute(
            """
            INSERT INTO job_exe (job_id, exe_num, job_type_id, cluster_id, status, timeout, input_file_size, resources, configuration, queued, created, last_modified)
            SELECT id, num_exes, job_type_id, 'x', 3, 60, 0, '{}', '{}', @now, @now, @now FROM job WHERE id IN @ids
            """,
            ("ids", jobIds), ("now", transaction.Now));
        await world.Evaluation.NoteRunning(transaction, jobIds);
        return 0;
    });
}
