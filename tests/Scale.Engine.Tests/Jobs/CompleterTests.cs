using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Files;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Jobs;

/// <summary>Ends of executions and what they leave (jobs-and-queue.md §13.4, storage-and-ingest.md §2.6, §3.3-§3.5).</summary>
public sealed class CompleterTests
{
    private static readonly DateTime May = new(2023, 5, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("filesystem-io", 3, 2)]
    [InlineData("filesystem-io", 1, 1)]
    [InlineData("filesystem-io", 0, 1)]
    [InlineData("algorithm-unknown", 3, 1)]
    [InlineData("timeout", 3, 1)]
    public async Task A_failure_is_tried_again_while_its_error_and_the_tries_allow(string error, int maxTries, int executions)
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work"), maxTries: maxTries));
        await world.End(job, ExecutionOutcome.Failed, error);

        Assert.Equal(executions, await world.Value<int>("SELECT num_exes FROM job"));
        Assert.Equal(executions == 1 ? JobStatus.Failed : JobStatus.Running, await world.Status(job));
        Assert.Equal(executions == 1 ? error : null, await world.ErrorOf(job));
        Assert.Equal(error, await world.Value<string>("SELECT e.name FROM job_exe x JOIN error e ON e.id = x.error_id WHERE x.exe_num = 1"));
        await world.AssertSound();
    }

    [Fact]
    public async Task Three_tries_are_two_retries()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work"), maxTries: 3));
        await world.End(job, ExecutionOutcome.Failed, "filesystem-io");
        await world.End(job, ExecutionOutcome.Failed, "filesystem-io");
        await world.End(job, ExecutionOutcome.Failed, "filesystem-io");
        Assert.Equal(JobStatus.Failed, await world.Status(job));
        Assert.Equal(3, await world.Value<int>("SELECT num_exes FROM job"));
    }

    [Theory]
    [InlineData("own-error", "own-error")]
    [InlineData("never-registered", "algorithm-unknown")]
    public async Task An_error_of_the_manifest_is_the_job_types(string reported, string expected)
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        await world.AddError("work", "own-error");
        await world.AddError("other", "never-registered");
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.End(job, ExecutionOutcome.Failed, reported, isBuiltin: false);
        Assert.Equal(JobStatus.Failed, await world.Status(job));
        Assert.Equal(expected, await world.ErrorOf(job));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_was_not_started_gets_its_place_back_and_has_lost_no_try(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await world.AddJobType("work", Manifests.NoInput("work"), maxScheduled: 1, maxTries: 1);
        var (first, second) = (await world.AddJob(type), await world.AddJob(type));
        await world.QueueWith(7, first);
        await world.Settle();
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        await world.QueueWith(7, second);
        await world.End(first, ExecutionOutcome.NotStarted);

        Assert.Equal((JobStatus.Running, JobStatus.Queued), (await world.Status(first), await world.Status(second)));
        Assert.Equal(ExecutionStatus.Canceled, await world.ExecutionStatus(first, 1));
        Assert.Equal(0, await world.Value<int>("SELECT count(*) FROM job_exe WHERE error_id IS NOT NULL"));
        await world.End(first, ExecutionOutcome.NotStarted);
        Assert.Equal((3, 3), (await world.Value<int>("SELECT num_exes FROM job WHERE id = @id", ("id", first)), await world.Value<int>("SELECT max_tries FROM job WHERE id = @id", ("id", first))));
        await world.End(first, ExecutionOutcome.Failed, "filesystem-io");
        Assert.Equal(JobStatus.Failed, await world.Status(first));
        await world.End(second, ExecutionOutcome.Completed);
        await world.AssertSound();
    }

    [Fact]
    public async Task What_was_not_started_after_a_restart_of_the_leader_is_queued_as_it_would_be_now()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work"), maxTries: 1));
        await world.Restart();
        await world.End(job, ExecutionOutcome.NotStarted);
        await world.End(job, ExecutionOutcome.Completed);
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_was_not_started_stays_canceled_if_it_was_meanwhile(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        world.Cluster.KillsAtOnce = false;
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Cancel(job);
        await world.End(job, ExecutionOutcome.NotStarted);
        Assert.Equal(JobStatus.Canceled, await world.Status(job));
        Assert.Equal(ExecutionStatus.Canceled, await world.ExecutionStatus(job, 1));
        Assert.Equal(1, await world.Value<int>("SELECT num_exes FROM job"));
        await world.AssertSound();
    }

    [Fact]
    public async Task A_long_running_job_always_starts_again()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await world.AddJobType("clock", Manifests.NoInput("clock"), maxTries: 1);
        await world.Write(s => s.Execute("UPDATE job_type SET is_long_running = TRUE, last_modified = last_modified + 1"));
        var job = await world.RunningJob(type);
        Assert.Null(Assert.Single(world.Cluster.Launched).TimeoutSeconds);
        await world.End(job, ExecutionOutcome.Failed, "algorithm-unknown");
        Assert.Equal(JobStatus.Running, await world.Status(job));
    }

    [Fact]
    public async Task The_same_report_twice_is_written_once()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        var report = world.Cluster.End(world.Cluster.LiveOf(job), ExecutionOutcome.Completed);
        world.Inbox.Post(report);
        await world.Settle();
        world.Inbox.Post(report);
        await world.Settle();
        Assert.Equal(1, await world.Value<int>("SELECT count(*) FROM file"));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_product_knows_where_it_comes_from(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        await world.Write(s => s.Execute("UPDATE workspace SET base_url = 'https://files.example/'"));
        var type = await world.AddJobType("work");
        var (early, late) = (await world.AddFile("a.tif", dataStarted: May), await world.AddFile("b.tif", dataStarted: May.AddDays(1)));
        var derived = await world.AddFile("derived.tif", isSource: false);
        await world.Write(s => s.Insert("file_ancestry", ("ancestor_id", late), ("descendant_id", derived), ("job_id", 99L), ("created", 0L)));
        var job = await world.AddJob(type, early, derived);
        await world.Write(s => s.Execute("UPDATE job SET source_sensor = 'CAM' WHERE id = @id", ("id", job)));
        await world.Write(s => s.Insert("file_ancestry", ("ancestor_id", early), ("job_id", job), ("created", 0L)));
        world.Cluster.Outputs = spec => CapturedOutputs.None with
        {
            Files = [ScriptedCluster.FileOf(spec, "OUT", "out.tif", SideCar("""{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"cloud":3,"url":"mine","sourceCollection":"COL"}}"""))],
        };
        await world.Queue(job);
        await world.Settle();
        Assert.Equal(May, Assert.Single(world.Cluster.Launched).SourceStarted);
        await world.End(job, ExecutionOutcome.Completed);

        var product = Assert.Single(await world.Values(
            "SELECT id, uuid, meta_data, source_started, source_sensor, source_collection, geometry, has_been_published, published FROM file WHERE job_id = @id",
            r => (Id: r.GetInt64(0), Uuid: r.GetString(1), Meta: r.GetString(2), Started: r.MomentOrNull(3), Sensor: r.Text(4), Collection: r.Text(5), Geometry: r.Text(6), Has: r.GetBoolean(7), At: r.MomentOrNull(8)),
            ("id", job)));
        Assert.Equal(FileUuid.OfProduct(type, "out.tif", ["uuid-a.tif", "uuid-derived.tif"], []), product.Uuid);
        Assert.Equal((May, "CAM", "COL", "POINT (1 2)", true, (DateTime?)world.Clock.Now), (product.Started, product.Sensor, product.Collection, product.Geometry, product.Has, product.At));
        var meta = JsonNode.Parse(product.Meta)!;
        Assert.Equal(3, (int)meta["cloud"]!);
        Assert.Equal("work", (string)meta["job_name"]!);
        Assert.StartsWith("https://files.example/jobs/", (string)meta["url"]!);
        Assert.Equal(
            [(early, product.Id), (late, product.Id)],
            await world.Values("SELECT ancestor_id, descendant_id FROM file_ancestry WHERE job_id = @id ORDER BY ancestor_id", r => (r.GetInt64(0), r.GetInt64(1)), ("id", job)));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_output_is_stored_in_both_ages(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        world.Cluster.Outputs = spec => CapturedOutputs.None with
        {
            Files = [ScriptedCluster.FileOf(spec, "OUT", "1.tif"), ScriptedCluster.FileOf(spec, "OUT", "2.tif")],
            Json = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("cloud", JsonElement.Parse("0.5")),
        };
        world.Clock.Advance(TimeSpan.FromSeconds(9));
        await world.End(job, ExecutionOutcome.Completed);

        var ids = await world.Values("SELECT id FROM file ORDER BY id", r => r.GetInt64(0));
        Assert.Equal($$$"""{"files":{"OUT":[{{{ids[0]}}},{{{ids[1]}}}]},"json":{"cloud":0.5}}""", await world.Value<string>("SELECT output FROM job"));
        Assert.Equal(
            $$$"""{"version":"7","files":{"OUT":[{{{ids[0]}}},{{{ids[1]}}}]},"json":{"cloud":0.5},"output_data":[{"name":"OUT","file_ids":[{{{ids[0]}}},{{{ids[1]}}}]},{"name":"cloud","value":0.5}]}""",
            await world.Value<string>("SELECT output FROM job_exe"));
        Assert.Equal(
            [(world.Clock.Now, world.Clock.Now, world.Clock.Now.AddSeconds(-9))],
            await world.Values("SELECT j.ended, x.ended, j.main_started FROM job j JOIN job_exe x ON x.job_id = j.id", r => (r.Moment(0), r.Moment(1), r.Moment(2))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_same_product_again_replaces_the_published_one(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        var (first, second) = (await world.RunningJob(type), await world.RunningJob(type));
        await world.End(first, ExecutionOutcome.Completed);
        await world.End(second, ExecutionOutcome.Completed);
        Assert.Equal([(false, true, true), (true, false, true)], await Publications(world));
        await world.AssertSound();
    }

    [Fact]
    public async Task Of_equal_products_in_one_transaction_the_last_stays_published()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        foreach (var job in new[] { await world.RunningJob(type), await world.RunningJob(type) })
        {
            world.Cluster.End(world.Cluster.LiveOf(job), ExecutionOutcome.Completed);
        }

        await world.Settle();
        Assert.Equal([(false, true, true), (true, false, true)], await Publications(world));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_that_replaces_another_unpublishes_the_whole_chain(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await world.AddJobType("work", Manifests.NoInput("work"));
        var old = await world.RunningJob(type);
        world.Cluster.Outputs = spec => CapturedOutputs.None with { Files = [ScriptedCluster.FileOf(spec, "OUT", $"{spec.Key.JobId}.tif")] };
        await world.End(old, ExecutionOutcome.Completed);
        var next = await world.RunningJob(type);
        await world.Write(async s =>
        {
            await s.Execute("UPDATE job SET is_superseded = TRUE, superseded = 1 WHERE id = @id", ("id", old));
            return await s.Execute("UPDATE job SET superseded_job_id = @old, root_superseded_job_id = @old WHERE id = @id", ("old", old), ("id", next));
        });
        await world.End(next, ExecutionOutcome.Completed);

        Assert.Equal([(false, false, true), (true, false, true)], await Publications(world));
        Assert.Equal(world.Clock.Now, await world.Read(s => s.QueryFirst("SELECT unpublished FROM file WHERE job_id = @id", r => r.Moment(0), ("id", old))));
    }

    [Fact]
    public async Task A_superseded_job_publishes_nothing()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var job = await world.RunningJob(await world.AddJobType("work", Manifests.NoInput("work")));
        await world.Write(s => s.Execute("UPDATE job SET is_superseded = TRUE"));
        await world.End(job, ExecutionOutcome.Completed);
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        Assert.Equal([(false, false, false)], await Publications(world));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_side_car_describes_a_source_input(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var file = await world.AddFile();
        await world.Write(s => s.Execute("UPDATE file SET data_type_tags = '[\"raw\"]'"));
        var job = await world.AddJob(await world.AddJobType("work"), file);
        world.Cluster.Outputs = _ => CapturedOutputs.None with
        {
            InputMetadata = ImmutableSortedDictionary<string, FileMetadata>.Empty
                .Add("IN", SideCar("""{"type":"Feature","properties":{"dataStarted":"2023-05-01T00:00:00Z","dataTypes":["raw","clear"]}}""")),
        };
        await world.Queue(job);
        await world.Settle();
        await world.End(job, ExecutionOutcome.Completed);
        Assert.Equal(
            [(true, May, May, """["raw","clear"]""", """{"dataStarted":"2023-05-01T00:00:00Z","dataTypes":["raw","clear"]}""")],
            await world.Values(
                "SELECT is_parsed, data_started, source_ended, data_type_tags, meta_data FROM file",
                r => (r.GetBoolean(0), r.Moment(1), r.Moment(2), r.GetString(3), r.GetString(4))));
    }

    [Fact]
    public async Task A_completed_parent_lets_its_child_run_on_its_product()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await world.AddJobType("work");
        var job = await world.AddJob(type, await world.AddFile());
        await world.Queue(job);
        await world.Settle();
        await world.End(job, ExecutionOutcome.Completed);
        var product = await world.Value<long>("SELECT id FROM file WHERE job_id = @id", ("id", job));

        var child = await world.AddJob(type, product);
        await world.Queue(child);
        await world.Settle();
        var input = Assert.Single(world.Cluster.Live[world.Cluster.LiveOf(child)].InputFiles["IN"]);
        Assert.Equal((product, "OUT.bin", false), (input.FileId, input.FileName, input.IsSource));
    }

    private static FileMetadata SideCar(string json) => FileMetadata.Parse(JsonElement.Parse(json)).Metadata!;

    private static Task<List<(bool, bool, bool)>> Publications(EngineWorld world) => world.Values(
        "SELECT is_published, is_superseded, has_been_published FROM file ORDER BY id", r => (r.GetBoolean(0), r.GetBoolean(1), r.GetBoolean(2)));
}
