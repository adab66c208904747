using System.Text.Json;
using Scale.Engine.Batches;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Data;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Batches.BatchWorld;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Batches;

public sealed class DatasetBatchTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_member_makes_a_recipe_and_the_batch_counts_them(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var (id, verdict) = await world.Create(Request(type.TypeId, OfDataset(await world.AddScenes(5))));
        Assert.Equal(5, verdict.RecipesEstimated);
        Assert.Equal(0, await world.Batch(id!.Value, "is_creation_done"));
        await world.AssertConsistent();
        await world.RunCreation();
        Assert.Equal((1, 5, 15, 5), (await world.Batch(id.Value, "is_creation_done"), await world.Batch(id.Value, "recipes_total"), await world.Batch(id.Value, "jobs_total"), await world.Batch(id.Value, "items_created")));
        Assert.Equal(5, await world.Count($"SELECT count(*) FROM queue JOIN job ON job.id = queue.job_id WHERE batch_id = {id}"));
        await world.AssertConsistent();
        await world.RunAll();
        Assert.Equal((5, 15), (await world.Batch(id.Value, "recipes_completed"), await world.Batch(id.Value, "jobs_completed")));
        await world.AssertConsistent();
        var metrics = (await world.Read(s => BatchMetrics.Nodes(s, id.Value)))[id.Value].ToDictionary(m => m.Node);
        Assert.Equal(["a", "b", "c"], metrics.Keys.Order());
        Assert.Equal(5, metrics["b"].Jobs.Completed);
        Assert.Equal(TimeSpan.FromSeconds(10), metrics["b"].JobDuration.Average);
        Assert.Equal(TimeSpan.FromSeconds(10), metrics["b"].SeedDuration.Greatest);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Members_with_several_inputs_global_data_and_an_input_map_fill_the_recipe(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddJobType("two", Manifest("two", """{"files":[{"name":"LEFT"},{"name":"RIGHT"}],"json":[{"name":"LEVEL","type":"integer"}]}"""));
        var type = await world.AddRecipeType("two", Definition(
            """{"files":[{"name":"L"},{"name":"R"}],"json":[{"name":"LEVEL","type":"integer"}]}""",
            Node("j", Job("two"), "", "LEFT=L RIGHT=R LEVEL=LEVEL")));
        var (left, right) = (await world.AddFile(), await world.AddFile());
        var dataset = await world.AddDataset(
            """
            {"parameters":{"files":[{"name":"FIRST"},{"name":"R"}],"json":[{"name":"EXTRA","type":"string","required":false}]},
             "global_parameters":{"files":[],"json":[{"name":"LEVEL","type":"integer"}]},"global_data":{"files":{},"json":{"LEVEL":7}}}
            """,
            DataValues.Parse(JsonElement.Parse($$"""{"files":{"FIRST":[{{left}}],"R":[{{right}}]},"json":{"EXTRA":"x"} }""")).Required());
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(dataset), """{"inputMap":[{"input":"L","datasetParameter":"FIRST"}]}"""));
        Assert.Equal($$$"""{"files":{"L":[{{{left}}}],"R":[{{{right}}}]},"json":{"LEVEL":7}}""", await world.One($"SELECT input FROM recipe WHERE batch_id = {id}", r => r.GetString(0)));
        Assert.Equal($$$"""{"files":{"LEFT":[{{{left}}}],"RIGHT":[{{{right}}}]},"json":{"LEVEL":7}}""", await world.One($"SELECT input FROM job WHERE batch_id = {id}", r => r.GetString(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_member_that_does_not_fit_fails_alone_and_says_why(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var good = RecipeWorld.Files(("SCENE", [await world.AddFile()]));
        var dataset = await world.AddDataset(Scenes, good, RecipeWorld.Files(("SCENE", [1, 2])), good);
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(dataset, ",\"supersedes\":false")));
        Assert.Equal((2, 1, 1), (await world.Batch(id, "items_created"), await world.Batch(id, "items_failed"), await world.Batch(id, "is_creation_done")));
        Assert.Contains("SCENE", await world.One($"SELECT error FROM batch_item WHERE batch_id = {id} AND state = 2", r => r.GetString(0)));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Members_added_later_do_not_join(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var dataset = await world.AddScenes(2);
        var (id, _) = await world.Create(Request(type.TypeId, OfDataset(dataset)));
        await world.Write(s => s.Insert("dataset_member", ("dataset_id", dataset), ("data", DataValues.Empty.ToText()), ("file_ids", "[]"), ("created", 0L)));
        await world.RunCreation();
        Assert.Equal((2, 0), (await world.Batch(id!.Value, "items_created"), await world.Batch(id.Value, "items_failed")));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Recipes_are_made_highest_member_first_and_keep_the_frozen_revision(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var (id, _) = await world.Create(Request(type.TypeId, OfDataset(await world.AddScenes(3))));
        await world.AddRecipeType("chain", Definition(SceneInput));
        await world.RunCreation();
        var made = await world.Read(s => s.Query("SELECT source_id FROM batch_item WHERE batch_id = @batch ORDER BY recipe_id", r => r.GetInt64(0), ("batch", id)));
        Assert.Equal(made.OrderDescending(), made);
        Assert.Equal(3, await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {id} AND recipe_type_rev_id = {type.RevisionId} AND jobs_total = 3"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Sub_recipes_count_in_the_batch_and_carry_its_id(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.AddRecipeType("inner", Chain());
        var type = await world.AddRecipeType("outer", Definition(SceneInput, Node("sub", Recipe("inner"), "", "SCENE=SCENE")));
        var (id, verdict) = await world.Create(Request(type.TypeId, OfDataset(await world.AddScenes(3))));
        Assert.Equal(6, verdict.RecipesEstimated);
        await world.RunCreation();
        await world.RunAll();
        Assert.Equal((6, 6, 9), (await world.Batch(id!.Value, "recipes_total"), await world.Batch(id.Value, "recipes_completed"), await world.Batch(id.Value, "jobs_completed")));
        Assert.Equal(9, await world.Count($"SELECT count(*) FROM job WHERE batch_id = {id}"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Checks_report_their_names_in_order(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var dataset = await world.AddScenes(1);
        var empty = await world.AddDataset(Scenes);
        var optional = await world.AddDataset(Scenes.Replace("\"SCENE\"", "\"SCENE\",\"required\":false", StringComparison.Ordinal), DataValues.Empty);
        Assert.Equal("RECIPE_TYPE_NOT_FOUND", await First(world, Request(99, OfDataset(dataset))));
        Assert.Equal("NO_RECIPES", await First(world, Request(type.TypeId, "{}")));
        Assert.Equal("NO_RECIPES", await First(world, Request(type.TypeId, OfDataset(empty))));
        Assert.Equal("MISMATCHED_PARAMS", await First(world, Request(type.TypeId, OfDataset(optional))));
        Assert.Equal("DATASET_NOT_FOUND", await First(world, Request(type.TypeId, OfDataset(99))));
        Assert.Equal("INVALID_INPUT_MAP", await First(world, Request(type.TypeId, OfDataset(dataset), """{"inputMap":[{"input":"SCENE","datasetParameter":"NONE"}]}""")));
        Assert.Equal("INVALID_INPUT_MAP", await First(world, Request(type.TypeId, OfDataset(dataset), """{"inputMap":[{"input":"NONE","datasetParameter":"SCENE"}]}""")));
        Assert.Equal("MISMATCHED_PARAMS", await First(world, Request((await world.AddRecipeType("other", Definition("""{"files":[{"name":"OTHER"}]}"""))).TypeId, OfDataset(dataset))));
        Assert.Equal("PREV_BATCH_NOT_FOUND", await First(world, Request(type.TypeId, OfPrevious(99))));
        await world.Write(s => s.Execute("UPDATE recipe_type SET is_active = FALSE"));
        Assert.Equal("RECIPE_TYPE_INACTIVE", await First(world, Request(type.TypeId, OfDataset(dataset))));
        Assert.Equal(0, await world.Count("SELECT count(*) FROM batch"));
        Assert.Equal(0, await world.Count("SELECT count(*) FROM event"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Edit_keeps_what_is_not_given_and_checks_the_input_map(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var id = await world.CreateWhole(Request(type.TypeId, OfDataset(await world.AddScenes(1)), """{"priority":5}"""));
        var creation = new BatchCreation(world.Catalog);
        Assert.False((await world.Write(s => creation.Edit(s, 99, new BatchEdit("x", null, null), world.Now))).IsFound);
        await world.Write(s => creation.Edit(s, id, new BatchEdit(null, "", null), world.Now));
        Assert.Equal(("a title", "", 5), await world.One($"SELECT title, description, priority FROM batch WHERE id = {id}", r => (r.GetString(0), r.GetString(1), r.GetInt32(2))));
        var bad = Request(type.TypeId, "{}", """{"inputMap":[{"input":"SCENE","datasetParameter":"NONE"}]}""").Configuration;
        Assert.Equal("INVALID_INPUT_MAP", (await world.Write(s => creation.Edit(s, id, new BatchEdit(null, null, bad), world.Now))).Errors.Single().Name);
        var map = Request(type.TypeId, "{}", """{"inputMap":[{"input":"SCENE","datasetParameter":"SCENE"}]}""").Configuration;
        await world.Write(s => creation.Edit(s, id, new BatchEdit("new", null, map), world.Now));
        Assert.Equal(("new", null), await world.One($"SELECT title, priority FROM batch WHERE id = {id}", r => (r.GetString(0), r.Int(1))));
    }

    private static async Task<string> First(RecipeWorld world, BatchRequest request)
    {
        var checkedOnly = await world.Read(s => new BatchCreation(world.Catalog).Validate(s, request));
        var (id, verdict) = await world.Create(request);
        Assert.Null(id);
        Assert.Equal(0, verdict.RecipesEstimated);
        Assert.Equal(checkedOnly.Errors, verdict.Errors);
        return verdict.Errors[0].Name;
    }
}
