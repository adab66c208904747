using Scale.Engine.Executions;
using Scale.Engine.Tests.Leadership;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Jobs;

/// <summary>Superseding and what jobs do meanwhile (jobs-and-queue.md §13.7, §13.8).</summary>
public sealed class SupersededJobTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_running_job_that_is_superseded_is_canceled_and_its_execution_ended(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await Supersede(world, job, isCanceled: true);
        await world.Settle();
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Equal(world.Cluster.LiveOf(job), Assert.Single(world.Cluster.Killed));

        await world.End(job, ExecutionOutcome.Completed);
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Equal(0, await world.Value<int>("SELECT count(*) FROM file"));
        Assert.Empty(await world.Requeue(null, isNamed: true, job));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_superseded_job_that_fails_is_not_tried_again(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await Supersede(world, job, isCanceled: false);
        await world.End(job, ExecutionOutcome.Failed, "filesystem-io");
        Assert.Equal(JobStatus.Failed, await world.Status(job));
        Assert.Equal(1, await world.Value<int>("SELECT num_exes FROM job"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_superseded_job_that_was_not_started_is_canceled(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await Supersede(world, job, isCanceled: false);
        await world.End(job, ExecutionOutcome.NotStarted);
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Equal(1, await world.Value<int>("SELECT num_exes FROM job"));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_superseded_job_that_completes_first_stays_completed_and_unpublished(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await Supersede(world, job, isCanceled: false);
        await world.End(job, ExecutionOutcome.Completed);
        Assert.Empty(await world.Cancel(job));
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        Assert.Equal([false], await world.Values("SELECT is_published FROM file", r => r.GetBoolean(0)));
    }

    private static Task Supersede(EngineWorld world, long job, bool isCanceled) => world.Act(async transaction =>
    {
        await RecipeJobWrites.Supersede(transaction.Session, [job], transaction.Now);
        if (isCanceled)
        {
            await world.Transitions.Cancel(transaction, [job]);
        }

        return 0;
    });
}
