using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Batches;

public sealed class BatchTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_batch_is_made_from_a_dataset_and_shown_whole(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var made = (await world.Make(new { dataset = world.DatasetId, version = "7" }, new { priority = 5 })).Expect(201);
        var id = made["id"].GetInt64();
        Assert.EndsWith($"/v6/batches/{id}/", made.Headers["Location"]);
        Assert.Equal(("My batch", "About it"), (made["title"].GetString(), made["description"].GetString()));
        Assert.Equal(2, made["recipes_estimated"].GetInt32());
        Assert.Equal((0, 0, false, false), (made["recipes_total"].GetInt32(), made["jobs_total"].GetInt32(), made["is_creation_done"].GetBoolean(), made["is_superseded"].GetBoolean()));
        Assert.Equal($$"""{"dataset":{{world.DatasetId}},"supersedes":true}""", made["definition"].GetRawText());
        Assert.Equal("""{"priority":5}""", made["configuration"].GetRawText());
        Assert.Equal(id, made["root_batch"].GetProperty("id").GetInt64());
        Assert.Equal(JsonValueKind.Null, made["superseded_batch"].ValueKind);
        Assert.Equal("""{"user":"admin"}""", made["event"].GetProperty("description").GetRawText());
        Assert.Equal(JsonValueKind.Null, made["event"].GetProperty("rule").ValueKind);
        Assert.Equal("tile-scene", made["recipe_type_rev"].GetProperty("recipe_type").GetProperty("name").GetString());
        Assert.True(made["recipe_type_rev"].GetProperty("definition").GetProperty("nodes").TryGetProperty("tile", out _));
        var metrics = made["job_metrics"].GetProperty("tile");
        Assert.Equal(0, metrics.GetProperty("jobs_total").GetInt32());
        Assert.Equal(JsonValueKind.Null, metrics.GetProperty("avg_job_duration").ValueKind);

        var listed = (await world.Api.Get("/v6/batches/")).Expect(200).Results.Single();
        Assert.Equal("tile-scene", listed.GetProperty("recipe_type").GetProperty("name").GetString());
        Assert.Equal(world.RecipeType.Id, listed.GetProperty("recipe_type_rev").GetProperty("recipe_type").GetProperty("id").GetInt64());
        Assert.False(listed.TryGetProperty("definition", out _));
    }

    [Theory]
    [InlineData("""{"definition":{"dataset":1}}""", "recipe_type_id")]
    [InlineData("""{"recipe_type_id":"x","definition":{"dataset":1}}""", "recipe_type_id")]
    [InlineData("""{"recipe_type_id":77,"definition":{"dataset":1}}""", "77")]
    [InlineData("""{"recipe_type_id":1}""", "definition")]
    [InlineData("""{"recipe_type_id":1,"definition":[]}""", "definition")]
    [InlineData("""{"recipe_type_id":1,"definition":{}}""", "nothing to make")]
    [InlineData("""{"recipe_type_id":1,"definition":{"unknown":1}}""", "/unknown")]
    [InlineData("""{"recipe_type_id":1,"definition":{"dataset":77}}""", "77")]
    [InlineData("""{"recipe_type_id":1,"definition":{"dataset":1},"configuration":[]}""", "configuration")]
    [InlineData("""{"recipe_type_id":1,"definition":{"dataset":1},"configuration":{"inputMap":[]}}""", "inputMap")]
    [InlineData("""{"recipe_type_id":1,"definition":{"dataset":1},"configuration":{"inputMap":[{"input":"SCENE","datasetParameter":"NONE"}]}}""", "NONE")]
    [InlineData("""{"recipe_type_id":1,"definition":{"previous_batch":{"root_batch_id":77}}}""", "77")]
    [InlineData("""{"recipe_type_id":1,"title":3,"definition":{"dataset":1}}""", "title")]
    public async Task What_can_not_be_made_is_refused_and_leaves_nothing(string body, string detail)
    {
        await using var world = await BatchWorld.Start();
        Assert.Contains(detail, (await world.Api.Post("/v6/batches/", body)).Expect(400).Detail);
        Assert.Equal(0, (await world.Api.Get("/v6/batches/")).Expect(200)["count"].GetInt32());
    }

    [Fact]
    public async Task Creation_tells_of_media_types_that_do_not_fit()
    {
        await using var world = await BatchWorld.Start();
        Assert.Empty((await world.Make(new { dataset = world.DatasetId })).Expect(201).Warnings);
        var definition = BatchWorld.Definition.Replace("""{"name":"SCENE"}""", """{"name":"SCENE","media_types":["image/tiff"]}""", StringComparison.Ordinal);
        var type = await world.Seed.RecipeType("tiff-only", definition);
        var parameters = new { files = new[] { new { name = "SCENE", media_types = new[] { "image/png" } } } };
        var dataset = (await world.Api.Post("/v6/datasets/", new { definition = new { parameters } })).Expect(201)["id"].GetInt64();
        var file = (await world.Seed.File("c.png")).Id;
        (await world.Api.Post($"/v6/datasets/{dataset}/", new { data = new { files = new { SCENE = new[] { file } } } })).Expect(201);
        Assert.Equal(["MISMATCHED_MEDIA_TYPES"], (await world.Api.Post("/v6/batches/", new { recipe_type_id = type.Id, definition = new { dataset } })).Expect(201).Warnings);
    }

    [Fact]
    public async Task A_title_that_is_too_long_is_refused_and_fifty_letters_are_not()
    {
        await using var world = await BatchWorld.Start();
        (await world.Api.Post("/v6/batches/", new { recipe_type_id = world.RecipeType.Id, title = new string('x', 251), definition = new { dataset = world.DatasetId } })).Expect(400);
        (await world.Api.Post("/v6/batches/", new { recipe_type_id = world.RecipeType.Id, title = new string('x', 50), definition = new { dataset = world.DatasetId } })).Expect(201);
    }

    [Fact]
    public async Task Supersedes_beside_the_definition_is_its_default()
    {
        await using var world = await BatchWorld.Start();
        var made = (await world.Api.Post("/v6/batches/", new { recipe_type_id = world.RecipeType.Id, supersedes = false, definition = new { dataset = world.DatasetId } })).Expect(201);
        Assert.False(made["definition"].GetProperty("supersedes").GetBoolean());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_last_batch_of_a_chain_is_reprocessed_once(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var root = (await world.Make(new { dataset = world.DatasetId })).Expect(201)["id"].GetInt64();
        var again = new { previous_batch = new { root_batch_id = root, forced_nodes = new { all = true } } };
        Assert.Contains("still creating", (await world.Make(again)).Expect(400).Detail);

        await world.Seed.Run("UPDATE batch SET is_creation_done = TRUE, recipes_total = 2 WHERE id = @id", ("id", root));
        var second = (await world.Make(again)).Expect(201);
        Assert.Equal(root, second["root_batch"].GetProperty("id").GetInt64());
        Assert.Equal(root, second["superseded_batch"].GetProperty("id").GetInt64());
        Assert.Equal("My batch", second["superseded_batch"].GetProperty("title").GetString());
        Assert.Equal(2, second["recipes_estimated"].GetInt32());
        var first = (await world.Api.Get($"/v6/batches/{root}/")).Expect(200);
        Assert.True(first["is_superseded"].GetBoolean());
        Assert.NotEqual(JsonValueKind.Null, first["superseded"].ValueKind);
        Assert.Contains("still creating", (await world.Make(again)).Expect(400).Detail);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Batches_are_filtered_and_ordered(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await seed.RecipeType("b-type");
        var other = await seed.RecipeType("a-type");
        var root = await seed.Batch(type, "Beta", b => b.IsCreationDone = true);
        await seed.Batch(type, "alpha", b =>
        {
            b.RootBatchId = root.Id;
            b.SupersededBatchId = root.Id;
            b.IsSuperseded = true;
            b.JobsTotal = 9;
        });
        await seed.Batch(other, null, b => b.LastModified = Seed.Start.AddDays(5));

        Assert.Equal("Beta alpha -", await Titles(api, ""));
        Assert.Equal("Beta alpha", await Titles(api, $"recipe_type_id={type.Id}"));
        Assert.Equal("Beta alpha", await Titles(api, $"root_batch_id={root.Id}"));
        Assert.Equal("Beta", await Titles(api, "is_creation_done=true"));
        Assert.Equal("Beta -", await Titles(api, "is_superseded=false"));
        Assert.Equal("-", await Titles(api, "started=2026-03-05T00:00:00Z"));
        Assert.Equal("Beta alpha", await Titles(api, "ended=2026-03-05T00:00:00Z"));
        Assert.Equal("alpha Beta -", await Titles(api, "order=title"));
        Assert.Equal("- Beta alpha", await Titles(api, "order=-title"));
        Assert.Equal("- Beta alpha", await Titles(api, "order=recipe_type"));
        Assert.Equal("alpha Beta -", await Titles(api, "order=-jobs_total"));
        (await api.Get("/v6/batches/?recipe_type_id=x")).Expect(400);
        (await api.Get("/v6/batches/?started=2026-03-05T00:00:00Z&ended=2026-03-05T00:00:00Z")).Expect(400);
        Assert.Superset(new HashSet<string> { "recipe_type.name", "recipe_type", "is_creation_done", "jobs_total" }, (await Orders.TryAll(api, "/v6/batches/")).ToHashSet());
    }

    [Fact]
    public async Task An_edit_keeps_what_it_does_not_name_and_replaces_the_whole_configuration()
    {
        await using var world = await BatchWorld.Start();
        var id = (await world.Make(new { dataset = world.DatasetId }, BatchWorld.Json("""{"priority":5,"inputMap":[{"input":"SCENE","datasetParameter":"SCENE"}]}"""))).Expect(201)["id"].GetInt64();

        Assert.Equal("", (await world.Api.Patch($"/v6/batches/{id}/", BatchWorld.Json("""{"title":"","description":null,"configuration":{},"definition":3,"recipe_type_id":"x"}"""))).Expect(204).Text);
        var kept = (await world.Api.Get($"/v6/batches/{id}/")).Expect(200);
        Assert.Equal(("", "About it", 5), (kept["title"].GetString(), kept["description"].GetString(), kept["configuration"].GetProperty("priority").GetInt32()));

        (await world.Api.Patch($"/v6/batches/{id}/", BatchWorld.Json("""{"configuration":{"inputMap":[{"input":"SCENE","datasetParameter":"SCENE"}]}}"""))).Expect(204);
        var replaced = (await world.Api.Get($"/v6/batches/{id}/")).Expect(200);
        Assert.False(replaced["configuration"].TryGetProperty("priority", out _));

        (await world.Api.Patch($"/v6/batches/{id}/", BatchWorld.Json("""{"configuration":{"unknown":1}}"""))).Expect(400);
        Assert.Contains("NONE", (await world.Api.Patch($"/v6/batches/{id}/", BatchWorld.Json("""{"configuration":{"inputMap":[{"input":"SCENE","datasetParameter":"NONE"}]}}"""))).Expect(400).Detail);
        (await world.Api.Patch("/v6/batches/77/", BatchWorld.Json("""{"title":"x"}"""))).Expect(404);
        (await world.Api.Send(HttpMethod.Put, $"/v6/batches/{id}/", "{}")).Expect(405);
        (await world.Api.Send(HttpMethod.Delete, $"/v6/batches/{id}/")).Expect(405);
        (await world.Api.Post($"/v6/batches/{id}/", "{}")).Expect(405);
    }

    [Fact]
    public async Task Batches_of_a_chain_are_compared_with_null_where_a_node_is_missing()
    {
        await using var world = await BatchWorld.Start();
        var root = await world.Seed.Batch(world.RecipeType, "a", b => b.JobsCompleted = 4);
        var next = await world.Seed.Batch(world.RecipeType, "b", b =>
        {
            b.RootBatchId = root.Id;
            b.RecipesTotal = 2;
        });
        await world.Seed.Add(new BatchNodeRow
        {
            BatchId = root.Id,
            NodeName = "n1",
            JobsTotal = 4,
            JobsCompleted = 4,
            SeedDurationCount = 2,
            SeedDurationSum = 95_400_000,
            SeedDurationMin = 5_000_000,
            SeedDurationMax = 90_400_000,
            JobDurationCount = 1,
            JobDurationSum = 0,
            JobDurationMin = 0,
            JobDurationMax = 0,
        });
        await world.Seed.Add(new BatchNodeRow { BatchId = next.Id, NodeName = "n2", JobsFailed = 1, JobsTotal = 1 });

        var shown = (await world.Api.Get($"/v6/batches/comparison/{root.Id}/")).Expect(200);
        Assert.Equal([root.Id, next.Id], shown["batches"].EnumerateArray().Select(b => b.GetProperty("id").GetInt64()));
        Assert.Equal("[4,0]", shown["metrics"].GetProperty("jobs_total").GetRawText());
        Assert.Equal("[0,2]", shown["metrics"].GetProperty("recipes_total").GetRawText());
        var first = shown["metrics"].GetProperty("job_metrics").GetProperty("n1");
        Assert.Equal("[4,null]", first.GetProperty("jobs_completed").GetRawText());
        Assert.Equal("[0,null]", first.GetProperty("jobs_failed").GetRawText());
        Assert.Equal("""["PT5S",null]""", first.GetProperty("min_seed_duration").GetRawText());
        Assert.Equal("""["PT48S",null]""", first.GetProperty("avg_seed_duration").GetRawText());
        Assert.Equal("""["PT1M30S",null]""", first.GetProperty("max_seed_duration").GetRawText());
        Assert.Equal("""["PT0S",null]""", first.GetProperty("max_job_duration").GetRawText());
        Assert.Equal("[null,null]", shown["metrics"].GetProperty("job_metrics").GetProperty("n2").GetProperty("min_job_duration").GetRawText());
        Assert.Equal("PT48S", (await world.Api.Get($"/v6/batches/{root.Id}/")).Expect(200)["job_metrics"].GetProperty("n1").GetProperty("avg_seed_duration").GetString());

        var none = (await world.Api.Get("/v6/batches/comparison/77/")).Expect(200);
        Assert.Equal("[]", none["batches"].GetRawText());
        Assert.Equal("[]", none["metrics"].GetProperty("jobs_total").GetRawText());
        Assert.Equal("{}", none["metrics"].GetProperty("job_metrics").GetRawText());
    }

    [Fact]
    public async Task An_unknown_batch_is_404()
    {
        await using var api = await ApiFixture.Start();
        (await api.Get("/v6/batches/77/")).Expect(404);
    }

    private static async Task<string> Titles(ApiFixture api, string query) =>
        string.Join(' ', (await api.Get("/v6/batches/?" + query)).Expect(200).Results.Select(b => b.GetProperty("title").GetString() ?? "-"));
}
