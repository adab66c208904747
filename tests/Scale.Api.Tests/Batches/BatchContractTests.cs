using System.Text.Json;
using Scale.Store.Batches;

namespace Scale.Api.Tests.Batches;

/// <summary>What batches-and-datasets.md asks of batches beyond the reference, over HTTP.</summary>
public sealed class BatchContractTests
{
    private const string Validation = "/v6/batches/validation/";

    [Theory]
    [InlineData("""{"version":"5"}""", null, "INVALID_BATCH_DEFINITION")]
    [InlineData("""{"dataset":"x"}""", null, "INVALID_BATCH_DEFINITION")]
    [InlineData("""{"dataset":1,"supersedes":"x"}""", null, "INVALID_BATCH_DEFINITION")]
    [InlineData("""{"dataset":1,"forced_nodes":{"nodes":["tile"]}}""", null, "INVALID_BATCH_DEFINITION")]
    [InlineData("""{"dataset":1,"forced_nodes":{"all":false,"sub_recipes":{"x":{}}}}""", null, "INVALID_BATCH_DEFINITION")]
    [InlineData("""{"previous_batch":{}}""", null, "INVALID_BATCH_DEFINITION")]
    [InlineData("""{"previous_batch":{"root_batch_id":1,"extra":1}}""", null, "INVALID_BATCH_DEFINITION")]
    [InlineData("""{"dataset":1}""", """{"version":"5"}""", "INVALID_BATCH_CONFIGURATION")]
    [InlineData("""{"dataset":1}""", """{"inputMap":[{"input":"SCENE"}]}""", "INVALID_BATCH_CONFIGURATION")]
    [InlineData("""{"dataset":1}""", """{"extra":1}""", "INVALID_BATCH_CONFIGURATION")]
    [InlineData("""{"dataset":1}""", """{"inputMap":[{"input":"NONE","datasetParameter":"SCENE"}]}""", "INVALID_INPUT_MAP")]
    [InlineData("""{"dataset":1,"forced_nodes":{"all":false,"nodes":["nowhere"]}}""", """{"inputMap":[{"input":"SCENE","datasetParameter":"SCENE","extra":1}]}""", "")]
    public async Task Every_error_has_its_name(string definition, string? configuration, string error)
    {
        await using var world = await BatchWorld.Start();
        var answer = (await world.Make(BatchWorld.Json(definition), configuration is null ? null : BatchWorld.Json(configuration), Validation)).Expect(200);
        Assert.Equal((error.Length == 0, error), (answer["is_valid"].GetBoolean(), Errors(answer)));
        (await world.Make(BatchWorld.Json(definition), configuration is null ? null : BatchWorld.Json(configuration))).Expect(error.Length == 0 ? 201 : 400);
    }

