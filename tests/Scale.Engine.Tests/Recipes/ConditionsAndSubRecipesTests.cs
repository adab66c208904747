using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Recipes;

public sealed class ConditionsAndSubRecipesTests
{
    private const string TilesInterface = """{"files":[{"name":"TILES","media_types":["image/tiff"],"required":false}]}""";

    private const string OnlyTiff = """{"all":true,"filters":[{"name":"TILES","type":"media-type","condition":"==","values":["image/tiff"]}]}""";

    private static readonly string Gated = Definition(SceneInput,
        Node("cut", Job("work"), "", "IN=SCENE"),
        Node("any", Condition(TilesInterface, OnlyTiff), "cut", "TILES=cut.OUT"),
        Node("then", Job("work"), "any", "IN=any.TILES"),
        Node("else", Job("work"), "!any", "IN=SCENE"));

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_accepted_condition_opens_one_branch_and_prunes_the_other(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("gated", Gated));
        Assert.Equal("Qc..", Sorted(await world.States(recipe)));
        await world.AssertConsistent();
        await world.Move(await world.JobAt(recipe, "cut"), JobStatus.Completed, "OUT");
        Assert.Equal(JobStatus.Queued, await Status(world, recipe, "then"));
        Assert.Equal(0, await world.Count($"SELECT count(*) FROM recipe_node WHERE recipe_id = {recipe} AND node_name = 'else'"));
        Assert.Equal((true, true), await world.One("SELECT is_processed, is_accepted FROM recipe_condition WHERE processed IS NOT NULL", r => (r.GetBoolean(0), r.GetBoolean(1))));
        await world.RunAll();
        Assert.True(await world.One($"SELECT is_completed FROM recipe WHERE id = {recipe}", r => r.GetBoolean(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_rejected_condition_runs_the_other_branch(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("gated", Gated));
        await world.Move(await world.JobAt(recipe, "cut"), JobStatus.Completed);
        Assert.Equal(JobStatus.Queued, await Status(world, recipe, "else"));
        await world.RunAll();
        Assert.True(await world.One($"SELECT is_completed FROM recipe WHERE id = {recipe} AND jobs_total = 2", r => r.GetBoolean(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_condition_without_fitting_data_says_why_and_blocks(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var strict = Gated.Replace("\"required\":false", "\"required\":true", StringComparison.Ordinal);
        var recipe = await world.StartRecipe(await world.AddRecipeType("gated", strict));
        await world.Move(await world.JobAt(recipe, "cut"), JobStatus.Completed);
        Assert.Contains("TILES", await world.One("SELECT error FROM recipe_condition WHERE is_processed = FALSE", r => r.GetString(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Sub_recipes_are_made_at_once_get_input_later_and_roll_up(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        await world.AddRecipeType("middle", Definition(SceneInput, Node("deep", Recipe("inner"), "", "SCENE=SCENE"), Node("last", Job("work"), "deep", "IN=SCENE")));
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definition(SceneInput,
            Node("first", Job("work"), "", "IN=SCENE"),
            Node("sub", Recipe("middle"), "first", "SCENE=first.OUT"))));
        Assert.Equal((5, 4, 1, 2, 0), await Counters(world, recipe));
        await world.AssertConsistent();
        await world.Move(await world.JobAt(recipe, "first"), JobStatus.Completed, "OUT");
        Assert.Equal((5, 3, 1, 2, 0), await Counters(world, recipe));
        await world.AssertConsistent();
        await world.RunAll();
        Assert.Equal((5, 0, 0, 2, 2), await Counters(world, recipe));
        Assert.Equal(3, await world.Count("SELECT count(*) FROM recipe WHERE is_completed = TRUE"));
        Assert.Equal(2, await world.Count($"SELECT count(*) FROM recipe WHERE top_recipe_id = {recipe} AND recipe_id IS NOT NULL AND event_id IS NOT NULL"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_sub_recipe_whose_input_does_not_fit_has_its_waiting_jobs_canceled(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definition(SceneInput,
            Node("first", Job("work"), "", "IN=SCENE"),
            Node("sub", Recipe("inner"), "first", "SCENE=first.OUT"),
            Node("after", Job("work"), "sub", "IN=SCENE"))));
        await world.Move(await world.JobAt(recipe, "first"), JobStatus.Completed);
        Assert.Equal(3, await world.Count("SELECT jobs_canceled FROM recipe WHERE recipe_id IS NOT NULL"));
        Assert.Equal(JobStatus.Blocked, await Status(world, recipe, "after"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_failure_inside_a_sub_recipe_blocks_what_is_behind_it(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var recipe = await world.StartRecipe(await world.AddRecipeType("outer", Definition(SceneInput,
            Node("sub", Recipe("inner"), "", "SCENE=SCENE"),
            Node("after", Job("work"), "sub", "IN=SCENE"))));
        var inner = await world.Count("SELECT id FROM recipe WHERE recipe_id IS NOT NULL");
        await world.Move(await world.JobAt(inner, "a"), JobStatus.Failed);
        Assert.Equal(JobStatus.Blocked, await Status(world, recipe, "after"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Recipe_without_input_values_still_counts_as_having_input(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddJobType("alone", Manifest("alone", "{}", "{}"));
        await world.AddRecipeType("inner", Definition("{}", Node("x", Job("alone"))));
        var recipe = await world.AddRecipe(await world.AddRecipeType("outer", Definition("{}", Node("sub", Recipe("inner")))), DataValues.Empty);
        await world.Evaluate();
        await world.RunAll();
        Assert.True(await world.One($"SELECT is_completed FROM recipe WHERE id = {recipe}", r => r.GetBoolean(0)));
        await world.AssertConsistent();
    }

    private static string Sorted(string states) => states[..1] + string.Concat(states[1..].OrderByDescending(c => c));

    private static async Task<JobStatus> Status(RecipeWorld world, long recipe, string node) =>
        (JobStatus)await world.Count($"SELECT status FROM job WHERE id = {await world.JobAt(recipe, node)}");

    private static Task<(int Total, int Pending, int Queued, int Subs, int SubsCompleted)> Counters(RecipeWorld world, long recipe) => world.One(
        $"SELECT jobs_total, jobs_pending, jobs_queued, sub_recipes_total, sub_recipes_completed FROM recipe WHERE id = {recipe}",
        r => (r.GetInt32(0), r.GetInt32(1), r.GetInt32(2), r.GetInt32(3), r.GetInt32(4)));
}
