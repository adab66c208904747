using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Recipes;

public sealed class RecipeEvaluationTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_chain_runs_job_after_job_and_completes(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var recipe = await world.StartRecipe(type);
        Assert.Equal("QPP", await world.States(recipe));
        await world.Move(await world.JobAt(recipe, "a"), JobStatus.Running);
        Assert.Equal("RPP", await world.States(recipe));
        await world.AssertConsistent();
        await world.Move(await world.JobAt(recipe, "a"), JobStatus.Completed, "OUT");
        Assert.Equal("CQP", await world.States(recipe));
        await world.RunAll();
        Assert.Equal("CCC", await world.States(recipe));
        Assert.True(await world.One($"SELECT is_completed FROM recipe WHERE id = {recipe} AND completed IS NOT NULL AND jobs_completed = 3 AND jobs_total = 3", r => r.GetBoolean(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_diamond_joins_only_when_both_branches_are_done(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddJobType("join", Manifest("join", """{"files":[{"name":"LEFT"},{"name":"RIGHT"}]}""", "{}"));
        var type = await world.AddRecipeType("diamond", Definition(SceneInput,
            Node("top", Job("work"), "", "IN=SCENE"),
            Node("left", Job("work"), "top", "IN=top.OUT"),
            Node("right", Job("work"), "top", "IN=top.OUT"),
            Node("join", Job("join"), "left right", "LEFT=left.OUT RIGHT=right.OUT")));
        var recipe = await world.StartRecipe(type);
        await world.Move(await world.JobAt(recipe, "top"), JobStatus.Completed, "OUT");
        await world.Move(await world.JobAt(recipe, "left"), JobStatus.Completed, "OUT");
        Assert.Equal("CCQP", await world.States(recipe));
        await world.Move(await world.JobAt(recipe, "right"), JobStatus.Completed, "OUT");
        Assert.Equal("CCCQ", await world.States(recipe));
        var join = await world.JobAt(recipe, "join");
        Assert.Equal(2, await world.Count($"SELECT count(*) FROM job_input_file WHERE job_id = {join}"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_failure_blocks_what_is_behind_it_until_it_is_tried_again(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("chain", Chain()));
        var first = await world.JobAt(recipe, "a");
        await world.Move(first, JobStatus.Failed);
        Assert.Equal("FBB", await world.States(recipe));
        await world.AssertConsistent();
        await world.Step(async transaction =>
        {
            var transitions = new PlainTransitions();
            var queued = await transitions.Queue(transaction, [new Engine.Jobs.JobToQueue(first, 1, 1, 0, null, null)]);
            await world.Evaluation.TouchRecipesOf(transaction, queued);
            return 0;
        });
        Assert.Equal("QPP", await world.States(recipe));
        await world.RunAll();
        Assert.Equal("CCC", await world.States(recipe));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_whose_assembled_input_does_not_fit_is_canceled_and_blocks(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("chain", Chain()));
        await world.Move(await world.JobAt(recipe, "a"), JobStatus.Completed);
        Assert.Equal("CXB", await world.States(recipe));
        Assert.False(await world.One($"SELECT is_completed FROM recipe WHERE id = {recipe}", r => r.GetBoolean(0)));
        Assert.Equal(0, await world.Count("SELECT count(*) FROM queue"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Input_is_processed_once_with_links_size_and_source_facts(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddJobType("merge", Manifest("merge", """{"files":[{"name":"IN","multiple":true}]}"""));
        var type = await world.AddRecipeType("merge", Definition("""{"files":[{"name":"SCENES","multiple":true}]}""", Node("m", Job("merge"), "", "IN=SCENES")));
        var early = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var one = await world.AddFile(1024 * 1024, sourceStarted: early.AddDays(1), sensor: "A");
        var two = await world.AddFile(1, sourceStarted: early, sensor: "B");
        var recipe = await world.AddRecipe(type, RecipeWorld.Files(("SCENES", [one, two])));
        await world.Evaluate();
        await world.Evaluate();
        var job = await world.JobAt(recipe, "m");
        foreach (var (table, owner, id) in new[] { ("recipe", "recipe_id", recipe), ("job", "job_id", job) })
        {
            Assert.Equal((2.0, early, "B"), await world.One($"SELECT input_file_size, source_started, source_sensor FROM {table} WHERE id = {id}", r => (r.GetDouble(0), r.Moment(1), r.GetString(2))));
            Assert.Equal(2, await world.Count($"SELECT count(*) FROM {table}_input_file WHERE {owner} = {id}"));
        }

        Assert.Equal([one, two], await world.Read(s => s.Query("SELECT ancestor_id FROM file_ancestry WHERE job_id = @job AND descendant_id IS NULL ORDER BY ancestor_id", r => r.GetInt64(0), ("job", job))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Ancestry_leads_from_the_sources_behind_products(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var source = await world.AddFile();
        var product = await world.AddFile(isSource: false);
        await world.Write(s => s.Insert("file_ancestry", ("ancestor_id", source), ("descendant_id", product), ("job_id", 77L), ("created", 0L)));
        var recipe = await world.AddRecipe(await world.AddRecipeType("chain", Chain()), RecipeWorld.Files(("SCENE", [product])));
        await world.Evaluate();
        Assert.Equal(source, await world.Count($"SELECT ancestor_id FROM file_ancestry WHERE job_id = {await world.JobAt(recipe, "a")}"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_empty_recipe_completes_at_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.AddRecipe(await world.AddRecipeType("empty", Definition("{}")), DataValues.Empty);
        await world.Evaluate();
        Assert.True(await world.One($"SELECT is_completed FROM recipe WHERE id = {recipe} AND input_file_size = 0", r => r.GetBoolean(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_take_over_what_their_recipe_and_type_say(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddJobType("set", Manifest("set", settings: """[{"name":"LEVEL"},{"name":"KEY","secret":true}]"""), """{"priority":50,"settings":{"LEVEL":"1"}}""");
        var type = await world.AddRecipeType("set", Definition(SceneInput, Node("s", Job("set"), "", "IN=SCENE")));
        var recipe = await world.AddRecipe(type, RecipeWorld.Files(("SCENE", [await world.AddFile()])), """{"settings":{"LEVEL":"2","KEY":"hidden"},"output_workspaces":{"default":"out"}}""");
        await world.Evaluate();
        var job = await world.JobAt(recipe, "s");
        var configuration = Model.JobTypes.JobConfiguration.FromText(await world.One($"SELECT configuration FROM job WHERE id = {job}", r => r.GetString(0)));
        Assert.Equal(50, configuration.Priority);
        Assert.Equal("out", configuration.WorkspaceOf("OUT"));
        Assert.Equal(["LEVEL=2"], configuration.Settings!.Select(s => $"{s.Key}={s.Value}"));
        Assert.Equal((recipe, recipe, "s", 3), await world.One($"SELECT recipe_id, root_recipe_id, recipe_node, max_tries FROM job WHERE id = {job} AND event_id IS NOT NULL",
            r => (r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetInt32(3))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_type_switched_off_gets_canceled_jobs(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        await world.Write(s => s.Execute("UPDATE job_type SET is_active = FALSE"));
        var recipe = await world.StartRecipe(type);
        Assert.Equal("XXX", await world.States(recipe));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Evaluating_again_changes_nothing(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var recipe = await world.StartRecipe(await world.AddRecipeType("chain", Chain()));
        var before = await world.One($"SELECT last_modified FROM recipe WHERE id = {recipe}", r => r.GetInt64(0));
        await world.Step(transaction =>
        {
            transaction.TouchedRecipes.Add(recipe);
            return Task.FromResult(0);
        });
        Assert.Equal(before, await world.One($"SELECT last_modified FROM recipe WHERE id = {recipe}", r => r.GetInt64(0)));
        Assert.Equal(3, await world.Count("SELECT count(*) FROM job"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_number_of_statements_does_not_grow_with_the_recipes(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        await world.StartRecipe(type);
        var counts = new List<int>();
        foreach (var recipes in new[] { 2, 40 })
        {
            for (var i = 0; i < recipes; i++)
            {
                await world.AddRecipe(type, RecipeWorld.Files(("SCENE", [await world.AddFile()])));
            }

            var statements = 0;
            world.Database.BeforeStatement = () => statements++;
            await world.Evaluate();
            world.Database.BeforeStatement = null;
            counts.Add(statements);
        }

        Assert.Equal(counts[0], counts[1]);
    }
}
