using System.Text.Json;
using Scale.Engine.Batches;
using Scale.Engine.Commands;
using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.Recipes;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Batches;

/// <summary>Orders to whole batches, carried out by a whole leader.</summary>
public sealed class BatchControlTests
{
    private const long Room = 4;

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_paused_batch_starts_nothing_more_while_others_go_on(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await AddChain(world);
        var paused = await AddBatch(world, type, 6);
        await world.Settle();
        Assert.Equal(Room, await Count(world, paused, JobStatus.Running));

        Assert.Equal(BatchControlResult.Accepted, await Order(world, BatchControl.Pause, paused));
        var other = await AddBatch(world, type, 2);
        await EndAll(world, ExecutionOutcome.Completed);
        Assert.Equal(0, await Count(world, paused, JobStatus.Running));
        Assert.Equal(2, await Count(world, other, JobStatus.Running));

        // Jobs that became ready meanwhile are held too, and a new leader holds them as the old one did.
        Assert.Equal(6, await Count(world, paused, JobStatus.Queued));
        await world.Restart();
        await world.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(0, await Count(world, paused, JobStatus.Running));
        await world.AssertSound();

        await Order(world, BatchControl.Resume, paused);
        Assert.Equal(2, await Count(world, paused, JobStatus.Running));
        await RunToEnd(world);
        Assert.Equal(18, await Count(world, paused, JobStatus.Completed));
        await world.AssertSound();
    }

