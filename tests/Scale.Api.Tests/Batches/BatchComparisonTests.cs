using Scale.Api.Tests.Rows;
using Scale.Model.Batches;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Batches;

/// <summary>Comparisons of batches that are of no chain.</summary>
public sealed class BatchComparisonTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Any_batches_are_compared_in_the_order_asked_with_percentiles_and_errors(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var first = await world.Seed.Batch(world.RecipeType, "first", b => b.JobsFailed = 3);
        var second = await world.Seed.Batch(world.RecipeType, "second");
        await world.Seed.Add(new BatchNodeRow { BatchId = first.Id, NodeName = "tile", JobDurationCount = 4, JobDurationSum = 100_000_000, JobDurationMin = 1_000_000, JobDurationMax = 60_000_000 });
        await world.Seed.Add(new BatchNodeRow { BatchId = second.Id, NodeName = "other" });
        await Bucket(world, first.Id, 10_000_000, 3);
        await Bucket(world, first.Id, 60_000_000, 1);
        var error = await world.Seed.Error("own-error", ErrorCategory.Data);
        var type = await world.Seed.JobType("cutter");
        await world.Seed.Job(type, JobStatus.Failed, j => (j.BatchId, j.ErrorId) = (first.Id, error.Id));
        await world.Seed.Job(type, JobStatus.Failed, j => (j.BatchId, j.ErrorId) = (first.Id, error.Id));
        await world.Seed.Job(type, JobStatus.Failed, j => j.BatchId = first.Id);
        await world.Seed.Job(type, JobStatus.Completed, j => (j.BatchId, j.ErrorId) = (second.Id, null));

        var shown = (await world.Api.Get($"/v6/batches/comparison/?batch_id={second.Id}&batch_id={first.Id}")).Expect(200);
        Assert.Equal([second.Id, first.Id], shown["batches"].EnumerateArray().Select(b => b.GetProperty("id").GetInt64()));
        var metrics = shown["metrics"];
        Assert.Equal("[0,3]", metrics.GetProperty("jobs_failed").GetRawText());
        Assert.Equal("""{"own-error":[0,2],"unknown":[0,1]}""", metrics.GetProperty("errors").GetRawText());
        var tile = metrics.GetProperty("job_metrics").GetProperty("tile");
        Assert.Equal("""[null,"PT10S"]""", tile.GetProperty("median_job_duration").GetRawText());

        // Buckets are told by their middle.
        Assert.Equal("""[null,"PT59S"]""", tile.GetProperty("p95_job_duration").GetRawText());
        Assert.Equal("[null,null]", tile.GetProperty("median_seed_duration").GetRawText());
        Assert.Equal("[null,0]", tile.GetProperty("jobs_total").GetRawText());

        var chain = (await world.Api.Get($"/v6/batches/comparison/{first.Id}/")).Expect(200)["metrics"];
        Assert.False(chain.TryGetProperty("errors", out _));
        Assert.False(chain.GetProperty("job_metrics").GetProperty("tile").TryGetProperty("median_job_duration", out _));
        Assert.Equal(
            (await world.Api.Get($"/v6/batches/comparison/?batch_id={first.Id}")).Expect(200).Text,
            (await world.Api.Get($"/v6/batches/comparison/{first.Id}/?extended=true")).Expect(200).Text);
        Assert.Equal(0, (await world.Api.Get("/v6/batches/comparison/77/?extended=true")).Expect(200)["batches"].GetArrayLength());
        (await world.Api.Get($"/v6/batches/comparison/{first.Id}/?extended=perhaps")).Expect(400);
        Assert.Equal("PT10S", (await world.Api.Get($"/v6/batches/{first.Id}/")).Expect(200)["job_metrics"].GetProperty("tile").GetProperty("median_job_duration").GetString());
    }

    [Theory]
    [InlineData("", "batch_id")]
    [InlineData("?batch_id=x", "batch_id")]
    [InlineData("?batch_id=1&batch_id=77", "77")]
    [InlineData("products/?batch_id=1", "two")]
    [InlineData("products/?batch_id=1&batch_id=1", "two")]
    [InlineData("products/?batch_id=1&batch_id=2&batch_id=3", "at most 2")]
    [InlineData("products/?batch_id=1&batch_id=77", "77")]
    [InlineData("products/?batch_id=1&batch_id=77&limit=0", "limit")]
    public async Task What_can_not_be_compared_is_refused(string query, string detail)
    {
        await using var world = await BatchWorld.Start();
        await world.Seed.Batch(world.RecipeType);
        Assert.Contains(detail, (await world.Api.Get("/v6/batches/comparison/" + query)).Expect(400).Detail);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Products_are_compared_recipe_by_recipe_and_node_by_node(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var (before, after) = ((await world.Seed.Batch(world.RecipeType)).Id, (await world.Seed.Batch(world.RecipeType)).Id);
        var type = await world.Seed.JobType("cutter");

        // Of one family: one product is the same, one differs, one goes, one comes, and of one nobody knows.
        var old = await Recipe(world, before, r => (r.FamilyId, r.Input) = (500, "{}"));
        var replaced = await Recipe(world, after, r => (r.FamilyId, r.Input) = (500, "{}"));
        await Products(world, type.Id, old, "tile", ("same.tif", "c1", 1), ("other.tif", "c2", 1), ("gone.tif", "c3", 1), ("unsure.tif", null, 5));
        await Products(world, type.Id, replaced, "tile", ("same.tif", "c1", 1), ("other.tif", "c9", 1), ("came.tif", "c4", 1), ("unsure.tif", "c5", 5));

        // Of the same input: matched although of two families.
        var left = await Recipe(world, before, r => r.Input = """{"files":{"SCENE":[1]},"json":{}}""");
        var right = await Recipe(world, after, r => r.Input = """{"files":{"SCENE":[1]},"json":{}}""");
        await Products(world, type.Id, left, "cut", ("a.tif", null, 5));
        await Products(world, type.Id, right, "cut", ("a.tif", null, 6));

        // Without a match on the other side.
        await Products(world, type.Id, await Recipe(world, after, r => r.Input = """{"files":{"SCENE":[2]},"json":{}}"""), "cut", ("b.tif", "c", 1));

        var shown = (await world.Api.Get($"/v6/batches/comparison/products/?batch_id={before}&batch_id={after}")).Expect(200);
        Assert.Equal((2, true), (shown["recipes_compared"].GetInt32(), shown["is_complete"].GetBoolean()));
        Assert.Equal("""{"added":1,"removed":1,"same_bytes":1,"different_bytes":1,"unknown":1}""", shown["nodes"].GetProperty("tile").GetRawText());
        Assert.Equal("""{"added":1,"removed":0,"same_bytes":0,"different_bytes":1,"unknown":0}""", shown["nodes"].GetProperty("cut").GetRawText());

        var part = (await world.Api.Get($"/v6/batches/comparison/products/?batch_id={before}&batch_id={after}&limit=2")).Expect(200);
        Assert.Equal((1, false), (part["recipes_compared"].GetInt32(), part["is_complete"].GetBoolean()));
    }

    private static Task<BatchDurationRow> Bucket(BatchWorld world, long batchId, long microseconds, int jobs) =>
        world.Seed.Add(new BatchDurationRow { BatchId = batchId, NodeName = "tile", Kind = (short)DurationKind.Job, Bucket = DurationBuckets.Of(microseconds), Jobs = jobs });

    private static async Task<long> Recipe(BatchWorld world, long batchId, Action<RecipeRow> change) => (await world.Seed.Recipe(world.RecipeType, r =>
    {
        r.BatchId = batchId;
        change(r);
    })).Id;

    private static async Task Products(BatchWorld world, long jobTypeId, long recipeId, string node, params (string Name, string? Checksum, long Size)[] products)
    {
        var jobId = 1000 + recipeId;
        await world.Seed.Add(new RecipeNodeRow { RecipeId = recipeId, NodeName = node, JobId = jobId, IsOriginal = true });
        foreach (var (name, checksum, size) in products)
        {
            await world.Seed.File(name, change: f => (f.FileType, f.JobId, f.JobTypeId, f.JobOutput, f.Checksum, f.FileSize) = (FileType.Product, jobId, jobTypeId, "TILES", checksum, size));
        }
    }
}
