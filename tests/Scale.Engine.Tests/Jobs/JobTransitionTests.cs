using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.Tests.Leadership;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Jobs;

/// <summary>The state machine and its races (jobs-and-queue.md §13.1, §13.5-§13.7).</summary>
public sealed class JobTransitionTests
{
    private const string Paused = "UPDATE scheduler SET is_paused = TRUE";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Queueing_pins_priority_resources_and_timeout(Provider provider)
    {
        await using var world = await PausedWorld(provider);
        var type = await world.AddJobType("work", Manifests.Needing("work", ("cpus", 2), ("mem", 64)), priority: 7);
        var job = await world.AddJob(type);
        await world.Queue(job);

        var row = await world.Values(
            "SELECT q.exe_num, q.timeout, c.priority, c.resources FROM queue q JOIN queue_class c ON c.id = q.class_id WHERE q.job_id = @id",
            r => (r.GetInt32(0), r.GetInt32(1), r.GetInt32(2), r.GetString(3)), ("id", job));
        Assert.Equal([(1, 60, 7, """{"cpus":2,"mem":128}""")], row);
        Assert.Equal(1, await world.Value<int>("SELECT num_exes FROM job WHERE id = @id", ("id", job)));
        await world.AssertSound();
    }

    [Theory]
    [InlineData(3, 40, 20, 3)]
    [InlineData(null, 40, 20, 40)]
    [InlineData(0, 40, 20, 40)]
    [InlineData(null, null, 20, 20)]
    [InlineData(null, null, null, 100)]
    public async Task Priority_comes_from_the_request_then_the_batch_then_the_configuration(int? asked, int? batch, int? configured, int expected)
    {
        await using var world = await PausedWorld(Provider.Sqlite);
        var job = await world.AddJob(await world.AddJobType("work", Manifests.NoInput("work"), priority: configured));
        await world.Write(async s =>
        {
            var id = await s.Insert("batch", ("recipe_type_id", 1L), ("recipe_type_rev_id", 1L), ("event_id", 1L), ("definition", "{}"), ("configuration", "{}"), ("priority", batch),
                ("root_batch_id", 1L), ("created", 0L), ("last_modified", 0L));
            return await s.Execute("UPDATE job SET batch_id = @batch WHERE id = @job", ("batch", id), ("job", job));
        });

        await world.QueueWith(asked, job);
        Assert.Equal(expected, await world.Value<int>("SELECT c.priority FROM queue q JOIN queue_class c ON c.id = q.class_id"));
    }

    [Theory]
    [InlineData(JobStatus.Completed, 1, true)]
    [InlineData(JobStatus.Canceled, 0, true)]
    [InlineData(JobStatus.Pending, 0, false)]
    [InlineData(JobStatus.Pending, 1, true)]
    public async Task Some_jobs_are_never_queued(JobStatus status, int executions, bool hasInput)
    {
        await using var world = await PausedWorld(Provider.Sqlite);
        var job = await world.AddJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Write(s => s.Execute(
            $"UPDATE job SET status = @status, num_exes = @exes{(hasInput ? "" : ", input = NULL")} WHERE id = @id", ("status", (int)status), ("exes", executions), ("id", job)));

        Assert.Empty(await world.Queue(job));
        Assert.Equal(status, await world.Status(job));
    }

