using Scale.Engine.Jobs;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Recipes;

/// <summary>Nothing waits in silence: what can't begin says why, and what waits behind a failure is BLOCKED, however deep (recipes.md §10.2, §10.3).</summary>
public sealed class RefusedAndHeldBackTests
{
    private const string NeedsTile = """{"files":[{"name":"TILE","required":true}]}""";

    /// <summary>first, sub after first, after after sub; the sub-recipe holds another one.</summary>
    private static async Task<long> StartNested(RecipeWorld world)
    {
        await world.AddRecipeType("deep", Chain());
        await world.AddRecipeType("inner", Definition(SceneInput,
            Node("x", Job("work"), "", "IN=SCENE"),
            Node("deep", Recipe("deep"), "x", "SCENE=x.OUT")));
        return await world.StartRecipe(await world.AddRecipeType("outer", Definition(SceneInput,
            Node("first", Job("work"), "", "IN=SCENE"),
            Node("sub", Recipe("inner"), "first", "SCENE=first.OUT"),
            Node("after", Job("work"), "sub", "IN=SCENE"))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_inside_sub_recipes_are_blocked_behind_a_failed_job_and_freed_with_it(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await StartNested(world);
        var first = await world.JobAt(recipe, "first");
        await world.Move(first, JobStatus.Failed);
        Assert.Equal("FbB", await world.States(recipe));
        Assert.Equal((6, 5, 0), await Counters(world, recipe));
        await world.AssertConsistent();

        await Requeue(world, first);
        Assert.Equal("QsP", await world.States(recipe));
        Assert.Equal((6, 0, 5), await Counters(world, recipe));
        await world.AssertConsistent();
        await world.RunAll();
        Assert.True(await world.One($"SELECT is_completed FROM recipe WHERE id = {recipe} AND sub_recipes_completed = 2", r => r.GetBoolean(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_sub_recipe_made_behind_a_failed_job_starts_blocked(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definition(SceneInput,
            Node("gate", Job("work"), "", "IN=SCENE"),
            Node("bad", Job("work"), "", "IN=SCENE"),
            Node("any", Condition("""{"files":[{"name":"T"}]}""", "{}"), "gate", "T=gate.OUT"),
            Node("sub", Recipe("inner"), "any bad", "SCENE=any.T"))));
        await world.Move(await world.JobAt(recipe, "bad"), JobStatus.Failed);
        Assert.Equal(1, await world.Count("SELECT count(*) FROM recipe"));
        await world.Move(await world.JobAt(recipe, "gate"), JobStatus.Completed, "OUT");
        Assert.Equal((5, 3, 0), await Counters(world, recipe));
        Assert.Equal(1, await world.Count("SELECT count(*) FROM recipe WHERE is_held_back = TRUE"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_sub_recipe_whose_input_does_not_fit_cancels_what_waits_in_it_to_any_depth_and_says_why(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await StartNested(world);
        await world.Move(await world.JobAt(recipe, "first"), JobStatus.Completed);
        Assert.Equal("CbB", await world.States(recipe));
        Assert.Equal(4, await world.Count($"SELECT jobs_canceled FROM recipe WHERE id = {recipe}"));
        Assert.Equal(2, await world.Count("SELECT count(*) FROM recipe WHERE error LIKE '%SCENE%'"));
        Assert.Equal(4, await world.Count("SELECT count(*) FROM job WHERE status = 6 AND cancel_reason LIKE '%SCENE%'"));
        await world.AssertConsistent();
        await world.Evaluate();
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_sub_recipe_that_is_refused_as_soon_as_it_is_made_never_waits(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Definition(NeedsTile, Node("a", Job("work"), "", "IN=TILE")));
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definition(SceneInput,
            Node("sub", Recipe("inner")),
            Node("after", Job("work"), "sub", "IN=SCENE"))));
        Assert.Equal("bB", await world.States(recipe));
        Assert.Equal("X", await world.One("SELECT node_states FROM recipe WHERE error LIKE '%TILE%'", r => r.GetString(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_refused_sub_recipe_without_any_job_blocks_all_the_same(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Definition(NeedsTile, Node("c", Condition(NeedsTile, "{}"), "", "TILE=TILE")));
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definition(SceneInput,
            Node("sub", Recipe("inner")),
            Node("after", Job("work"), "sub", "IN=SCENE"))));
        Assert.Equal("bB", await world.States(recipe));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_condition_without_fitting_data_counts_its_recipe_and_all_that_hold_it_as_blocked(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Definition(SceneInput,
            Node("cut", Job("work"), "", "IN=SCENE"),
            Node("any", Condition(NeedsTile, "{}"), "cut", "TILE=cut.OUT"),
            Node("then", Job("work"), "any", "IN=any.TILE")));
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definition(SceneInput,
            Node("sub", Recipe("inner"), "", "SCENE=SCENE"),
            Node("after", Job("work"), "sub", "IN=SCENE"))));
        var inner = await world.Count("SELECT id FROM recipe WHERE recipe_id IS NOT NULL");
        await world.Move(await world.JobAt(inner, "cut"), JobStatus.Completed);
        Assert.Equal("Ce.", await world.States(inner));
        Assert.Equal("bB", await world.States(recipe));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_recipe_type_switched_off_gets_sub_recipes_that_are_canceled(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("deep", Chain());
        await world.AddRecipeType("inner", Definition(SceneInput, Node("x", Job("work"), "", "IN=SCENE"), Node("deep", Recipe("deep"), "x", "SCENE=x.OUT")));
        var type = await world.AddRecipeType("outer", Definition(SceneInput,
            Node("sub", Recipe("inner"), "", "SCENE=SCENE"),
            Node("after", Job("work"), "sub", "IN=SCENE")));
        await world.Write(s => s.Execute("UPDATE recipe_type SET is_active = FALSE WHERE name = 'inner'"));
        var recipe = await world.StartRecipe(type);
        Assert.Equal("bB", await world.States(recipe));
        Assert.Equal((5, 1, 0), await Counters(world, recipe));
        Assert.Equal(4, await world.Count("SELECT count(*) FROM job WHERE status = 6 AND cancel_reason LIKE '%Recipe type inner is not active%'"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_canceled_by_its_recipe_says_why_and_is_canceled_again_when_nothing_changed(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("chain", Chain()));
        await world.Move(await world.JobAt(recipe, "a"), JobStatus.Completed);
        var job = await world.JobAt(recipe, "b");
        for (var times = 0; times < 2; times++)
        {
            Assert.Equal("CXB", await world.States(recipe));
            Assert.Contains("IN", await world.One($"SELECT cancel_reason FROM job WHERE id = {job}", r => r.GetString(0)));
            await world.AssertConsistent();
            await world.Step(async transaction =>
            {
                var again = await Store.Jobs.JobMoves.ToUncanceled(transaction.Session, [job], transaction.Now);
                await world.Evaluation.TouchRecipesOf(transaction, again);
                return 0;
            });
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Sub_recipes_inherit_event_configuration_and_ingest_event(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var (typeId, revisionId) = await world.AddRecipeType("outer", Definition(SceneInput, Node("sub", Recipe("inner"), "", "SCENE=SCENE")));
        var input = RecipeWorld.Files(("SCENE", [await world.AddFile()]));
        await world.Write(s => Engine.Recipes.RecipeCreation.Create(
            s, new Engine.Recipes.RecipeRequest(typeId, revisionId, input, """{"output_workspaces":{"default":"out"}}""", "SCAN_INGEST", [], IngestEventId: 77), world.Now));
        await world.Evaluate();
        Assert.Equal(1, await world.Count("SELECT count(*) FROM recipe s JOIN recipe o ON o.id = s.recipe_id WHERE s.ingest_event_id = 77 AND s.event_id = o.event_id AND s.configuration = o.configuration"));
        Assert.Equal(3, await world.Count("SELECT count(*) FROM job WHERE ingest_event_id = 77 AND configuration LIKE '%out%'"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Recipes_of_users_are_evaluated_before_those_of_batches(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("empty", Definition("{}"));
        var ofBatch = await world.AddRecipe(type, DataValues.Empty);
        await world.Write(s => s.Execute("UPDATE recipe SET batch_id = 1"));
        var ofUser = await world.AddRecipe(type, DataValues.Empty);
        Assert.Equal([ofUser], await world.Write(s => Store.Recipes.RecipeWrites.TakeDirty(s, 1)));
        Assert.Equal([ofBatch], await world.Write(s => Store.Recipes.RecipeWrites.TakeDirty(s, 1)));
    }

    private static Task Requeue(RecipeWorld world, long job) => world.Step(async transaction =>
    {
        var queued = await new PlainTransitions().Queue(transaction, [new JobToQueue(job, 1, 1, 0, null, null)]);
        await world.Evaluation.TouchRecipesOf(transaction, queued);
        return 0;
    });

    private static Task<(int Total, int Blocked, int Pending)> Counters(RecipeWorld world, long recipe) =>
        world.One($"SELECT jobs_total, jobs_blocked, jobs_pending FROM recipe WHERE id = {recipe}", r => (r.GetInt32(0), r.GetInt32(1), r.GetInt32(2)));
}
