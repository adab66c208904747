using System.Text.Json.Nodes;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Leadership;
using Scale.Model.Jobs;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Scheduling;

/// <summary>What starts, in which order, and what waits (scheduler-and-system.md §9, §11).</summary>
public sealed class SchedulerTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_start_by_priority_then_in_the_order_they_were_queued(Provider provider)
    {
        await using var world = await OneAtATime(provider);
        var (low, high) = (await world.AddJobType("low", Whole("low"), priority: 200), await world.AddJobType("high", Whole("high"), priority: 50));
        long[] jobs = [await world.AddJob(low), await world.AddJob(low), await world.AddJob(high), await world.AddJob(high)];
        foreach (var job in jobs)
        {
            await world.Queue(job);
            world.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([jobs[2], jobs[3], jobs[0], jobs[1]], await RunAll(world));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_newest_job_starts_first_in_LIFO(Provider provider)
    {
        await using var world = await OneAtATime(provider);
        await world.Write(s => s.Execute("UPDATE scheduler SET queue_mode = 'LIFO'"));
        var type = await world.AddJobType("work", Whole("work"));
        var started = new List<long>();
        var jobs = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            jobs.Add(await world.AddJob(type));
            await world.Queue(jobs[i]);
            world.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await world.Settle();
        started.Add(world.Cluster.Launched[^1].Key.JobId);
        jobs.Add(await world.AddJob(type));
        await world.Queue(jobs[4]);
        started.AddRange((await RunAll(world)).Skip(1));
        Assert.Equal([jobs[3], jobs[4], jobs[2], jobs[1], jobs[0]], started);
    }

    [Theory]
    [InlineData(true, 0.01, true)]
    [InlineData(true, 1, false)]
    [InlineData(false, 0.01, false)]
    public async Task A_node_that_starts_jobs_in_turn_has_some_ahead_once_they_are_known_to_be_over_soon(bool startsInTurn, double seconds, bool isAnyAhead)
    {
        await using var world = await OneAtATime(Provider.Sqlite);
        world.Cluster.StartsInTurn = startsInTurn;
        await QueueMany(world);
        Assert.Single(world.Cluster.Live);
        for (var i = 0; i < 11; i++)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(seconds));
            world.Cluster.End(world.Cluster.Launched[i].Key, ExecutionOutcome.Completed);
            await world.Settle();
        }

        Assert.Equal(isAnyAhead, world.Cluster.Live.Count > 1);
        await world.AssertSound();
    }

    [Fact]
    public async Task Jobs_that_take_longer_than_was_thought_are_given_ahead_no_more()
    {
        await using var world = await OneAtATime(Provider.Sqlite);
        world.Cluster.StartsInTurn = true;
        await QueueMany(world);
        for (var i = 0; i < 20; i++)
        {
            world.Cluster.End(world.Cluster.Launched[i].Key, ExecutionOutcome.Completed);
            await world.Settle();
        }

        var live = world.Cluster.Live.Keys.OrderBy(k => k.ExecutionId).ToList();
        Assert.True(live.Count > 1);
        foreach (var waiting in live.Skip(1))
        {
            world.Cluster.End(waiting, ExecutionOutcome.NotStarted);
        }

        await world.Settle();
        Assert.Equal(live[0], Assert.Single(world.Cluster.Live).Key);
        await world.AssertSound();
    }

    [Fact]
    public async Task No_more_executions_of_a_type_run_than_it_may()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await world.AddJobType("work", Manifests.NoInput("work"), maxScheduled: 2);
        long[] jobs = [await world.AddJob(type), await world.AddJob(type), await world.AddJob(type)];
        await world.Queue(jobs);
        await world.Settle();
        Assert.Equal(2, world.Cluster.Live.Count);

        await world.End(world.Cluster.Launched[0].Key.JobId, ExecutionOutcome.Completed);
        Assert.Equal(2, world.Cluster.Live.Count);
        Assert.Equal(3, world.Cluster.Launched.Count);
        await world.AssertSound();
    }

    [Theory]
    [InlineData("UPDATE job_type SET is_paused = TRUE, last_modified = last_modified + 1", "UPDATE job_type SET is_paused = FALSE, last_modified = last_modified + 1")]
    [InlineData("UPDATE node SET is_paused = TRUE", "UPDATE node SET is_paused = FALSE")]
    [InlineData("UPDATE node SET is_active = FALSE", "UPDATE node SET is_active = TRUE")]
    [InlineData("UPDATE scheduler SET is_paused = TRUE", "UPDATE scheduler SET is_paused = FALSE")]
    public async Task Nothing_starts_while_something_is_paused_and_everything_soon_after(string pause, string resume)
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        var job = await world.AddJob(type);
        await world.Write(s => s.Execute(pause));
        await world.Queue(job);
        await world.Settle();
        Assert.Equal(JobStatus.Queued, await world.Status(job));

        await world.Write(s => s.Execute(resume));
        world.Clock.Advance(TimeSpan.FromSeconds(2));
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
        await world.AssertSound();
    }

    [Fact]
    public async Task A_paused_node_lets_running_executions_finish()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Write(s => s.Execute("UPDATE node SET is_paused = TRUE"));
        await world.Pass(TimeSpan.FromSeconds(10));
        Assert.Empty(world.Cluster.Killed);
        await world.End(job, ExecutionOutcome.Completed);
        Assert.Equal(JobStatus.Completed, await world.Status(job));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_type_says_which_resources_no_node_could_give(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await world.AddJobType("wide", Manifests.Needing("wide", ("cpus", 64), ("moons", 1)));
        var job = await world.AddJob(type);
        await world.Queue(job);
        await world.Settle();
        Assert.Equal(JobStatus.Queued, await world.Status(job));
        Assert.Equal("cpus,moons", await world.Value<string>("SELECT unmet_resources FROM job_type"));

        world.Cluster.Nodes.Add(new("big", new Resources([new("cpus", 128), new("mem", 100_000), new("disk", 100_000), new("moons", 2)])));
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(JobStatus.Running, await world.Status(job));
        Assert.Null(await world.Value<string>("SELECT unmet_resources FROM job_type"));
        await world.AssertSound();
    }

    [Theory]
    [InlineData(Provider.Sqlite, false)]
    [InlineData(Provider.Sqlite, true)]
    [InlineData(Provider.Postgres, true)]
    public async Task A_job_type_lacks_nothing_once_none_of_its_jobs_is_queued(Provider provider, bool restart)
    {
        await using var world = await EngineWorld.Create(provider);
        var wide = await world.AddJobType("wide", Manifests.Needing("wide", ("cpus", 64)));
        var (first, second) = (await world.AddJob(wide), await world.AddJob(wide));
        await world.Queue(first, second);
        await world.Settle();
        Assert.Equal("cpus", await world.Value<string>("SELECT unmet_resources FROM job_type"));

        await world.Cancel(first);
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("cpus", await world.Value<string>("SELECT unmet_resources FROM job_type"));

        await world.Cancel(second);
        if (restart)
        {
            await world.Restart();
        }

        world.Clock.Advance(world.Leader.NextLook - world.Clock.Now);
        await world.Settle();
        Assert.Null(await world.Value<string>("SELECT unmet_resources FROM job_type"));
        Assert.Null(await world.Value<long?>("SELECT unmet_since FROM job_type"));

        await world.Queue(await world.AddJob(wide));
        await world.Settle();
        Assert.Equal("cpus", await world.Value<string>("SELECT unmet_resources FROM job_type"));
    }

    [Fact]
    public async Task A_full_node_is_no_reason_for_unmet_resources()
    {
        await using var world = await OneAtATime(Provider.Sqlite);
        var type = await world.AddJobType("work", Whole("work"));
        await world.Queue(await world.AddJob(type), await world.AddJob(type));
        await world.Settle();
        Assert.Single(world.Cluster.Live);
        Assert.Null(await world.Value<string>("SELECT unmet_resources FROM job_type"));
    }

    [Fact]
    public async Task Jobs_that_can_never_run_hide_nothing_behind_them()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var (wide, small) = (await world.AddJobType("wide", Manifests.Needing("wide", ("cpus", 64)), priority: 1), await world.AddJobType("small", Manifests.NoInput("small")));
        for (var i = 0; i < 50; i++)
        {
            await world.Queue(await world.AddJob(wide));
        }

        var job = await world.AddJob(small);
        await world.Queue(job);
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(job));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_started_job_is_described_in_full(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var manifest = Recipes.Definitions.Manifest("work", settings: """[{"name":"LEVEL"},{"name":"KEY","secret":true}]""");
        var type = await world.AddJobType("work", manifest);
        await world.Write(async s =>
        {
            await s.Execute("INSERT INTO secret (owner, name, value, last_modified) VALUES (@owner, 'KEY', 'hush', 0)", ("owner", $"job_type/{type}"));
            return await s.Execute("UPDATE job_type SET configuration = @text, last_modified = last_modified + 1", ("text", """{"version":"7","output_workspaces":{"default":"products"},"settings":{"LEVEL":"3"}}"""));
        });
        await world.StartAgain();
        Assert.NotEqual("hush", await world.Value<string>("SELECT value FROM secret"));
        var (first, second) = (await world.AddFile("a.tif"), await world.AddFile("b.tif"));
        var job = await world.AddJob(type, second, first);
        await world.Queue(job);
        await world.Settle();

        var spec = Assert.Single(world.Cluster.Launched);
        Assert.Equal($"scale_job_{spec.ClusterId.Split('_')[2]}_{job}x1", spec.ClusterId);
        Assert.Equal(("node-1", "dir:work", 60, 2.0), (spec.Hostname, spec.Image, spec.TimeoutSeconds, spec.InputMiB));
        Assert.Equal([second, first], spec.InputFiles["IN"].Select(f => f.FileId));
        Assert.Equal("products", spec.OutputWorkspaces["OUT"].Name);
        Assert.Equal("hush", spec.Secrets["KEY"]);
        Assert.Equal("""{"cpus":0.25,"disk":2,"mem":128}""", spec.Resources.ToText());

        var stored = JsonNode.Parse((await world.Value<string>("SELECT configuration FROM job_exe"))!)!;
        Assert.Equal("2.0", (string)stored["version"]!);
        Assert.Equal(second, (long)stored["input_files"]!["IN"]![0]!["id"]!);
        Assert.Equal("products", (string)stored["output_workspaces"]!["OUT"]!);
        var main = stored["tasks"]!.AsArray().Single(t => (string)t!["type"]! == "main")!;
        Assert.Equal("3", (string)main["settings"]!["LEVEL"]!);
        Assert.Equal("*****", (string)main["settings"]!["KEY"]!);
        Assert.DoesNotContain("hush", stored.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal([(job, "RUNNING")], await world.Values("SELECT id, CASE status WHEN 3 THEN 'RUNNING' END FROM job WHERE started = @now AND node_id IS NOT NULL", r => (r.GetInt64(0), r.GetString(1)), ("now", world.Clock.Now)));
    }

    [Fact]
    public async Task Many_jobs_start_with_few_statements()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        world.Cluster.Nodes[0] = new("node-1", Resources.Of(cpus: 10_000, mem: 1e9, disk: 1e9));
        await world.Pass(TimeSpan.FromMinutes(1));
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        async Task<int> StatementsFor(int count)
        {
            var jobs = new List<long>();
            for (var i = 0; i < count; i++)
            {
                jobs.Add(await world.AddJob(type));
            }

            await world.Queue([.. jobs]);
            var statements = 0;
            world.Database.BeforeStatement = () => statements++;
            await world.Leader.Step(CancellationToken.None);
            world.Database.BeforeStatement = null;
            Assert.Equal(count, jobs.Count(j => world.Cluster.Live.Keys.Any(k => k.JobId == j)));
            return statements;
        }

        await StatementsFor(1);
        Assert.Equal(await StatementsFor(1), await StatementsFor(200));
    }

    [Fact]
    public async Task A_queue_found_at_the_start_is_served()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        await world.Write(s => s.Execute("UPDATE scheduler SET is_paused = TRUE"));
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        long[] jobs = [await world.AddJob(type), await world.AddJob(type)];
        await world.Queue(jobs);

        await world.Write(s => s.Execute("UPDATE scheduler SET is_paused = FALSE"));
        await world.Restart();
        await world.Settle();
        Assert.Equal(2, world.Cluster.Live.Count);
        await world.AssertSound();
    }

    [Fact]
    public async Task Running_executions_found_at_the_start_keep_their_room()
    {
        await using var world = await OneAtATime(Provider.Sqlite);
        var type = await world.AddJobType("work", Whole("work"));
        await world.Queue(await world.AddJob(type), await world.AddJob(type));
        await world.Settle();
        await world.Restart();
        await world.Settle();
        Assert.Single(world.Cluster.Live);
        await world.AssertSound();
    }

    private static async Task QueueMany(EngineWorld world)
    {
        var type = await world.AddJobType("work", Whole("work"));
        var jobs = new List<long>();
        for (var i = 0; i < 40; i++)
        {
            jobs.Add(await world.AddJob(type));
        }

        await world.Queue([.. jobs]);
        await world.Settle();
    }

    private static string Whole(string name) => Manifests.Needing(name, ("cpus", 4));

    /// <summary>A node with room for one job of four cpus.</summary>
    private static Task<EngineWorld> OneAtATime(Provider provider) => EngineWorld.Create(provider);

    /// <summary>Completes what runs, one after the other, until nothing does.</summary>
    /// <returns>Jobs in the order they started.</returns>
    private static async Task<List<long>> RunAll(EngineWorld world)
    {
        await world.Settle();
        while (world.Cluster.Live.Count > 0)
        {
            await world.End(world.Cluster.Live.Keys.First().JobId, ExecutionOutcome.Completed);
        }

        return [.. world.Cluster.Launched.Select(s => s.Key.JobId)];
    }
}