    [Fact]
    public async Task A_chain_goes_on_from_its_root_with_the_same_recipe_type_that_can_be_reprocessed()
    {
        await using var world = await BatchWorld.Start();
        var root = await Batch(world);
        var last = await world.Seed.Batch(world.RecipeType, change: b => (b.RootBatchId, b.SupersededBatchId, b.IsCreationDone, b.RecipesTotal) = (root.Id, root.Id, true, 3));
        await world.Seed.Run("UPDATE batch SET is_superseded = TRUE WHERE id = @id", ("id", root.Id));
        object Previous(long id) => new { previous_batch = new { root_batch_id = id } };

        var notTheRoot = (await world.Make(Previous(last.Id), path: Validation)).Expect(200);
        Assert.Equal("PREV_BATCH_NOT_FOUND", Errors(notTheRoot));
        Assert.False(notTheRoot.Json.TryGetProperty("prev_batch", out _));
        Assert.Equal(0, notTheRoot["recipes_estimated"].GetInt32());
        Assert.Equal("tile-scene", notTheRoot["recipe_type"].GetProperty("name").GetString());

        var other = await world.Seed.RecipeType("other");
        var mismatched = (await world.Api.Post(Validation, new { recipe_type_id = other.Id, definition = Previous(root.Id) })).Expect(200);
        Assert.Equal("MISMATCHED_RECIPE_TYPE", Errors(mismatched));
        Assert.Equal(world.RecipeType.Id, mismatched["prev_batch"].GetProperty("recipe_type_rev").GetProperty("recipe_type").GetProperty("id").GetInt64());
        Assert.False(mismatched["prev_batch"].TryGetProperty("diff", out _));

        // Whatever a dataset says, the previous batch decides.
        var both = (await world.Make(new { previous_batch = new { root_batch_id = root.Id }, dataset = 77 }, path: Validation)).Expect(200);
        Assert.Equal((true, 3), (both["is_valid"].GetBoolean(), both["recipes_estimated"].GetInt32()));

        var demanding = BatchWorld.Definition.Replace("""{"name":"SCENE"}""", """{"name":"SCENE"},{"name":"MORE"}""", StringComparison.Ordinal);
        (await world.Api.Patch("/v6/recipe-types/tile-scene/", BatchWorld.Json($$"""{"definition":{{demanding}}}"""))).Expect(200);
        var incompatible = (await world.Make(Previous(root.Id), path: Validation)).Expect(200);
        Assert.Equal("PREV_BATCH_NO_REPROCESS", Errors(incompatible));
        var diff = incompatible["prev_batch"].GetProperty("diff");
        Assert.Equal((false, "INPUT_CHANGE"), (diff.GetProperty("can_be_reprocessed").GetBoolean(), diff.GetProperty("reasons")[0].GetProperty("name").GetString()));
        (await world.Make(Previous(root.Id))).Expect(400);
        Assert.False((await world.Api.Get($"/v6/batches/{last.Id}/"))["is_superseded"].GetBoolean());
    }

    [Fact]
    public async Task Parameters_may_come_in_the_query_which_wins_and_numbers_as_text()
    {
        await using var world = await BatchWorld.Start();
        var body = new { recipe_type_id = "77", title = "body", unknown = 1, definition = new { dataset = world.DatasetId } };
        var made = (await world.Api.Post($"/v7/batches/?recipe_type_id={world.RecipeType.Id}&title=query", body)).Expect(201);
        Assert.Equal("query", made["title"].GetString());
        Assert.Contains("/v7/batches/", made.Headers["Location"], StringComparison.Ordinal);
        (await world.Api.Get("/v8/batches/")).Expect(404);
        (await world.Api.Get("/v6/batches/?page=2")).Expect(404);
        Assert.Single((await world.Api.Get("/v6/batches/?page_size=0")).Expect(200).Results);
        Assert.Equal(JsonValueKind.Null, (await world.Api.Get("/v6/batches/?page_size=junk")).Expect(200)["next"].ValueKind);
    }

    [Fact]
    public async Task Validation_needs_no_staff_and_changes_nothing()
    {
        await using var world = await BatchWorld.Start();
        var root = await Batch(world);
        using var ann = world.Api.CreateClient(await world.Api.AddAccount("ann"));
        var body = JsonSerializer.Serialize(new { recipe_type_id = world.RecipeType.Id, definition = new { previous_batch = new { root_batch_id = root.Id } } });
        Assert.True((await world.Api.Send(HttpMethod.Post, Validation, body, ann)).Expect(200)["is_valid"].GetBoolean());
        (await world.Api.Send(HttpMethod.Post, "/v6/batches/", body, ann)).Expect(403);
        await using var session = await world.Api.Database.Read(TestContext.Current.CancellationToken);
        Assert.Equal((1, 1, 0), await session.QueryFirst(
            "SELECT (SELECT count(*) FROM batch WHERE is_superseded = FALSE), (SELECT count(*) FROM event), (SELECT count(*) FROM command)",
            r => (r.GetInt32(0), r.GetInt32(1), r.GetInt32(2))));
    }

    private static Task<BatchRow> Batch(BatchWorld world) =>
        world.Seed.Batch(world.RecipeType, change: b => (b.IsCreationDone, b.RecipesTotal) = (true, 3));

    private static string Errors(Hosting.ApiAnswer answer) => string.Join(' ', answer["errors"].EnumerateArray().Select(e => e.GetProperty("name").GetString()));
}