    /// <summary>On PostgreSQL by several transactions.</summary>
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_batch_is_canceled_slice_by_slice(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var batch = await AddBatch(world, await AddChain(world), 7);
        await world.Settle();
        var handler = new CancelBatch(new BulkCancel(world.Transitions, world.Evaluation)) { SliceSize = 6 };
        var (slice, slices) = (new CommandSlice(false, []), 0);
        while (!slice.IsDone)
        {
            var progress = JsonElement.Parse(slice.Progress.ToJsonString());
            slice = await world.Act(transaction => handler.RunSlice(
                transaction, new Command(1, handler.Kind, JsonElement.Parse($$"""{"batch_id":{{batch}}}"""), progress, world.Clock.Now), CancellationToken.None));
            slices++;
        }

        await world.Settle();
        Assert.True(slices > 3, $"only {slices} slices");
        Assert.Equal(21, await Count(world, batch, JobStatus.Canceled));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_come_back_to_their_place_in_the_queue(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await AddChain(world);
        world.Cluster.Nodes[0] = world.Cluster.Nodes[0] with { Resources = Model.Scheduling.Resources.Of(cpus: 1, mem: 8_192, disk: 100_000) };
        await world.Pass(TimeSpan.FromMinutes(1));
        var running = await AddBatch(world, type, 1);
        await world.Settle();
        Assert.Equal(1, await Count(world, running, JobStatus.Running));
        var early = await AddBatch(world, type, 1);
        await world.Settle();
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        var late = await AddBatch(world, type, 1);
        await world.Settle();
        await Order(world, BatchControl.Pause, early);
        await Order(world, BatchControl.Pause, running);
        await Order(world, BatchControl.Resume, early);
        await EndAll(world, ExecutionOutcome.Completed);
        Assert.Equal((1, 0), (await Count(world, early, JobStatus.Running), await Count(world, late, JobStatus.Running)));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_of_a_paused_batch_that_fails_is_tried_again_only_after_the_pause(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var batch = await AddBatch(world, await AddChain(world), 1);
        await world.Settle();
        await Order(world, BatchControl.Pause, batch);
        await EndAll(world, ExecutionOutcome.Failed, "filesystem-io");
        Assert.Equal((1, 0), (await Count(world, batch, JobStatus.Queued), await Count(world, batch, JobStatus.Running)));
        await Order(world, BatchControl.Pause, batch);
        await Order(world, BatchControl.Resume, batch);
        Assert.Equal(1, await Count(world, batch, JobStatus.Running));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Canceling_ends_the_creation_and_every_open_job_and_keeps_what_ended(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await AddChain(world);
        var batch = await AddBatch(world, type, 6);
        await world.Settle();
        await EndAll(world, ExecutionOutcome.Completed);
        Assert.Equal(BatchControlResult.Accepted, await Order(world, BatchControl.Cancel, batch));
        Assert.Equal((4, 14), (await Count(world, batch, JobStatus.Completed), await Count(world, batch, JobStatus.Canceled)));
        Assert.Empty(world.Cluster.Live);
        Assert.Equal(0, await world.Value<long>("SELECT count(*) FROM queue"));
        await world.AssertSound();

        Assert.Equal(BatchControlResult.Accepted, await Order(world, BatchControl.Cancel, batch));
        Assert.Equal(BatchControlResult.IsCanceled, await Order(world, BatchControl.Pause, batch));
        Assert.Equal(BatchControlResult.IsCanceled, await Order(world, BatchControl.Resume, batch));
        Assert.Equal(BatchControlResult.IsCanceled, await Order(world, BatchControl.RetryFailed, batch));
        Assert.Equal(0, await world.Value<long>("SELECT count(*) FROM command WHERE state <> 1"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_batch_that_is_canceled_before_it_began_makes_nothing_and_can_be_followed(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var batch = await AddBatch(world, await AddChain(world), 3);
        await Order(world, BatchControl.Cancel, batch);
        Assert.Equal(1, await world.Value<long>("SELECT count(*) FROM batch WHERE is_creation_done = TRUE AND recipes_total = 0 AND id = @id", ("id", batch)));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_paused_batch_that_is_canceled_holds_nothing_any_more(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var batch = await AddBatch(world, await AddChain(world), 6);
        await world.Settle();
        await Order(world, BatchControl.Pause, batch);
        await Order(world, BatchControl.Cancel, batch);
        Assert.Equal(18, await Count(world, batch, JobStatus.Canceled));
        await world.AssertSound();
        var job = await world.Value<long>("SELECT min(id) FROM job WHERE batch_id = @id", ("id", batch));
        await world.Requeue(null, true, job);
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Failed_jobs_are_tried_again_once_and_unblock_those_behind_them(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await AddChain(world);
        var batch = await AddBatch(world, type, 3);
        var other = await AddBatch(world, type, 1);
        await world.Settle();
        await EndAll(world, ExecutionOutcome.Failed, "algorithm-unknown");
        Assert.Equal((3, 6, 1), (await Count(world, batch, JobStatus.Failed), await Count(world, batch, JobStatus.Blocked), await Count(world, other, JobStatus.Failed)));

        await Order(world, BatchControl.RetryFailed, batch);
        Assert.Equal((3, 6, 1), (await Count(world, batch, JobStatus.Running), await Count(world, batch, JobStatus.Pending), await Count(world, other, JobStatus.Failed)));
        await EndAll(world, ExecutionOutcome.Failed, "algorithm-unknown");
        Assert.Equal(3, await Count(world, batch, JobStatus.Failed));
        await Order(world, BatchControl.RetryFailed, batch);
        await RunToEnd(world);
        Assert.Equal(9, await Count(world, batch, JobStatus.Completed));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Failed_jobs_that_a_batch_shares_with_the_one_before_are_tried_again_too(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await AddChain(world);
        var first = await AddBatch(world, type, 2);
        await world.Settle();
        await EndAll(world, ExecutionOutcome.Failed, "algorithm-unknown");
        var request = BatchWorld.Request(type, BatchWorld.OfPrevious(first));
        var (second, verdict) = await world.Write(session => new BatchCreation(new RecipeTypeCatalog()).Create(session, request, world.Clock.Now));
        Assert.Empty(verdict.Errors);
        await world.Settle();
        Assert.Equal(2, await world.Value<long>("SELECT jobs_failed FROM batch WHERE id = @id", ("id", second)));
        await Order(world, BatchControl.RetryFailed, second!.Value);
        Assert.Equal(2, await Count(world, first, JobStatus.Running));
        await RunToEnd(world);
        Assert.Equal(2, await world.Value<long>("SELECT recipes_completed FROM batch WHERE id = @id", ("id", second)));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_item_that_always_breaks_its_slice_is_left_out_and_the_others_are_made(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var batch = await AddBatch(world, await AddChain(world), 5);
        var broken = await world.Value<long>("SELECT max(id) - 2 FROM dataset_member");
        await world.Write(s => s.Execute("UPDATE dataset_member SET data = 'no json' WHERE id = @id", ("id", broken)));
        for (var passes = 0; passes < 20 && await world.Value<long>("SELECT count(*) FROM batch WHERE is_creation_done = FALSE") > 0; passes++)
        {
            await world.Pass(TimeSpan.FromMinutes(5));
        }

        Assert.Equal((4, 1), (await world.Value<int>("SELECT items_created FROM batch"), await world.Value<int>("SELECT items_failed FROM batch")));
        Assert.Equal($"{broken}", await world.Value<string>("SELECT source_id FROM batch_item WHERE state = 2 AND batch_id = @batch AND error LIKE 'It could not be made: _%'", ("batch", batch)));
        Assert.Equal(1, await world.Value<int>("SELECT state FROM command WHERE kind = 'create-batch-recipes'"));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Orders_to_no_batch_are_told_apart(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        foreach (var order in new Func<Session, long, DateTime, Task<BatchControlResult>>[] { BatchControl.Pause, BatchControl.Resume, BatchControl.Cancel, BatchControl.RetryFailed })
        {
            Assert.Equal(BatchControlResult.NotFound, await Order(world, order, 77));
        }

        Assert.Equal(0, await world.Value<long>("SELECT count(*) FROM command"));
    }

    private static async Task<long> AddChain(EngineWorld world)
    {
        await world.AddJobType("work", Manifests.Needing("work", ("cpus", 1)));
        return await world.Write(async session =>
        {
            var definition = Definitions.Definition(Definitions.SceneInput,
                Definitions.Node("a", Definitions.Job("work")), Definitions.Node("b", Definitions.Job("work"), "a"), Definitions.Node("c", Definitions.Job("work"), "b"));
            var id = await session.Insert("recipe_type", ("name", "chain"), ("title", "chain"), ("definition", definition), ("revision_id", 0L), ("revision_num", 1), ("created", 0L), ("last_modified", 0L));
            var revision = await session.Insert("recipe_type_revision", ("recipe_type_id", id), ("revision_num", 1), ("definition", definition), ("created", 0L));
            await session.Execute("UPDATE recipe_type SET revision_id = @revision WHERE id = @id", ("revision", revision), ("id", id));
            return id;
        });
    }

    private static async Task<long> AddBatch(EngineWorld world, long recipeTypeId, int members)
    {
        var file = await world.AddFile();
        var dataset = await world.Write(session => session.Insert("dataset", ("definition", BatchWorld.Scenes), ("member_count", (long)members), ("created", 0L)));
        await world.Write(async session =>
        {
            for (var i = 0; i < members; i++)
            {
                await session.Insert("dataset_member", ("dataset_id", dataset), ("data", EngineWorld.Files("SCENE", file).ToText()), ("file_ids", $"[{file}]"), ("created", 0L));
            }

            return 0;
        });
        var request = BatchWorld.Request(recipeTypeId, BatchWorld.OfDataset(dataset, ",\"supersedes\":false"));
        var (id, verdict) = await world.Write(session => new BatchCreation(new RecipeTypeCatalog()).Create(session, request, world.Clock.Now));
        Assert.Empty(verdict.Errors);
        return id!.Value;
    }

    private static async Task<BatchControlResult> Order(EngineWorld world, Func<Session, long, DateTime, Task<BatchControlResult>> order, long batchId)
    {
        var result = await world.Write(session => order(session, batchId, world.Clock.Now));
        await world.Settle();
        return result;
    }

    /// <summary>Ends what runs now.</summary>
    private static async Task EndAll(EngineWorld world, ExecutionOutcome outcome, string? error = null)
    {
        foreach (var key in world.Cluster.Live.Keys.ToList())
        {
            world.Cluster.End(key, outcome, error);
        }

        await world.Settle();
    }

    private static async Task RunToEnd(EngineWorld world)
    {
        while (world.Cluster.Live.Count > 0)
        {
            await EndAll(world, ExecutionOutcome.Completed);
        }
    }

    private static Task<long> Count(EngineWorld world, long batchId, JobStatus status) =>
        world.Value<long>("SELECT count(*) FROM job WHERE batch_id = @batch AND status = @status", ("batch", batchId), ("status", status));
}
