using Scale.Engine.Batches;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Data;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Batches.BatchWorld;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Batches;

/// <summary>Estimates, input maps and coverage of dataset batches, case by case (batches-and-datasets.md §3.3, §5.4, §5.5).</summary>
public sealed class DatasetBatchRuleTests
{
    /// <summary>One node, then a sub-recipe with a sub-recipe inside, and one sub-recipe on its own: three below each recipe.</summary>
    private static readonly string Outer = Definition(SceneInput,
        Node("a", Job("work"), "", "IN=SCENE"), Node("deep", Recipe("middle"), "a", "SCENE=a.OUT"), Node("flat", Recipe("inner"), "", "SCENE=SCENE"));

    [Theory]
    [InlineData("", 4 * (1 + 3))]
    [InlineData(""","forced_nodes":{"all":true}""", 4 * (1 + 3))]
    [InlineData(""","forced_nodes":{"all":false}""", 4)]
    [InlineData(""","forced_nodes":{"all":false,"nodes":["flat"]}""", 4 + 4 * 1)]
    [InlineData(""","forced_nodes":{"all":false,"nodes":["a"]}""", 4 + 4 * 2)]
    [InlineData(""","forced_nodes":{"all":false,"nodes":["a","deep"],"sub_recipes":{"deep":{"all":true},"flat":{"all":false}}}""", 4 + 4 * 3)]
    [InlineData(""","forced_nodes":{"all":false,"nodes":["unknown"]}""", 4)]
    public async Task The_estimate_counts_members_and_the_sub_recipes_that_are_forced(string forced, int expected)
    {
        await using var world = await RecipeWorld.Create(Provider.Sqlite);
        await world.AddRecipeType("inner", Chain());
        await world.AddRecipeType("middle", Definition(SceneInput, Node("in", Recipe("inner"), "", "SCENE=SCENE")));
        var type = await world.AddRecipeType("outer", Outer);
        var (id, verdict) = await world.Create(Request(type.TypeId, OfDataset(await world.AddScenes(4), forced)));
        Assert.Equal(expected, verdict.RecipesEstimated);
        await world.RunCreation();
        Assert.Equal((expected, 16), (await world.Batch(id!.Value, "recipes_estimated"), await world.Batch(id.Value, "recipes_total")));
    }

    [Fact]
    public async Task Only_members_that_supply_an_input_are_estimated()
    {
        await using var world = await RecipeWorld.Create(Provider.Sqlite);
        var type = await world.AddRecipeType("optional", Definition("""{"files":[{"name":"SCENE","required":false}],"json":[]}""", Node("a", Job("work"), "", "IN=SCENE")));
        var definition = """{"parameters":{"files":[{"name":"SCENE","required":false}],"json":[{"name":"OTHER","type":"integer","required":false}]}}""";
        var scene = RecipeWorld.Files(("SCENE", [await world.AddFile()]));
        var dataset = await world.AddDataset(definition, scene, DataValues.Empty, DataValues.FromText("""{"files":{},"json":{"OTHER":1}}"""), scene);
        Assert.Equal(2, (await world.Read(s => new BatchCreation(world.Catalog).Validate(s, Request(type.TypeId, OfDataset(dataset))))).RecipesEstimated);
        var none = await world.AddDataset(definition, DataValues.Empty);
        Assert.Equal("NO_RECIPES", (await world.Create(Request(type.TypeId, OfDataset(none)))).Verdict.Errors.Single().Name);
    }

    [Theory]
    [InlineData("""[{"input":"SCENE","datasetParameter":"A"},{"input":"SCENE","datasetParameter":"B"}]""")]
    [InlineData("""[{"input":"B","datasetParameter":"A"}]""")]
    [InlineData("""[{"input":"NONE","datasetParameter":"A"}]""")]
    [InlineData("""[{"input":"SCENE","datasetParameter":"NONE"}]""")]
    public async Task A_map_that_names_nothing_or_one_thing_twice_is_refused_before_the_inputs_are_matched(string map)
    {
        await using var world = await RecipeWorld.Create(Provider.Sqlite);
        var type = await world.AddRecipeType("two", Definition("""{"files":[{"name":"SCENE"},{"name":"B"}]}""", Node("a", Job("work"), "", "IN=SCENE")));
        var dataset = await world.AddDataset("""{"parameters":{"files":[{"name":"A"},{"name":"B"}]}}""", RecipeWorld.Files(("A", [await world.AddFile()]), ("B", [await world.AddFile()])));
        var (_, verdict) = await world.Create(Request(type.TypeId, OfDataset(dataset), $$"""{"inputMap":{{map}}}"""));
        Assert.All(verdict.Errors, e => Assert.Equal("INVALID_INPUT_MAP", e.Name));
        Assert.NotEmpty(verdict.Errors);
    }