    [Fact]
    public async Task A_superseded_job_is_never_queued()
    {
        await using var world = await PausedWorld(Provider.Sqlite);
        var job = await world.AddJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Write(s => s.Execute("UPDATE job SET is_superseded = TRUE WHERE id = @id", ("id", job)));
        Assert.Empty(await world.Queue(job));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Canceling_a_queued_job_ends_its_try_without_node_or_start(Provider provider)
    {
        await using var world = await PausedWorld(provider);
        var job = await world.AddJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Queue(job);

        Assert.Equal([job], await world.Cancel(job));
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Equal(0, await world.Value<int>("SELECT count(*) FROM queue"));
        var execution = await world.Values(
            "SELECT exe_num, status, is_settled, node_id, started, ended, task_results FROM job_exe WHERE job_id = @id",
            r => (r.GetInt32(0), r.GetInt32(1), r.GetBoolean(2), r.Long(3), r.MomentOrNull(4), r.MomentOrNull(5), r.Text(6)), ("id", job));
        Assert.Equal([(1, 6, true, null, null, world.Clock.Now, """{"version":"1.0","tasks":[]}""")], execution);
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_canceled_just_before_it_is_scheduled_never_starts(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.AddJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Queue(job);
        await world.Cancel(job);
        await world.Pass(TimeSpan.FromSeconds(10));
        Assert.Empty(world.Cluster.Launched);
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_step_between_pending_and_blocked_decided_before_the_cancel_does_not_revive_the_job(Provider provider)
    {
        await using var world = await PausedWorld(provider);
        var job = await world.AddJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Cancel(job);
        await world.Write(async session =>
        {
            await RecipeJobWrites.Move(session, [job], JobStatus.Pending, JobStatus.Blocked, world.Clock.Now);
            await RecipeJobWrites.Move(session, [job], JobStatus.Blocked, JobStatus.Pending, world.Clock.Now);
            return 0;
        });
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Canceling_a_running_job_ends_its_execution_when_the_cluster_confirms(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));

        await world.Cancel(job);
        await world.Settle();
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Equal(ExecutionStatus.Running, await world.ExecutionStatus(job, 1));
        Assert.Equal(world.Cluster.LiveOf(job), Assert.Single(world.Cluster.Killed));
        await world.AssertSound();

        await world.End(job, ExecutionOutcome.Killed);
        Assert.Equal(ExecutionStatus.Canceled, await world.ExecutionStatus(job, 1));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Canceling_a_failed_job_clears_its_error(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.End(job, ExecutionOutcome.Failed, "algorithm-unknown");
        Assert.Equal("algorithm-unknown", await world.ErrorOf(job));

        await world.Cancel(job);
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Null(await world.ErrorOf(job));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Cancel_leaves_completed_jobs_alone(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.End(job, ExecutionOutcome.Completed);
        Assert.Empty(await world.Cancel(job));
        Assert.Equal(JobStatus.Completed, await world.Status(job));
    }

    [Theory]
    [InlineData(Provider.Sqlite, ExecutionOutcome.Completed, ExecutionStatus.Completed)]
    [InlineData(Provider.Postgres, ExecutionOutcome.Completed, ExecutionStatus.Completed)]
    [InlineData(Provider.Sqlite, ExecutionOutcome.Failed, ExecutionStatus.Failed)]
    [InlineData(Provider.Postgres, ExecutionOutcome.Failed, ExecutionStatus.Failed)]
    public async Task An_execution_that_ends_by_itself_after_the_cancel_changes_nothing_of_the_job(Provider provider, ExecutionOutcome outcome, ExecutionStatus shown)
    {
        await using var world = await EngineWorld.Create(provider);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Cancel(job);

        await world.End(job, outcome, outcome == ExecutionOutcome.Failed ? "filesystem-io" : null);
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Equal(shown, await world.ExecutionStatus(job, 1));
        Assert.Equal(0, await world.Value<int>("SELECT count(*) FROM file"));
        Assert.Null(await world.Value<string>("SELECT output FROM job"));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_cancel_after_a_failure_with_retry_cancels_the_new_queue_entry(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Write(s => s.Execute(Paused));
        await world.End(job, ExecutionOutcome.Failed, "filesystem-io");
        Assert.Equal(JobStatus.Queued, await world.Status(job));

        await world.Cancel(job);
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Equal(ExecutionStatus.Canceled, await world.ExecutionStatus(job, 2));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Requeueing_a_failed_job_gives_it_fresh_tries(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work"), maxTries: 2));
        await world.End(job, ExecutionOutcome.Failed, "algorithm-unknown");

        Assert.Equal([job], await world.Requeue(null, isNamed: false, job));
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
        Assert.Equal([(2, 3)], await world.Values("SELECT num_exes, max_tries FROM job", r => (r.GetInt32(0), r.GetInt32(1))));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Requeueing_a_queued_job_replaces_its_place_and_so_changes_its_priority(Provider provider)
    {
        await using var world = await PausedWorld(provider);
        var job = await world.AddJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Queue(job);

        Assert.Empty(await world.Requeue(5, isNamed: false, job));
        Assert.Equal([job], await world.Requeue(5, isNamed: true, job));
        Assert.Equal([(2, 5)], await world.Values("SELECT q.exe_num, c.priority FROM queue q JOIN queue_class c ON c.id = q.class_id", r => (r.GetInt32(0), r.GetInt32(1))));
        Assert.Equal(ExecutionStatus.Canceled, await world.ExecutionStatus(job, 1));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Requeueing_a_running_job_starts_it_anew_only_when_the_old_execution_is_gone(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Requeue(null, isNamed: true, job);
        await world.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(JobStatus.Queued, await world.Status(job));
        Assert.Single(world.Cluster.Launched);
        await world.AssertSound();

        await world.End(job, ExecutionOutcome.Killed);
        Assert.Equal(JobStatus.Running, await world.Status(job));
        Assert.Equal(ExecutionStatus.Canceled, await world.ExecutionStatus(job, 1));
        Assert.Equal(2, world.Cluster.LiveOf(job).ExeNum);
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_late_end_of_an_earlier_execution_is_dropped(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        var late = world.Cluster.End(world.Cluster.LiveOf(job), ExecutionOutcome.Failed, "filesystem-io");
        await world.Settle();
        Assert.Equal(2, world.Cluster.LiveOf(job).ExeNum);

        world.Inbox.Post(late with { Outcome = ExecutionOutcome.Completed });
        world.Inbox.Post(late with { Key = late.Key with { ExeNum = 2 } });
        world.Inbox.Post(late with { Key = late.Key with { ExecutionId = 4711 } });
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
        Assert.Equal(ExecutionStatus.Failed, await world.ExecutionStatus(job, 1));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Two_overlapping_requeues_make_one_new_try(Provider provider)
    {
        await using var world = await PausedWorld(provider);
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        var job = await world.AddJob(type);
        await world.Write(s => s.Execute("UPDATE job SET status = 4, num_exes = 1, error_id = 1 WHERE id = @id", ("id", job)));

        await world.Act(t => world.Transitions.Requeue(t, [(job, 1)], null, isNamed: true));
        Assert.Empty(await world.Act(t => world.Transitions.Requeue(t, [(job, 1)], null, isNamed: true)));
        Assert.Equal(2, await world.Value<int>("SELECT num_exes FROM job"));
    }

    [Theory]
    [InlineData(true, JobStatus.Queued)]
    [InlineData(false, JobStatus.Pending)]
    public async Task A_job_canceled_before_it_was_ever_queued_goes_on(bool hasInput, JobStatus expected)
    {
        await using var world = await PausedWorld(Provider.Sqlite);
        var job = await world.AddJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Write(s => s.Execute($"UPDATE job SET max_tries = 9{(hasInput ? "" : ", input = NULL")}"));
        await world.Cancel(job);

        Assert.Equal([job], await world.Requeue(3, isNamed: false, job));
        Assert.Equal(expected, await world.Status(job));
        Assert.Equal(9, await world.Value<int>("SELECT max_tries FROM job"));
        Assert.Equal(hasInput ? 100 : 0, await world.Value<int>("SELECT max(c.priority) FROM queue q JOIN queue_class c ON c.id = q.class_id"));
        await world.AssertSound();
    }

    [Fact]
    public async Task What_is_rolled_back_leaves_no_trace_in_memory()
    {
        await using var world = await PausedWorld(Provider.Sqlite);
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        var job = await world.AddJob(type);
        await Assert.ThrowsAsync<InvalidOperationException>(() => world.Act<int>(async transaction =>
        {
            await world.Transitions.Queue(transaction, [new JobToQueue(job, type, 0, 0, null, null)]);
            throw new InvalidOperationException("rolled back");
        }));
        Assert.Equal(JobStatus.Pending, await world.Status(job));

        await world.Write(s => s.Execute("UPDATE scheduler SET is_paused = FALSE"));
        await world.Queue(job);
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
        await world.AssertSound();
    }

    /// <summary>A world in which nothing starts.</summary>
    private static async Task<EngineWorld> PausedWorld(Provider provider)
    {
        var world = await EngineWorld.Create(provider);
        await world.Write(s => s.Execute(Paused));
        return world;
    }
}
