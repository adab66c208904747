using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Model.Jobs;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Batches;

/// <summary>Orders to batches, their state and their items over HTTP.</summary>
public sealed class BatchControlTests
{
    [Theory]
    [InlineData("cancel", "cancel-batch", "canceling")]
    [InlineData("pause", "hold-batch", "paused")]
    public async Task An_order_is_accepted_and_left_to_the_leader(string order, string command, string state)
    {
        await using var world = await BatchWorld.Start();
        var id = (await world.Make(new { dataset = world.DatasetId })).Expect(201)["id"].GetInt64();
        var answer = (await world.Api.Post($"/v6/batches/{id}/{order}/")).Expect(202);
        Assert.Equal((id, state), (answer["id"].GetInt64(), answer["state"].GetString()));
        (await world.Api.Post($"/v6/batches/{id}/{order}")).Expect(202);
        Assert.Equal(["create-batch-recipes", command], await Commands(world));
        Assert.Equal(state, (await world.Api.Get("/v6/batches/")).Expect(200).Results.Single().GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_pause_is_lifted_and_failed_jobs_are_tried_again()
    {
        await using var world = await BatchWorld.Start();
        var batch = await world.Seed.Batch(world.RecipeType, "b", b => b.JobsFailed = 1);
        (await world.Api.Post($"/v6/batches/{batch.Id}/resume/")).Expect(202);
        Assert.Empty(await Commands(world));
        (await world.Api.Post($"/v6/batches/{batch.Id}/pause/")).Expect(202);
        (await world.Api.Post($"/v6/batches/{batch.Id}/resume/")).Expect(202);
        (await world.Api.Post($"/v6/batches/{batch.Id}/retry-failed/")).Expect(202);
        Assert.Equal(["hold-batch", "hold-batch", "retry-failed-jobs"], await Commands(world));
    }

    [Theory]
    [InlineData("cancel", 202)]
    [InlineData("pause", 409)]
    [InlineData("resume", 409)]
    [InlineData("retry-failed", 409)]
    public async Task A_canceled_batch_stays_so(string order, int status)
    {
        await using var world = await BatchWorld.Start();
        var batch = await world.Seed.Batch(world.RecipeType, "b", b => (b.IsCanceled, b.IsCreationDone) = (true, true));
        (await world.Api.Post($"/v6/batches/{batch.Id}/{order}/")).Expect(status);
        Assert.Empty(await Commands(world));
        Assert.Equal("canceled", (await world.Api.Get($"/v6/batches/{batch.Id}/")).Expect(200)["state"].GetString());
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("retry-failed")]
    public async Task Orders_need_staff_and_a_batch(string order)
    {
        await using var world = await BatchWorld.Start();
        var batch = await world.Seed.Batch(world.RecipeType);
        (await world.Api.Post($"/v6/batches/77/{order}/")).Expect(404);
        (await world.Api.Get($"/v6/batches/{batch.Id}/{order}/")).Expect(405);
        var client = world.Api.CreateClient(await world.Api.AddAccount("reader"));
        (await world.Api.Send(HttpMethod.Post, $"/v6/batches/{batch.Id}/{order}/", null, client)).Expect(403);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_queued_job_of_a_paused_batch_says_what_it_waits_for(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var type = await world.Seed.JobType("cutter");
        var batch = await world.Seed.Batch(world.RecipeType, "b", b => b.IsPaused = true);
        var job = await world.Seed.Job(type, JobStatus.Queued, j => (j.BatchId, j.NumExes) = (batch.Id, 1));
        await world.Seed.Run("INSERT INTO queue_class (id, job_type_id, priority, resources) VALUES (5, @type, 10, '{}')", ("type", type.Id));
        await world.Seed.Run("INSERT INTO queue (job_id, exe_num, class_id, timeout, queued) VALUES (@job, 1, -5, 60, 0)", ("job", job.Id));
        Assert.Equal("BATCH_PAUSED", (await world.Api.Get($"/v6/jobs/{job.Id}/")).Expect(200)["waiting_reason"].GetProperty("reason").GetString());
        var waiting = Assert.Single((await world.Api.Get("/v6/queue/status/")).Expect(200).Results);
        Assert.Equal((1, """{"BATCH_PAUSED":1}"""), (waiting.GetProperty("count").GetInt32(), waiting.GetProperty("waiting_reasons").GetRawText()));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task State_progress_and_the_time_left_are_told(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var first = await world.Seed.Batch(world.RecipeType, "first", b =>
        {
            (b.IsCreationDone, b.RecipesTotal, b.RecipesCompleted, b.JobsTotal, b.JobsCompleted) = (true, 2, 2, 2, 2);
        });
        await world.Seed.Add(new BatchNodeRow { BatchId = first.Id, NodeName = "tile", JobsTotal = 2, JobsCompleted = 2, JobDurationCount = 2, JobDurationSum = 20_000_000, JobDurationMin = 10_000_000, JobDurationMax = 10_000_000 });
        var second = await world.Seed.Batch(world.RecipeType, "second", b =>
        {
            (b.RootBatchId, b.SupersededBatchId, b.IsCreationDone, b.RecipesTotal, b.JobsTotal, b.JobsQueued, b.JobsRunning) = (first.Id, first.Id, true, 4, 4, 3, 1);
        });
        await world.Seed.Add(new BatchNodeRow { BatchId = second.Id, NodeName = "tile", JobsTotal = 4, JobsQueued = 3, JobsRunning = 1 });

        var done = (await world.Api.Get($"/v6/batches/{first.Id}/")).Expect(200);
        Assert.Equal(("completed", 1d, JsonValueKind.Null), (done["state"].GetString(), done["progress"].GetDouble(), done["time_left"].ValueKind));
        var going = (await world.Api.Get($"/v6/batches/{second.Id}/")).Expect(200);
        Assert.Equal(("running", 0d, "PT35S"), (going["state"].GetString(), going["progress"].GetDouble(), going["time_left"].GetString()));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Items_tell_what_was_made_of_them_or_why_nothing(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var batch = await world.Seed.Batch(world.RecipeType);
        var other = await world.Seed.Batch(world.RecipeType);
        await world.Seed.Add(new BatchItemRow { BatchId = batch.Id, Kind = (short)BatchItemKind.RecipeFamily, SourceId = 9, State = (short)BatchItemState.Failed, Error = "It is a sub-recipe." });
        await world.Seed.Add(new BatchItemRow { BatchId = batch.Id, Kind = (short)BatchItemKind.DatasetMember, SourceId = 3, State = (short)BatchItemState.Created, RecipeId = 12 });
        await world.Seed.Add(new BatchItemRow { BatchId = batch.Id, Kind = (short)BatchItemKind.DatasetMember, SourceId = 2, State = (short)BatchItemState.Covered });
        await world.Seed.Add(new BatchItemRow { BatchId = batch.Id, Kind = (short)BatchItemKind.SourceFile, SourceId = 5, State = (short)BatchItemState.Created, RecipeId = 13 });
        await world.Seed.Add(new BatchItemRow { BatchId = other.Id, Kind = (short)BatchItemKind.DatasetMember, SourceId = 3, State = (short)BatchItemState.Created, RecipeId = 14 });

        var all = (await world.Api.Get($"/v6/batches/{batch.Id}/items/")).Expect(200);
        Assert.Equal(4, all["count"].GetInt32());
        Assert.Equal(["dataset_member 2", "dataset_member 3", "recipe 9", "file 5"], all.Results.Select(i => $"{i.GetProperty("kind").GetString()} {i.GetProperty("source").GetProperty("id").GetInt64()}"));
        Assert.Equal((12, JsonValueKind.Null), (all.Results[1].GetProperty("recipe").GetProperty("id").GetInt64(), all.Results[1].GetProperty("error").ValueKind));
        var failed = Assert.Single((await world.Api.Get($"/v6/batches/{batch.Id}/items/?state=FAILED")).Expect(200).Results);
        Assert.Equal(("FAILED", "It is a sub-recipe.", JsonValueKind.Null), (failed.GetProperty("state").GetString(), failed.GetProperty("error").GetString(), failed.GetProperty("recipe").ValueKind));
        Assert.Equal(3, (await world.Api.Get($"/v6/batches/{batch.Id}/items/?state=CREATED&state=COVERED")).Expect(200)["count"].GetInt32());
        Assert.Contains("/v6/batches/", (await world.Api.Get($"/v6/batches/{batch.Id}/items/?page_size=3")).Expect(200)["next"].GetString());
        (await world.Api.Get($"/v6/batches/{batch.Id}/items/?state=x")).Expect(400);
        (await world.Api.Get("/v6/batches/77/items/")).Expect(404);
    }

    private static async Task<List<string>> Commands(BatchWorld world)
    {
        await using var session = await world.Api.Database.Read();
        return await session.Query("SELECT kind FROM command ORDER BY id", r => r.GetString(0));
    }
}