    [Fact]
    public async Task One_parameter_may_feed_two_inputs_and_a_map_without_a_dataset_is_not_looked_at()
    {
        await using var world = await RecipeWorld.Create(Provider.Sqlite);
        var type = await world.AddRecipeType("two", Definition("""{"files":[{"name":"L"},{"name":"R"}]}""", Node("a", Job("work"), "", "IN=L")));
        var file = await world.AddFile();
        const string Map = """{"inputMap":[{"input":"L","datasetParameter":"SCENE"},{"input":"R","datasetParameter":"SCENE"}]}""";
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddDataset(Scenes, RecipeWorld.Files(("SCENE", [file])))), Map));
        Assert.Equal($$$"""{"files":{"L":[{{{file}}}],"R":[{{{file}}}]},"json":{}}""", await world.One($"SELECT input FROM recipe WHERE batch_id = {id}", r => r.GetString(0)));
        Assert.Empty((await world.Create(Request(type.TypeId, OfPrevious(id), """{"inputMap":[{"input":"x","datasetParameter":"y"}]}"""))).Verdict.Errors);
    }

    [Theory]
    [InlineData("""{"files":[{"name":"SCENE","required":false}]}""", "MISMATCHED_PARAMS")]
    [InlineData("""{"files":[{"name":"SCENE","multiple":true}]}""", "MISMATCHED_PARAMS")]
    [InlineData("""{"json":[{"name":"SCENE","type":"string"}]}""", "MISMATCHED_PARAMS")]
    [InlineData("""{"files":[{"name":"OTHER"}]}""", "MISMATCHED_PARAMS")]
    [InlineData("""{"files":[{"name":"SCENE","media_types":["text/plain"]},{"name":"MORE"}]}""", null)]
    public async Task A_dataset_has_to_fit_the_inputs_and_other_media_types_are_only_warned_of(string parameters, string? error)
    {
        await using var world = await RecipeWorld.Create(Provider.Sqlite);
        var type = await world.AddRecipeType("chain", Chain());
        var file = await world.AddFile();
        var dataset = await world.AddDataset($$"""{"parameters":{{parameters}}}""", RecipeWorld.Files(("SCENE", [file]), ("MORE", [file])));
        var verdict = await world.Read(s => new BatchCreation(world.Catalog).Validate(s, Request(type.TypeId, OfDataset(dataset))));
        Assert.Equal(error is null ? [] : [error], verdict.Errors.Select(e => e.Name));
        Assert.Equal(error is null ? ["MISMATCHED_MEDIA_TYPES"] : [], verdict.Warnings.Select(w => w.Name));
        Assert.Equal(error is null ? 1 : 0, verdict.RecipesEstimated);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_member_is_covered_only_when_all_its_files_are(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("many", Definition("""{"files":[{"name":"SCENE","multiple":true,"required":false}],"json":[]}""", Node("a", Job("work"))));
        var (used, alsoUsed, fresh) = (await world.AddFile(), await world.AddFile(), await world.AddFile());
        await world.AddRecipe(type, RecipeWorld.Files(("SCENE", [used])));
        await world.AddRecipe(type, RecipeWorld.Files(("SCENE", [alsoUsed])));
        await world.Evaluate();
        var dataset = await world.AddDataset(
            """{"parameters":{"files":[{"name":"SCENE","multiple":true,"required":false}]},"global_parameters":{"json":[{"name":"G","type":"integer"}]},"global_data":{"json":{"G":1}}}""",
            RecipeWorld.Files(("SCENE", [used, alsoUsed])), RecipeWorld.Files(("SCENE", [used, fresh])), DataValues.Empty);
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(dataset)));
        var items = await world.Read(s => s.Query("SELECT kind, source_id, state FROM batch_item WHERE batch_id = @id ORDER BY kind, source_id", r => (r.GetInt16(0), r.GetInt64(1), r.GetInt16(2)), ("id", id)));
        Assert.Equal([(0, 1, 3), (0, 2, 1), (0, 3, 1), (1, 1, 1), (1, 2, 1)], items.Select(i => ((int)i.Item1, (int)i.Item2, (int)i.Item3)));
        Assert.Equal((4, 4), (await world.Batch(id, "recipes_total"), await world.Batch(id, "items_created")));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Old_recipes_keep_their_own_input_and_forced_nodes_matter_only_to_them(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var (used, fresh) = (await world.AddFile(), await world.AddFile());
        var old = await world.AddRecipe(type, RecipeWorld.Files(("SCENE", [used])));
        await world.Evaluate();
        await world.RunAll();
        var dataset = await world.AddDataset(Scenes, RecipeWorld.Files(("SCENE", [used])), RecipeWorld.Files(("SCENE", [fresh])));
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(dataset, ""","forced_nodes":{"all":false,"nodes":["c"]}""")));
        Assert.Equal((6, 2), (await world.Batch(id, "jobs_total"), await world.Batch(id, "jobs_completed")));
        Assert.Equal(1, await world.Count($"SELECT count(*) FROM recipe n JOIN recipe o ON o.id = n.superseded_recipe_id WHERE n.batch_id = {id} AND o.id = {old} AND n.input = o.input"));
        Assert.Equal(3 + 1, await world.Count($"SELECT count(*) FROM job WHERE batch_id = {id}"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_file_of_several_members_in_several_slices_is_reprocessed_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("one", Definition(SceneInput, Node("a", Job("work"), "", "IN=SCENE")));
        var used = await world.AddFile();
        await world.AddRecipe(type, RecipeWorld.Files(("SCENE", [used])));
        await world.Evaluate();
        var dataset = await world.AddDataset(Scenes, [.. Enumerable.Repeat(RecipeWorld.Files(("SCENE", [used])), 1500)]);
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(dataset)));
        Assert.Equal((1, 1), (await world.Batch(id, "recipes_total"), await world.Batch(id, "items_created")));
        Assert.Equal(1500, await world.Count($"SELECT count(*) FROM batch_item WHERE batch_id = {id} AND state = 3"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_recipe_that_was_reprocessed_outside_since_is_followed_to_its_latest(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(1))));
        await world.RunAll();
        var family = await world.Count($"SELECT family_id FROM recipe WHERE batch_id = {first}");
        var eventId = await world.Write(s => s.Insert("event", ("type", "USER"), ("description", "{}"), ("occurred", world.Now)));
        await world.Step(t => world.Reprocess.Run(t, new([family], type.RevisionId, Model.Recipes.ForcedNodes.Everything, eventId, null)));
        await world.RunAll();
        var outside = await world.Count($"SELECT id FROM recipe WHERE family_id = {family} AND batch_id IS NULL");
        var second = await world.CreateWhole(Request(type.TypeId, OfPrevious(first)));
        Assert.Equal(outside, await world.Count($"SELECT superseded_recipe_id FROM recipe WHERE batch_id = {second}"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Nodes_forced_inside_of_a_sub_recipe_run_again_alone(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var type = await world.AddRecipeType("outer", Definition(SceneInput, Node("a", Job("work"), "", "IN=SCENE"), Node("sub", Recipe("inner"), "a", "SCENE=a.OUT")));
        var first = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(2))));
        await world.RunAll();
        var second = await world.CreateWhole(Request(type.TypeId, OfPrevious(first, ""","forced_nodes":{"all":false,"sub_recipes":{"sub":{"all":false,"nodes":["c"]}}}""")));
        Assert.Equal((8, 6, 4), (await world.Batch(second, "jobs_total"), await world.Batch(second, "jobs_completed"), await world.Batch(second, "recipes_total")));
        Assert.Equal(["c", "c"], await world.Read(s => s.Query("SELECT recipe_node FROM job WHERE batch_id = @id", r => r.GetString(0), ("id", second))));
        await world.RunAll();
        Assert.Equal(4, await world.Batch(second, "recipes_completed"));
        await world.AssertConsistent();
    }
}
