using Scale.Engine.Executions;
using Scale.Engine.Scheduling;
using Scale.Engine.Tests.Leadership;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Scheduling;

/// <summary>Timeouts, lost reports and nodes out of use (jobs-and-queue.md §13.4, scheduler-and-system.md §10).</summary>
public sealed class ExecutionWatchTests
{
    private static readonly TimeSpan Overdue = ExecutionDeadline.Staging + TimeSpan.FromSeconds(61);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_overdue_execution_fails_at_once_and_its_job_when_the_kill_is_confirmed(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Pass(Overdue);
        var decided = world.Clock.Now;
        Assert.Equal(JobStatus.Running, await world.Status(job));
        Assert.Equal(ExecutionStatus.Failed, await world.ExecutionStatus(job, 1));
        Assert.Single(world.Cluster.Killed);
        await world.AssertSound();

        await world.Pass(TimeSpan.FromSeconds(7));
        await world.End(job, ExecutionOutcome.Killed);
        Assert.Equal(JobStatus.Failed, await world.Status(job));
        Assert.Equal("timeout", await world.ErrorOf(job));
        Assert.Equal(
            [(decided, world.Clock.Now)],
            await world.Values("SELECT x.ended, j.ended FROM job_exe x JOIN job j ON j.id = x.job_id", r => (r.Moment(0), r.Moment(1))));
        await world.AssertSound();
    }

    [Theory]
    [InlineData(ExecutionOutcome.Completed)]
    [InlineData(ExecutionOutcome.Failed)]
    [InlineData(ExecutionOutcome.Lost)]
    public async Task A_decided_end_stays_whatever_is_reported_later(ExecutionOutcome later)
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Pass(Overdue);
        await world.End(job, later, later == ExecutionOutcome.Failed ? "filesystem-io" : null);
        Assert.Equal(JobStatus.Failed, await world.Status(job));
        Assert.Equal("timeout", await world.ErrorOf(job));
        Assert.Equal(0, await world.Value<int>("SELECT count(*) FROM file"));
        await world.AssertSound();
    }

    [Fact]
    public async Task A_decided_end_survives_the_leader()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Pass(Overdue);
        world.Cluster.Killed.Clear();
        await world.Restart();
        Assert.Single(world.Cluster.Killed);
        await world.End(job, ExecutionOutcome.Killed);
        Assert.Equal("timeout", await world.ErrorOf(job));
    }

    [Fact]
    public async Task A_kill_is_asked_for_again_until_it_is_confirmed()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Cancel(job);
        await world.Settle();
        world.Cluster.Killed.Clear();
        await world.Pass(TimeSpan.FromSeconds(31));
        Assert.Single(world.Cluster.Killed);
    }

    [Fact]
    public async Task A_lost_report_is_asked_for()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        world.Cluster.End(world.Cluster.LiveOf(job), ExecutionOutcome.Completed, isReported: false);
        await world.Pass(TimeSpan.FromMinutes(11));
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        await world.AssertSound();
    }

    [Fact]
    public async Task An_execution_that_vanished_is_lost_with_its_node_and_tried_again()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        world.Cluster.Forget(world.Cluster.LiveOf(job));
        await world.Pass(TimeSpan.FromMinutes(11));
        Assert.Equal(2, world.Cluster.LiveOf(job).ExeNum);
        Assert.Equal("node-lost", await world.Value<string>("SELECT e.name FROM job_exe x JOIN error e ON e.id = x.error_id"));
        await world.AssertSound();
    }

    [Fact]
    public async Task Executions_on_a_node_that_is_taken_out_of_use_are_lost()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work"), maxTries: 1));
        await world.Write(s => s.Execute("UPDATE node SET is_active = FALSE"));
        await world.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(JobStatus.Failed, await world.Status(job));
        Assert.Equal("node-lost", await world.ErrorOf(job));
        await world.AssertSound();
    }
}
