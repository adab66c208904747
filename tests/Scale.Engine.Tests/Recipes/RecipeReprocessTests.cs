using System.Text.Json;
using Scale.Engine.Recipes;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Recipes;

public sealed class RecipeReprocessTests
{
    /// <summary>The worked example of recipes.md §11, with everything done and with nothing done before.</summary>
    [Theory]
    [InlineData(Provider.Sqlite, true)]
    [InlineData(Provider.Sqlite, false)]
    [InlineData(Provider.Postgres, true)]
    [InlineData(Provider.Postgres, false)]
    public async Task A_change_deep_inside_runs_only_what_depends_on_it(Provider provider, bool isDone)
    {
        await using var world = await RecipeWorld.Create(provider);
        var old = await world.StartRecipe(await AddNested(world, 1));
        if (isDone)
        {
            await world.RunAll();
        }

        await world.AssertConsistent();
        await world.ReviseJobType("work");
        var target = await AddNested(world, 2);
        var before = await world.Count("SELECT max(id) FROM job");
        var outcome = await Reprocess(world, old, target.RevisionId, """{"all":false,"sub_recipes":{"b":{"all":false,"nodes":["by"]}}}""");
        Assert.Null(outcome.Error);
        await world.AssertConsistent();
        Assert.Equal(["by", "bz", "cy", "cz", "ej"], await Names(world, $"is_superseded = FALSE AND id > {before}"));
        Assert.Equal(["by", "bz", "cy", "cz", "ej"], await Names(world, "is_superseded = TRUE"));
        Assert.Equal(["by", "bz", "cy", "cz", "ej"], await Names(world, "superseded_job_id IS NOT NULL"));
        Assert.Equal(4, await world.Count("SELECT count(*) FROM recipe WHERE is_superseded = TRUE"));
        await world.RunAll();
        Assert.True(await world.One($"SELECT is_completed FROM recipe WHERE id = {outcome.RecipeId} AND jobs_total = 9 AND sub_recipes_completed = 4", r => r.GetBoolean(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Forcing_everything_copies_nothing(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await AddNested(world, 1);
        var old = await world.StartRecipe(type);
        await world.RunAll();
        var outcome = await Reprocess(world, old, type.RevisionId, """{"all":true}""");
        Assert.Equal(9, (await Names(world, "is_superseded = TRUE")).Count);
        await world.RunAll();
        Assert.True(await world.One($"SELECT is_completed FROM recipe WHERE id = {outcome.RecipeId} AND jobs_total = 9", r => r.GetBoolean(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_deleted_sub_recipe_is_superseded_with_all_that_is_in_it(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var old = await world.StartRecipe(await AddNested(world, 1));
        var (_, revision) = await world.AddRecipeType("A", Definition(SceneInput, Node("x", Job("work"), "", "IN=SCENE")));
        await Reprocess(world, old, revision, """{"all":false}""");
        Assert.Equal(8, (await Names(world, "is_superseded = TRUE AND status = 6")).Count);
        Assert.Equal(5, await world.Count("SELECT count(*) FROM recipe WHERE is_superseded = TRUE"));
        await world.RunAll();
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Products_of_deleted_nodes_are_withdrawn_to_any_depth_those_of_replaced_ones_stay(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var old = await world.StartRecipe(await world.AddRecipeType("A", Definition(SceneInput,
            Node("kept", Job("work"), "", "IN=SCENE"),
            Node("gone", Job("work"), "kept", "IN=kept.OUT"),
            Node("sub", Recipe("inner"), "kept", "SCENE=kept.OUT"))));
        await world.RunAll();
        await world.Write(s => s.Execute(
            "UPDATE file SET is_published = TRUE, job_id = (SELECT j.id FROM job j WHERE j.output LIKE '%[' || file.id || ']%') WHERE file_type = 1"));
        var (_, revision) = await world.AddRecipeType("A", Definition(SceneInput, Node("kept", Job("work"), "", "IN=SCENE")));
        await Reprocess(world, old, revision, """{"all":true}""");
        var published = await world.Read(s => s.Query(
            "SELECT j.recipe_node FROM file f JOIN job j ON j.id = f.job_id WHERE f.is_published = TRUE", r => r.GetString(0)));
        Assert.Equal(["kept"], published);
        Assert.Equal(4, await world.Count("SELECT count(*) FROM file WHERE is_published = FALSE AND unpublished IS NOT NULL"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_sub_recipe_made_later_behind_a_condition_copies_nothing(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var type = await world.AddRecipeType("A", Definition(SceneInput,
            Node("cut", Job("work"), "", "IN=SCENE"),
            Node("any", Condition("""{"files":[{"name":"T"}]}""", "{}"), "cut", "T=cut.OUT"),
            Node("sub", Recipe("inner"), "any", "SCENE=SCENE")));
        var old = await world.StartRecipe(type);
        await world.RunAll();
        await Reprocess(world, old, type.RevisionId, """{"all":false,"nodes":["cut"]}""");
        Assert.Equal(4, (await Names(world, "is_superseded = TRUE")).Count);
        Assert.Equal(5, await world.Count("SELECT count(*) FROM job"));
        await world.RunAll();
        Assert.Equal(8, await world.Count("SELECT count(*) FROM job WHERE status = 5"));
        Assert.Equal(0, await world.Count("SELECT count(*) FROM recipe_node WHERE is_original = FALSE"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_node_that_becomes_a_sub_recipe_ends_the_job_that_stood_there(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var old = await world.StartRecipe(await world.AddRecipeType("A", Definition(SceneInput, Node("x", Job("work"), "", "IN=SCENE"))));
        var job = await world.JobAt(old, "x");
        await world.Move(job, JobStatus.Running);
        var (_, revision) = await world.AddRecipeType("A", Definition(SceneInput, Node("x", Recipe("inner"), "", "SCENE=SCENE")));
        await Reprocess(world, old, revision, """{"all":false}""");
        Assert.Equal((true, (short)JobStatus.Canceled), await world.One($"SELECT is_superseded, status FROM job WHERE id = {job}", r => (r.GetBoolean(0), r.GetInt16(1))));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Running_and_waiting_jobs_that_are_copied_go_on_for_the_new_recipe_and_count_in_both(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var old = await world.StartRecipe(type);
        await world.Move(await world.JobAt(old, "a"), JobStatus.Running);
        var outcome = await Reprocess(world, old, type.RevisionId, """{"all":false,"nodes":["c"]}""");
        Assert.Equal("RPX", await world.States(old));
        Assert.Equal("RPP", await world.States(outcome.RecipeId!.Value));
        await world.RunAll();
        await world.Move(await world.JobAt(old, "a"), JobStatus.Completed, "OUT");
        await world.RunAll();
        Assert.Equal("CCX", await world.States(old));
        Assert.Equal("CCC", await world.States(outcome.RecipeId.Value));
        Assert.Equal((false, true), (await IsCompleted(world, old), await IsCompleted(world, outcome.RecipeId.Value)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_same_event_reprocesses_a_family_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var old = await world.StartRecipe(type);
        var eventId = await world.Write(s => s.Insert("event", ("type", "USER"), ("description", "{}"), ("occurred", 0L)));
        var request = new ReprocessRequest([old], type.RevisionId, ForcedNodes.Everything, eventId, null);
        var first = (await world.Step(t => world.Reprocess.Run(t, request)))[0];
        var second = (await world.Step(t => world.Reprocess.Run(t, request)))[0];
        Assert.Equal(first.RecipeId, second.RecipeId);
        Assert.Equal(2, await world.Count("SELECT count(*) FROM recipe"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_recipe_superseded_meanwhile_is_left_alone(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var old = await world.StartRecipe(type);
        await Reprocess(world, old, type.RevisionId, """{"all":true}""");
        var late = await Reprocess(world, old, type.RevisionId, """{"all":true}""");
        Assert.Null(late.RecipeId);
        Assert.Contains("superseded", late.Error);
        Assert.Equal(2, await world.Count("SELECT count(*) FROM recipe"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_cant_be_reprocessed_stays_untouched_and_says_why(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var old = await world.StartRecipe(await world.AddRecipeType("chain", Chain()));
        var (_, revision) = await world.AddRecipeType("chain", Definition("""{"files":[{"name":"SCENE"},{"name":"MORE"}]}"""));
        var outcome = await Reprocess(world, old, revision, """{"all":false}""");
        Assert.Null(outcome.RecipeId);
        Assert.Contains("MORE", outcome.Error);
        Assert.Equal(0, await world.Count("SELECT count(*) FROM recipe WHERE is_superseded = TRUE"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Input_and_configuration_are_taken_over(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var old = await world.AddRecipe(type, RecipeWorld.Files(("SCENE", [await world.AddFile()])), """{"priority":7}""");
        await world.Evaluate();
        var outcome = await Reprocess(world, old, type.RevisionId, """{"all":true}""");
        Assert.Equal(2, await world.Count($"SELECT count(*) FROM recipe o JOIN recipe n ON n.input = o.input AND n.configuration = o.configuration AND n.input_file_size = o.input_file_size WHERE o.id = {old}"));
        Assert.Equal(1, await world.Count($"SELECT count(*) FROM recipe_input_file WHERE recipe_id = {outcome.RecipeId}"));
        Assert.Equal((old, old), await world.One($"SELECT superseded_recipe_id, root_superseded_recipe_id FROM recipe WHERE id = {outcome.RecipeId}", r => (r.GetInt64(0), r.GetInt64(1))));
    }

    private static async Task<ReprocessOutcome> Reprocess(RecipeWorld world, long recipe, long revision, string forced)
    {
        var eventId = await world.Write(s => s.Insert("event", ("type", "USER"), ("description", "{}"), ("occurred", 0L)));
        var family = await world.Count($"SELECT family_id FROM recipe WHERE id = {recipe}");
        var request = new ReprocessRequest([family], revision, ForcedNodes.Parse(JsonElement.Parse(forced)).Required(), eventId, null, recipe);
        return (await world.Step(t => world.Reprocess.Run(t, request))).Single();
    }

    private static Task<bool> IsCompleted(RecipeWorld world, long recipe) => world.One($"SELECT is_completed FROM recipe WHERE id = {recipe}", r => r.GetBoolean(0));

    private static Task<List<string>> Names(RecipeWorld world, string where) =>
        world.Read(s => s.Query($"SELECT recipe_node FROM job WHERE {where} ORDER BY recipe_node", r => r.GetString(0)));

    /// <summary>A{x, d, b after d and x, e after b}; b{bx, by after bx, c after bx, bz after c}; c{cx, cy, cz after both}.</summary>
    /// <param name="revision">Of the job at <c>cy</c>, and of all recipe types above it.</param>
    private static async Task<(long TypeId, long RevisionId)> AddNested(RecipeWorld world, int revision)
    {
        if (revision == 1)
        {
            await world.AddRecipeType("d", Definition(SceneInput, Node("dj", Job("work"), "", "IN=SCENE")));
            await world.AddRecipeType("e", Definition(SceneInput, Node("ej", Job("work"), "", "IN=SCENE")));
        }

        await world.AddRecipeType("c", Definition(SceneInput,
            Node("cx", Job("work"), "", "IN=SCENE"),
            Node("cy", Job("work", revision), "", "IN=SCENE"),
            Node("cz", Job("work"), "cx cy", "IN=cx.OUT")));
        await world.AddRecipeType("b", Definition(SceneInput,
            Node("bx", Job("work"), "", "IN=SCENE"),
            Node("by", Job("work"), "bx", "IN=bx.OUT"),
            Node("c", Recipe("c", revision), "bx", "SCENE=bx.OUT"),
            Node("bz", Job("work"), "c", "IN=SCENE")));
        return await world.AddRecipeType("A", Definition(SceneInput,
            Node("x", Job("work"), "", "IN=SCENE"),
            Node("d", Recipe("d"), "x", "SCENE=x.OUT"),
            Node("b", Recipe("b", revision), "d x", "SCENE=x.OUT"),
            Node("e", Recipe("e"), "b", "SCENE=SCENE")));
    }
}
