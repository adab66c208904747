using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Batches;

/// <summary>The v5 batch services (batches-and-datasets.md §6).</summary>
public sealed class LegacyBatchTests
{
    private const string Trigger = """{"trigger_rule":{"data":{"input_data_name":"SCENE","workspace_name":"products"}}}""";

    [Theory]
    [InlineData("/v5/batches/", "/v5/batches/")]
    [InlineData("/batches/", "/batches/")]
    [InlineData("/api/v5/batches/", "/api/v5/batches/")]
    [InlineData("/api/batches", "/api/batches/")]
    public async Task A_batch_is_made_and_found_below_the_prefix_of_the_request(string path, string below)
    {
        await using var world = await BatchWorld.Start();
        var made = (await world.Api.Post(path, Body(world, """{"all_jobs":true,"priority":7}"""))).Expect(201);
        var id = made["id"].GetInt64();
        Assert.EndsWith($"localhost{below}{id}/", made.Headers["Location"]);
        (await world.Api.Get($"{below}{id}/")).Expect(200);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Details_have_every_v5_member_and_v6_sees_an_empty_definition(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var id = (await world.Api.Post("/v5/batches/", Body(world, """{"job_names":["tile"],"priority":7}"""))).Expect(201)["id"].GetInt64();
        var shown = (await world.Api.Get($"/v5/batches/{id}/")).Expect(200);
        Assert.Equal(("My batch", "About it", "SUBMITTED"), (shown["title"].GetString(), shown["description"].GetString(), shown["status"].GetString()));
        Assert.Equal("""{"version":"1.0","job_names":["tile"],"all_jobs":false,"priority":7,"trigger_rule":false}""", shown["definition"].GetRawText());
        Assert.Equal((0, 0, 0, 0, 0), (shown["created_count"].GetInt32(), shown["failed_count"].GetInt32(), shown["total_count"].GetInt32(), shown["completed_job_count"].GetInt32(), shown["completed_recipe_count"].GetInt32()));
        var type = shown["recipe_type"];
        Assert.Equal(("tile-scene", 1, true), (type.GetProperty("name").GetString(), type.GetProperty("revision_num").GetInt32(), type.GetProperty("is_active").GetBoolean()));
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (type.GetProperty("archived").ValueKind, type.GetProperty("trigger_rule").ValueKind));
        Assert.True(type.GetProperty("definition").GetProperty("nodes").TryGetProperty("tile", out _));
        Assert.Equal("""{"user":"admin"}""", shown["event"].GetProperty("description").GetRawText());
        Assert.Equal(("USER", JsonValueKind.Null), (shown["event"].GetProperty("type").GetString(), shown["event"].GetProperty("rule").ValueKind));
        var creator = shown["creator_job"];
        Assert.Equal(("QUEUED", 1, JsonValueKind.Null), (creator.GetProperty("status").GetString(), creator.GetProperty("num_exes").GetInt32(), creator.GetProperty("node").ValueKind));
        var jobType = creator.GetProperty("job_type");
        Assert.Equal(("scale-batch-creator", "1.0", "Scale Batch Creator", "system", true),
            (jobType.GetProperty("name").GetString(), jobType.GetProperty("version").GetString(), jobType.GetProperty("title").GetString(), jobType.GetProperty("category").GetString(), jobType.GetProperty("is_system").GetBoolean()));

        var v6 = (await world.Api.Get($"/v6/batches/{id}/")).Expect(200);
        Assert.Equal(("{}", """{"priority":7}""", id), (v6["definition"].GetRawText(), v6["configuration"].GetRawText(), v6["root_batch"].GetProperty("id").GetInt64()));
        Assert.Equal("QUEUED", (await world.Api.Get($"/v6/jobs/{creator.GetProperty("id").GetInt64()}/")).Expect(200)["status"].GetString());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Counts_and_definitions_of_v6_batches_are_said_in_v5_terms(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var submitted = await world.Seed.Batch(world.RecipeType, "a", b =>
        {
            (b.RecipesEstimated, b.ItemsCreated, b.ItemsFailed) = (9, 3, 1);
            b.Definition = """{"previous_batch":{"root_batch_id":1,"forced_nodes":{"all":true,"nodes":["tile"],"sub_recipes":{}}},"supersedes":true}""";
        });
        var empty = await world.Seed.Batch(world.RecipeType, "b", b => (b.IsCreationDone, b.RecipesEstimated, b.ItemsCreated, b.ItemsFailed) = (true, 9, 0, 2));
        var done = await world.Seed.Batch(world.RecipeType, "c", b => (b.IsCreationDone, b.RecipesTotal, b.ItemsCreated, b.ItemsFailed, b.JobsCompleted, b.RecipesCompleted) = (true, 8, 4, 2, 5, 6));
        Assert.Equal("SUBMITTED 3 1 9 0 0", await Counts(world, submitted.Id));
        Assert.Equal("CREATED 0 2 2 0 0", await Counts(world, empty.Id));
        Assert.Equal("CREATED 8 2 8 5 6", await Counts(world, done.Id));
        Assert.Equal("""{"version":"1.0","job_names":["tile"],"all_jobs":true}""", (await world.Api.Get($"/v5/batches/{submitted.Id}/")).Expect(200)["definition"].GetRawText());
        Assert.Equal("""{"version":"1.0"}""", (await world.Api.Get($"/v5/batches/{done.Id}/")).Expect(200)["definition"].GetRawText());
        Assert.Equal(JsonValueKind.Null, (await world.Api.Get($"/v5/batches/{done.Id}/")).Expect(200)["creator_job"].ValueKind);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Batches_are_filtered_ordered_and_paged(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var other = await world.Seed.RecipeType("cut-scene", BatchWorld.Definition);
        await world.Seed.Batch(world.RecipeType, "Beta", b => (b.IsCreationDone, b.LastModified) = (true, Seed.Start.AddDays(3)));
        await world.Seed.Batch(world.RecipeType, "alpha", b => b.LastModified = Seed.Start.AddDays(2));
        await world.Seed.Batch(other, null, b => b.LastModified = Seed.Start.AddDays(5));

        Assert.Equal("alpha Beta -", await Titles(world, ""));
        Assert.Equal("Beta", await Titles(world, "status=CREATED"));
        Assert.Equal("alpha Beta -", await Titles(world, "status=CREATED&status=SUBMITTED"));
        Assert.Equal("alpha Beta", await Titles(world, $"recipe_type_id={world.RecipeType.Id}"));
        Assert.Equal("-", await Titles(world, "recipe_type_name=cut-scene"));
        Assert.Equal("Beta -", await Titles(world, $"started={Seed.Start.AddDays(3):yyyy-MM-ddTHH:mm:ss}Z"));
        Assert.Equal("alpha Beta", await Titles(world, $"ended={Seed.Start.AddDays(3):yyyy-MM-ddTHH:mm:ss}Z"));
        Assert.Equal("alpha Beta -", await Titles(world, "order=title"));
        Assert.Equal("Beta alpha -", await Titles(world, "order=status"));
        await Orders.TryAll(world.Api, "/v5/batches/");
        Assert.EndsWith("localhost/batches/?page_size=2&page=2", (await world.Api.Get("/batches/?page_size=2")).Expect(200)["next"].GetString());
        (await world.Api.Get("/v5/batches/?recipe_type_id=x")).Expect(400);
    }

    [Fact]
    public async Task Validation_counts_and_warns_without_staff_or_effect()
    {
        await using var world = await BatchWorld.Start();
        await world.Seed.Workspace();
        await world.Seed.Recipe(world.RecipeType);
        var client = world.Api.CreateClient(await world.Api.AddAccount("reader"));
        var found = (await world.Api.Send(HttpMethod.Post, "/v5/batches/validation/", Body(world, Trigger.Replace("{\"trigger", "{\"all_jobs\":true,\"trigger", StringComparison.Ordinal)), client)).Expect(200);
        Assert.Equal("""{"recipe_count":1,"file_count":2,"warnings":[]}""", found.Text);
        var warned = (await world.Api.Post("/batches/validation/", Body(world, """{"trigger_rule":true}"""))).Expect(200);
        Assert.Equal((0, 0, "trigger_rule"), (warned["recipe_count"].GetInt32(), warned["file_count"].GetInt32(), warned["warnings"][0].GetProperty("id").GetString()));
        Assert.NotEqual("", warned["warnings"][0].GetProperty("details").GetString());
        Assert.Equal(0, (await world.Api.Get("/v5/batches/")).Expect(200)["count"].GetInt32());
        (await world.Api.Send(HttpMethod.Post, "/v5/batches/", Body(world, "{}"), client)).Expect(403);
    }

    [Theory]
    [InlineData("""{"definition":{}}""", "recipe_type_id")]
    [InlineData("""{"recipe_type_id":"x","definition":{}}""", "recipe_type_id")]
    [InlineData("""{"recipe_type_id":77,"definition":{}}""", "Batch definition invalid: ")]
    [InlineData("""{"recipe_type_id":1}""", "definition")]
    [InlineData("""{"recipe_type_id":1,"definition":[]}""", "definition")]
    [InlineData("""{"recipe_type_id":1,"definition":{"version":"1.1"}}""", "Batch definition invalid: ")]
    [InlineData("""{"recipe_type_id":1,"definition":{"dataset":1}}""", "Batch definition invalid: ")]
    [InlineData("""{"recipe_type_id":1,"definition":{"date_range":{}}}""", "Batch definition invalid: ")]
    [InlineData("""{"recipe_type_id":1,"definition":{"date_range":{"started":"yesterday"}}}""", "Batch definition invalid: ")]
    [InlineData("""{"recipe_type_id":1,"definition":{"priority":"1"}}""", "Batch definition invalid: ")]
    [InlineData("""{"recipe_type_id":1,"definition":{"trigger_rule":{}}}""", "Batch definition invalid: ")]
    [InlineData("""{"recipe_type_id":1,"definition":{"trigger_rule":{"data":{"input_data_name":"SCENE","workspace_name":"none"}}}}""", "none")]
    [InlineData("""{"recipe_type_id":1,"definition":{},"title":3}""", "title")]
    public async Task What_is_invalid_is_400_in_creation_and_validation(string body, string detail)
    {
        await using var world = await BatchWorld.Start();
        Assert.Contains(detail, (await world.Api.Post("/v5/batches/", body)).Expect(400).Detail);
        Assert.Contains(detail, (await world.Api.Post("/v5/batches/validation/", body)).Expect(400).Detail);
        Assert.Equal(0, (await world.Api.Get("/v5/batches/")).Expect(200)["count"].GetInt32());
    }

    [Fact]
    public async Task What_v5_did_not_have_is_404()
    {
        await using var world = await BatchWorld.Start();
        var id = (await world.Api.Post("/v5/batches/", Body(world, "{}"))).Expect(201)["id"].GetInt64();
        (await world.Api.Patch($"/v5/batches/{id}/", BatchWorld.Json("""{"title":"x"}"""))).Expect(404);
        (await world.Api.Get($"/v5/batches/comparison/{id}/")).Expect(404);
        (await world.Api.Get("/v5/batches/77/")).Expect(404);
        (await world.Api.Get("/v5/jobs/")).Expect(404);
        (await world.Api.Get("/v5/datasets/")).Expect(404);
        (await world.Api.Get("/v4/batches/")).Expect(404);
        (await world.Api.Get("/datasets/")).Expect(404);
    }

    private static object Body(BatchWorld world, string definition) =>
        new { recipe_type_id = world.RecipeType.Id, title = "My batch", description = "About it", definition = BatchWorld.Json(definition), unknown = 1 };

    private static async Task<string> Counts(BatchWorld world, long id)
    {
        var shown = (await world.Api.Get($"/v5/batches/{id}/")).Expect(200);
        return $"{shown["status"].GetString()} {shown["created_count"]} {shown["failed_count"]} {shown["total_count"]} {shown["completed_job_count"]} {shown["completed_recipe_count"]}";
    }

    private static async Task<string> Titles(BatchWorld world, string query) =>
        string.Join(' ', (await world.Api.Get("/v5/batches/?" + query)).Expect(200).Results.Select(b => b.GetProperty("title").GetString() ?? "-"));
}
