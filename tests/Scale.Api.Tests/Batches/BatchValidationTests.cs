using System.Text.Json;

namespace Scale.Api.Tests.Batches;

public sealed class BatchValidationTests
{
    private const string Path = "/v6/batches/validation/";

    [Fact]
    public async Task A_good_batch_is_estimated_and_not_made()
    {
        await using var world = await BatchWorld.Start();
        var client = world.Api.CreateClient(await world.Api.AddAccount("reader"));
        var answer = (await world.Api.Send(HttpMethod.Post, Path, new { recipe_type_id = world.RecipeType.Id, definition = new { dataset = world.DatasetId } }, client)).Expect(200);
        Assert.True(answer["is_valid"].GetBoolean());
        Assert.Equal(2, answer["recipes_estimated"].GetInt32());
        Assert.Equal("tile-scene", answer["recipe_type"].GetProperty("name").GetString());
        Assert.False(answer.Json.TryGetProperty("prev_batch", out _));
        Assert.Equal(0, (await world.Api.Get("/v6/batches/")).Expect(200)["count"].GetInt32());
    }

    [Theory]
    [InlineData("""{"unknown":1}""", null, "INVALID_BATCH_DEFINITION")]
    [InlineData("""{"dataset":1}""", """{"priority":"x"}""", "INVALID_BATCH_CONFIGURATION")]
    public async Task Errors_of_grammar_leave_recipe_type_and_estimate_null(string definition, string? configuration, string error)
    {
        await using var world = await BatchWorld.Start();
        var answer = (await world.Make(BatchWorld.Json(definition), configuration is null ? null : BatchWorld.Json(configuration), Path)).Expect(200);
        Assert.False(answer["is_valid"].GetBoolean());
        Assert.Equal(error, answer["errors"][0].GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, answer["recipes_estimated"].ValueKind);
        Assert.Equal(JsonValueKind.Null, answer["recipe_type"].ValueKind);
    }

    [Theory]
    [InlineData("""{}""", null, "NO_RECIPES")]
    [InlineData("""{"dataset":77}""", null, "DATASET_NOT_FOUND")]
    [InlineData("""{"previous_batch":{"root_batch_id":77}}""", null, "PREV_BATCH_NOT_FOUND")]
    [InlineData("""{"dataset":1}""", """{"inputMap":[{"input":"SCENE","datasetParameter":"NONE"}]}""", "INVALID_INPUT_MAP")]
    [InlineData("""{"dataset":2}""", null, "MISMATCHED_PARAMS")]
    public async Task Errors_of_meaning_estimate_nothing(string definition, string? configuration, string error)
    {
        await using var world = await BatchWorld.Start();
        Assert.Equal(2, await world.Dataset("OTHER"));
        var answer = (await world.Make(BatchWorld.Json(definition), configuration is null ? null : BatchWorld.Json(configuration), Path)).Expect(200);
        Assert.False(answer["is_valid"].GetBoolean());
        Assert.Equal(error, answer["errors"][0].GetProperty("name").GetString());
        Assert.Equal(0, answer["recipes_estimated"].GetInt32());
        Assert.Equal("tile-scene", answer["recipe_type"].GetProperty("name").GetString());
        Assert.False(answer.Json.TryGetProperty("prev_batch", out _));
    }

    [Fact]
    public async Task The_previous_batch_is_shown_with_what_changed_since()
    {
        await using var world = await BatchWorld.Start();
        var previous = await world.Seed.Batch(world.RecipeType, "first", b =>
        {
            b.IsCreationDone = true;
            b.RecipesTotal = 3;
        });
        var definition = new { previous_batch = new { root_batch_id = previous.Id } };
        var answer = (await world.Make(definition, path: Path)).Expect(200);
        Assert.True(answer["is_valid"].GetBoolean());
        Assert.Equal(3, answer["recipes_estimated"].GetInt32());
        Assert.Equal(1, answer["prev_batch"].GetProperty("recipe_type_rev").GetProperty("revision_num").GetInt32());
        Assert.Equal(world.RecipeType.Id, answer["prev_batch"].GetProperty("recipe_type_rev").GetProperty("recipe_type").GetProperty("id").GetInt64());
        Assert.True(answer["prev_batch"].GetProperty("diff").GetProperty("can_be_reprocessed").GetBoolean());
        Assert.Equal("UNCHANGED", answer["prev_batch"].GetProperty("diff").GetProperty("nodes").GetProperty("tile").GetProperty("status").GetString());

        await world.Seed.Run("UPDATE batch SET is_creation_done = FALSE WHERE id = @id", ("id", previous.Id));
        var creating = (await world.Make(definition, path: Path)).Expect(200);
        Assert.Equal("PREV_BATCH_STILL_CREATING", creating["errors"][0].GetProperty("name").GetString());
        Assert.False(creating["prev_batch"].TryGetProperty("diff", out _));
    }

    [Theory]
    [InlineData("""{"definition":{}}""")]
    [InlineData("""{"recipe_type_id":77,"definition":{}}""")]
    [InlineData("""{"recipe_type_id":1}""")]
    [InlineData("""{"recipe_type_id":1,"definition":{},"configuration":[]}""")]
    public async Task A_missing_part_is_400(string body)
    {
        await using var world = await BatchWorld.Start();
        (await world.Api.Post(Path, body)).Expect(400);
    }

    [Fact]
    public async Task An_inactive_recipe_type_makes_no_batch()
    {
        await using var world = await BatchWorld.Start();
        await world.Seed.Run("UPDATE recipe_type SET is_active = FALSE");
        var answer = (await world.Make(new { dataset = world.DatasetId }, path: Path)).Expect(200);
        Assert.Equal("RECIPE_TYPE_INACTIVE", answer["errors"][0].GetProperty("name").GetString());
        (await world.Make(new { dataset = world.DatasetId })).Expect(400);
    }
}
