using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Databases;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Recipes;

public sealed class RecipeListTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_sub_recipe_shows_its_container_batch_and_counters(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await seed.RecipeType("tile-scene");
        var batch = await seed.Batch(type, "My batch");
        var top = await seed.Recipe(type, r => r.EventId = batch.EventId);
        var recipe = await seed.Recipe(type, r =>
        {
            r.RecipeId = top.Id;
            r.RootRecipeId = top.Id;
            r.BatchId = batch.Id;
            r.JobsTotal = 3;
            r.JobsRunning = 2;
            r.SubRecipesTotal = 1;
            r.SupersededRecipeId = 99;
        });

        var shown = (await api.Get($"/v6/recipes/?recipe_id={recipe.Id}")).Expect(200).Results.Single();
        Assert.Equal("tile-scene", shown.GetProperty("recipe_type").GetProperty("name").GetString());
        Assert.Equal(type.Id, shown.GetProperty("recipe_type_rev").GetProperty("recipe_type").GetProperty("id").GetInt64());
        Assert.Equal(top.Id, shown.GetProperty("recipe").GetProperty("id").GetInt64());
        Assert.Equal(batch.EventId, shown.GetProperty("recipe").GetProperty("event").GetProperty("id").GetInt64());
        Assert.Equal("My batch", shown.GetProperty("batch").GetProperty("title").GetString());
        Assert.Equal(99, shown.GetProperty("superseded_recipe").GetProperty("id").GetInt64());
        Assert.Equal((3, 2, 0, 1), (shown.GetProperty("jobs_total").GetInt32(), shown.GetProperty("jobs_running").GetInt32(), shown.GetProperty("jobs_failed").GetInt32(), shown.GetProperty("sub_recipes_total").GetInt32()));
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("event").ValueKind);
        Assert.False(shown.TryGetProperty("superseded_by_recipe", out _));
        Assert.False(shown.TryGetProperty("root_superseded_recipe", out _));

        var container = (await api.Get($"/v6/recipes/?recipe_id={top.Id}")).Expect(200).Results.Single();
        Assert.Equal(JsonValueKind.Null, container.GetProperty("event").GetProperty("rule").ValueKind);
        Assert.Equal("USER", container.GetProperty("event").GetProperty("type").GetString());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_filter_finds_its_recipes_and_no_others(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        await seed.Recipe(await seed.RecipeType("other"));
        var type = await seed.RecipeType("tile-scene");
        var recipe = await seed.Recipe(type, r =>
        {
            r.BatchId = 3;
            r.RootRecipeId = 77;
            r.IsSuperseded = true;
            r.IsCompleted = true;
            r.SourceStarted = Seed.Start.AddDays(1);
            r.SourceEnded = Seed.Start.AddDays(2);
            r.SourceSensorClass = "class";
            r.SourceSensor = "sensor";
            r.SourceCollection = "collection";
            r.SourceTask = "task";
            r.LastModified = Seed.Start.AddDays(3);
        });

        string[] matching =
        [
            "started=2026-03-04T09:00:00Z", "source_started=2026-03-02T09:00:00Z", "source_ended=2026-03-03T09:00:00Z", "source_sensor_class=class", "source_sensor=sensor",
            "source_collection=collection", "source_task=task", $"recipe_id={recipe.Id}", $"recipe_type_id={type.Id}", "recipe_type_name=tile-scene", "batch_id=3", "root_recipe_id=77",
            "is_superseded=true", "is_completed=true",
        ];
        foreach (var query in matching)
        {
            var answer = (await api.Get("/v6/recipes/?" + query)).Expect(200);
            Assert.True(answer["count"].GetInt32() == 1 && answer.Results[0].GetProperty("id").GetInt64() == recipe.Id, $"{query}: {answer.Text}");
        }

        foreach (var query in new[] { "started=2026-03-05T09:00:00Z", "batch_id=4", "recipe_type_name=none" })
        {
            Assert.Equal(0, (await api.Get("/v6/recipes/?" + query)).Expect(200)["count"].GetInt32());
        }
    }

    [Theory]
    [InlineData("started=2026-03-01T09:00:00Z&ended=2026-03-01T09:00:00Z")]
    [InlineData("source_started=x")]
    [InlineData("recipe_id=x")]
    [InlineData("is_completed=x")]
    [InlineData("order=nothing")]
    public async Task Bad_values_are_400(string query)
    {
        await using var api = await ApiFixture.Start();
        (await api.Get("/v6/recipes/?" + query)).Expect(400);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_order_name_sorts(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        await seed.Recipe(await seed.RecipeType("tile-scene"));
        Assert.Superset(new HashSet<string> { "recipe_type.name", "completed", "jobs_total" }, (await Orders.TryAll(api, "/v6/recipes/")).ToHashSet());
    }

    [Fact]
    public async Task Input_files_are_listed_once_and_filtered()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var file = await seed.File("scene.tif", await seed.Workspace());
        var recipe = await seed.Recipe(await seed.RecipeType("tile-scene"), r => r.InputFileSize = 1);
        await seed.Add(new RecipeInputFileRow { RecipeId = recipe.Id, InputName = "A", FileId = file.Id });
        await seed.Add(new RecipeInputFileRow { RecipeId = recipe.Id, InputName = "B", FileId = file.Id });

        Assert.Equal("scene.tif", (await api.Get($"/v6/recipes/{recipe.Id}/input_files/")).Expect(200).Results.Single().GetProperty("file_name").GetString());
        Assert.Equal(1, (await api.Get($"/v6/recipes/{recipe.Id}/input_files/?recipe_input=B&file_name=scene.tif")).Expect(200)["count"].GetInt32());
        Assert.Equal(0, (await api.Get($"/v6/recipes/{recipe.Id}/input_files/?recipe_input=C")).Expect(200)["count"].GetInt32());
        Assert.Equal(0, (await api.Get("/v6/recipes/77/input_files/")).Expect(200)["count"].GetInt32());
        (await api.Get($"/v6/recipes/{recipe.Id}/input_files/?time_field=x")).Expect(400);
    }

    [Fact]
    public async Task Before_input_is_processed_its_files_come_from_the_data()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var file = await seed.File("scene.tif", await seed.Workspace());
        var recipe = await seed.Recipe(await seed.RecipeType("tile-scene"), r => r.Input = $$$"""{"files":{"SCENE":[{{{file.Id}}}]},"json":{}}""");
        Assert.Equal(1, (await api.Get($"/v6/recipes/{recipe.Id}/input_files/")).Expect(200)["count"].GetInt32());
    }
}
