using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Recipes;

public sealed class RunningJobsTests
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
