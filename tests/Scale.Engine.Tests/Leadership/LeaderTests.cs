using Scale.Engine.Commands;
using Scale.Engine.Executions;
using Scale.Engine.Leadership;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Leadership;

public sealed class LeaderTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_queued_job_runs_and_its_product_is_stored(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await world.AddJobType("work");
        var job = await world.AddJob(type, await world.AddFile());

        Assert.Equal([job], await world.Queue(job));
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
        await world.AssertSound();

        world.Clock.Advance(TimeSpan.FromSeconds(5));
        await world.End(job, ExecutionOutcome.Completed);
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        Assert.Equal(1, await world.Value<long>("SELECT count(*) FROM file WHERE job_id = @job AND is_published = TRUE", ("job", job)));
        Assert.Single(world.Cluster.Settled);
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_new_leader_adopts_what_runs_and_fails_nothing(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));

        await world.Restart();
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
        Assert.Single(world.Cluster.Launched);

        await world.End(job, ExecutionOutcome.Completed);
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_execution_that_ended_while_nobody_led_is_collected(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        world.Cluster.End(world.Cluster.LiveOf(job), ExecutionOutcome.Completed, isReported: false);

        await world.Restart();
        await world.Settle();
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        await world.AssertSound();
    }

    [Fact]
    public async Task What_the_cluster_no_longer_knows_after_a_restart_is_lost_by_the_scheduler_and_tried_again()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        world.Cluster.Forget(world.Cluster.LiveOf(job));

        await world.Restart();
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
        Assert.Equal(2, await world.Value<int>("SELECT num_exes FROM job WHERE id = @id", ("id", job)));
        Assert.Equal("scheduler-lost", await world.Value<string>("SELECT e.name FROM job_exe x JOIN error e ON e.id = x.error_id WHERE x.job_id = @id AND x.exe_num = 1", ("id", job)));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_leader_whose_epoch_is_over_writes_nothing(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        var job = await world.AddJob(type);
        var next = await LeaderLease.Raise(world.Database, world.Clock, "other", CancellationToken.None);

        Assert.True(next.Epoch > world.Lease!.Epoch);
        await Assert.ThrowsAsync<LeadershipLostException>(() => world.Queue(job));
        Assert.Equal(JobStatus.Pending, await world.Status(job));
    }

    [Fact]
    public async Task One_report_that_cannot_be_written_fails_its_own_execution_only()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await world.AddJobType("work", Manifests.NoInput("work"), maxTries: 1);
        long[] jobs = [await world.RunningJob(type), await world.RunningJob(type), await world.RunningJob(type)];
        world.Cluster.Outputs = spec => spec.Key.JobId == jobs[1]
            ? CapturedOutputs.None with { Files = [ScriptedCluster.FileOf(spec, "OUT", null!)] }
            : CapturedOutputs.None with { Files = [ScriptedCluster.FileOf(spec, "OUT", "out.tif")] };
        foreach (var job in jobs)
        {
            world.Cluster.End(world.Cluster.LiveOf(job), ExecutionOutcome.Completed);
        }

        for (var failures = 0; failures < 4; failures++)
        {
            await Assert.ThrowsAnyAsync<Exception>(world.Settle);
            await world.StartAgain();
        }

        await world.Settle();
        Assert.Equal(JobStatus.Completed, await world.Status(jobs[0]));
        Assert.Equal(JobStatus.Failed, await world.Status(jobs[1]));
        Assert.Equal("database-operation", await world.ErrorOf(jobs[1]));
        Assert.Equal(JobStatus.Completed, await world.Status(jobs[2]));
        await world.AssertSound();
    }

    [Fact]
    public async Task A_database_that_fails_for_a_moment_costs_no_result()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        world.Cluster.End(world.Cluster.LiveOf(job), ExecutionOutcome.Completed);
        var until = 10;
        world.Database.BeforeStatement = () =>
        {
            if (--until == 0)
            {
                throw new InvalidOperationException("the disk is full");
            }
        };
        await Assert.ThrowsAsync<InvalidOperationException>(world.Settle);

        await world.StartAgain();
        await world.Settle();
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        Assert.Single(world.Cluster.Launched);
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_step_that_failed_at_any_statement_is_made_up_for(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await world.AddJobType("work", Manifests.NoInput("work"), maxScheduled: 1);
        var isFailed = true;
        for (var at = 1; isFailed; at++)
        {
            var (first, next) = (await world.AddJob(type), await world.AddJob(type));
            await world.Queue(first, next);
            await world.Settle();
            world.Cluster.End(world.Cluster.LiveOf(first), ExecutionOutcome.Completed);
            var statements = 0;
            world.Database.BeforeStatement = () =>
            {
                if (++statements == at)
                {
                    throw new InvalidOperationException("the disk is full");
                }
            };
            var failure = await Record.ExceptionAsync(() => world.Leader.Step(CancellationToken.None));
            world.Database.BeforeStatement = null;
            if (failure is not null)
            {
                await world.StartAgain();
            }

            await world.Settle();
            Assert.Equal((JobStatus.Completed, JobStatus.Running), (await world.Status(first), await world.Status(next)));
            await world.AssertSound();
            world.Cluster.End(world.Cluster.LiveOf(next), ExecutionOutcome.Completed);
            await world.Settle();
            isFailed = statements >= at;
        }
    }

    [Fact]
    public async Task What_waits_for_an_end_starts_in_the_same_transaction()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await world.AddJobType("work", Manifests.NoInput("work"), maxScheduled: 1);
        var (first, next) = (await world.AddJob(type), await world.AddJob(type));
        await world.Queue(first, next);
        await world.Settle();
        world.Clock.Advance(TimeSpan.FromSeconds(3));
        world.Cluster.End(world.Cluster.LiveOf(first), ExecutionOutcome.Completed);
        await world.Leader.Step(CancellationToken.None);
        Assert.Equal(JobStatus.Running, await world.Status(next));
        Assert.Equal(
            await world.Value<long>("SELECT last_status_change FROM job WHERE id = @id", ("id", first)),
            await world.Value<long>("SELECT last_status_change FROM job WHERE id = @id", ("id", next)));
    }

    [Fact]
    public async Task An_idle_leader_says_when_to_look_again()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        await world.Settle();
        Assert.True(world.Leader.NextLook > world.Clock.Now.AddSeconds(5));

        await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        Assert.True(world.Leader.NextLook <= world.Clock.Now.AddSeconds(2));
    }

    [Fact]
    public async Task Only_a_step_that_moves_few_executions_leaves_time_to_collect_more()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        Assert.True(world.Leader.WasSmallStep);
        world.Cluster.End(world.Cluster.LiveOf(job), ExecutionOutcome.Completed, isReported: true);
        Assert.True(await world.Leader.Step(CancellationToken.None));
        Assert.True(world.Leader.WasSmallStep);

        await world.Write(session => CommandLog.Append(session, "unknown", [], world.Clock.Now));
        Assert.True(await world.Leader.Step(CancellationToken.None));
        Assert.False(world.Leader.WasSmallStep);
    }
}
