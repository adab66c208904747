using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Errors;
using Scale.Store.Consistency;
using Scale.Store.Databases;
using Scale.Store.JobTypes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

/// <summary>One job, created and queued over HTTP (jobs-and-queue.md §3).</summary>
public sealed class JobCreationTests
{
    private const string Configured = """{"output_workspaces":{"default":"products"},"priority":40,"settings":{"MODE":"slow"}}""";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_is_queued_with_its_input_processed_and_then_runs(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var (seed, type) = await Prepare(api);
        var scene = await seed.File("scene.tif", change: f =>
        {
            f.FileSize = (10 << 20) + 1;
            (f.SourceStarted, f.SourceSensor) = (Seed.Start, "camera");
        });
        await using var leader = await JobLeader.Start(api.Database);
        await leader.Settle();

        var answer = (await api.Post("/v7/jobs/", new { job_type_id = type.Id, input = new { version = "7", files = new Dictionary<string, long[]> { ["SCENE"] = [scene.Id], ["OTHER"] = [99] }, json = new { LEVEL = 4 } } })).Expect(201);
        var id = answer["id"].GetInt64();
        Assert.Equal($"http://localhost/v7/jobs/{id}/", answer.Headers["Location"]);
        Assert.Equal(("QUEUED", 1, 3), (answer["status"].GetString(), answer["num_exes"].GetInt32(), answer["max_tries"].GetInt32()));
        Assert.Equal("USER", answer["event"].GetProperty("type").GetString());
        Assert.Equal(answer["last_status_change"].GetString(), answer["queued"].GetString());
        Assert.Equal($$$"""{"files":{"SCENE":[{{{scene.Id}}}]},"json":{"LEVEL":4}}""", answer["input"].GetRawText());
        Assert.Equal("""{"SCENE":["scene.tif"]}""", answer["input_files"].GetRawText());
        Assert.Equal(11, answer["input_file_size"].GetDouble());
        Assert.Equal(("camera", "2026-03-01T09:00:00Z"), (answer["source_sensor"].GetString(), answer["source_started"].GetString()));
        Assert.Equal("""{"resources":{"cpus":1,"mem":128,"disk":54,"gpus":0}}""", answer["resources"].GetRawText());
        foreach (var name in new[] { "execution", "recipe", "batch", "node", "error", "superseded_job", "started", "ended" })
        {
            Assert.Equal(JsonValueKind.Null, answer[name].ValueKind);
        }

        await using (var session = await api.Database.Read())
        {
            Assert.Empty(await ConsistencyCheck.Run(session));
            Assert.Equal([(40, 3600)], await session.Query("SELECT c.priority, q.timeout FROM queue q JOIN queue_class c ON c.id = q.class_id", r => (r.GetInt32(0), r.GetInt32(1))));
            Assert.Equal([(scene.Id, id)], await session.Query("SELECT ancestor_id, job_id FROM file_ancestry", r => (r.GetInt64(0), r.GetInt64(1))));
            Assert.Equal(["""{"user":"admin"}"""], await session.Query("SELECT description FROM event", r => r.GetString(0)));
        }

        await leader.Settle();
        Assert.Equal("RUNNING", (await api.Get($"/v6/jobs/{id}/")).Expect(200)["status"].GetString());
        (await api.Get($"/v6/jobs/{id}/input_files/")).Expect(200);
    }

    [Fact]
    public async Task Many_jobs_are_known_to_a_leader_that_leads_already_and_to_one_that_starts()
    {
        await using var api = await ApiFixture.Start();
        var (seed, _) = await Prepare(api);
        var small = await seed.JobType("plain", manifest: Manifests.Plain("plain").ToJsonString());
        await using (var leader = await JobLeader.Start(api.Database))
        {
            for (var i = 0; i < 3; i++)
            {
                (await api.Post("/v6/jobs/", new { job_type_id = small.Id })).Expect(201);
            }

            await leader.Settle();
            (await api.Post("/v6/jobs/", new { job_type_id = small.Id })).Expect(201);
        }

        await using var next = await JobLeader.Start(api.Database);
        await next.Settle();
        Assert.Equal(4, (await api.Get("/v6/jobs/?status=RUNNING")).Expect(200)["count"].GetInt32());
    }

    [Fact]
    public async Task A_paused_type_lets_its_jobs_wait()
    {
        await using var api = await ApiFixture.Start();
        var (seed, _) = await Prepare(api);
        var paused = await seed.JobType("plain", manifest: Manifests.Plain("plain").ToJsonString(), change: t => t.IsPaused = true);
        Assert.Equal("QUEUED", (await api.Post("/v6/jobs/", new { job_type_id = $"{paused.Id}" })).Expect(201)["status"].GetString());
    }

    [Theory]
    [InlineData("{}", """{"mounts":{},"output_workspaces":{"default":"products","outputs":{}},"priority":40,"settings":{"MODE":"slow"}}""")]
    [InlineData("null", """{"mounts":{},"output_workspaces":{"default":"products","outputs":{}},"priority":40,"settings":{"MODE":"slow"}}""")]
    [InlineData("""{"version":"2.0","priority":7}""", """{"mounts":{},"output_workspaces":{"default":"products","outputs":{}},"priority":7,"settings":{"MODE":"slow"}}""")]
    [InlineData(
        """{"settings":{"PASSWORD":"hidden"},"output_workspaces":{"outputs":{"TILES":"products"}}}""",
        """{"mounts":{},"output_workspaces":{"default":"","outputs":{"TILES":"products"}},"priority":40,"settings":{}}""")]
    public async Task Members_of_its_own_configuration_replace_those_of_the_type_whole(string own, string effective)
    {
        await using var api = await ApiFixture.Start();
        var (seed, type) = await Prepare(api);
        var scene = await seed.File("scene.tif");
        var answer = (await api.Post("/v6/jobs/", $$$"""{"job_type_id":{{{type.Id}}},"input":{"files":{"SCENE":[{{{scene.Id}}}]}},"configuration":{{{own}}}}""")).Expect(201);
        Assert.Equal(effective, answer["configuration"].GetRawText());
        await using var session = await api.Database.Read();
        Assert.DoesNotContain("hidden", await session.QueryFirst("SELECT coalesce(configuration, '') FROM job", r => r.GetString(0)) ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"settings":{"PASSWORD":"hidden","UNKNOWN":"x"},"output_workspaces":{"default":"products"}}""", "UNKNOWN_SETTING SECRET_SETTING")]
    public async Task What_of_its_own_configuration_is_dropped_or_ignored_is_told(string own, string warnings)
    {
        await using var api = await ApiFixture.Start();
        var (seed, type) = await Prepare(api);
        var scene = await seed.File("scene.tif");
        var answer = (await api.Post("/v6/jobs/", $$$"""{"job_type_id":{{{type.Id}}},"input":{"files":{"SCENE":[{{{scene.Id}}}]}},"configuration":{{{own}}}}""")).Expect(201);
        Assert.Equal(warnings, string.Join(' ', answer.Warnings));
    }

    [Fact]
    public async Task A_job_alone_can_ask_to_take_over_outputs()
    {
        await using var api = await ApiFixture.Start();
        var (seed, type) = await Prepare(api);
        var scene = await seed.File("scene.tif");
        var answer = (await api.Post("/v6/jobs/", $$$"""{"job_type_id":{{{type.Id}}},"input":{"files":{"SCENE":[{{{scene.Id}}}]}},"configuration":{"reuse":true}}""")).Expect(201);
        Assert.True(answer["configuration"].GetProperty("reuse").GetBoolean());
    }

    [Theory]
    [InlineData("""{"input":{"files":{"SCENE":[1]}}}""", 400, "job_type_id")]
    [InlineData("""{"job_type_id":"tiler"}""", 400, "job_type_id")]
    [InlineData("""{"job_type_id":77}""", 404, "Not found.")]
    [InlineData("""{"job_type_id":77,"input":{"version":"9"}}""", 400, "version")]
    [InlineData("""{"job_type_id":1,"input":[]}""", 400, "input")]
    [InlineData("""{"job_type_id":1,"input":{"files":{"SCENE":"a"}}}""", 400, "/files/SCENE")]
    [InlineData("""{"job_type_id":1,"input":{"files":{"SCENE":[1]},"json":{"SCENE":1}}}""", 400, "SCENE")]
    [InlineData("""{"job_type_id":1}""", 400, "Parameter 'SCENE' is required")]
    [InlineData("""{"job_type_id":1,"input":{"json":{"SCENE":4}}}""", 400, "Parameter 'SCENE' takes files")]
    [InlineData("""{"job_type_id":1,"input":{"files":{"SCENE":[]}}}""", 400, "at least one file")]
    [InlineData("""{"job_type_id":1,"input":{"files":{"SCENE":[1,2]}}}""", 400, "takes one file, not 2")]
    [InlineData("""{"job_type_id":1,"input":{"files":{"SCENE":[1]},"json":{"LEVEL":"high"}}}""", 400, "JSON of type integer")]
    [InlineData("""{"job_type_id":1,"input":{"files":{"SCENE":[4711]}}}""", 400, "4711")]
    [InlineData("""{"job_type_id":1,"input":{"version":"1.0","input_data":[{"name":"SCENE","file_id":4711}]}}""", 400, "4711")]
    [InlineData("""{"job_type_id":1,"configuration":5}""", 400, "configuration")]
    [InlineData("""{"job_type_id":1,"configuration":{"version":"9"}}""", 400, "Job type configuration invalid")]
    [InlineData("""{"job_type_id":1,"configuration":{"priority":0}}""", 400, "Job type configuration invalid")]
    [InlineData("""{"job_type_id":1,"configuration":{"extra":1}}""", 400, "Job type configuration invalid")]
    [InlineData("""{"job_type_id":1,"configuration":{"mounts":{"M":{"host_path":"/a"}}}}""", 400, "Job type configuration invalid")]
    [InlineData("""{"job_type_id":1,"configuration":{"mounts":{"M":{"type":"host","host_path":"a"}}}}""", 400, "Job type configuration invalid")]
    [InlineData("""{"job_type_id":1,"configuration":{"output_workspaces":{"default":"nowhere"}}}""", 400, "Job type configuration invalid")]
    [InlineData("""{"job_type_id":1,"configuration":{"output_workspaces":{}}}""", 400, "Job type configuration invalid")]
    [InlineData("""{"job_type_id":2,"input":{"files":{"SCENE":[1]}}}""", 400, "is not active")]
    [InlineData("""{"job_type_id":3,"input":{"files":{"SCENE":[1]}}}""", 400, "system job type")]
    public async Task What_can_not_run_is_refused_and_leaves_nothing(string body, int status, string named)
    {
        await using var api = await ApiFixture.Start();
        var (seed, _) = await Prepare(api);
        await seed.JobType("old", change: t => (t.IsActive, t.Configuration) = (false, Configured));
        await seed.JobType("scale-scan", change: t => (t.IsSystem, t.Configuration) = (true, Configured));
        await seed.File("scene.tif");
        Assert.Contains(named, (await api.Post("/v6/jobs/", body)).Expect(status).Detail, StringComparison.Ordinal);
        await using var session = await api.Database.Read();
        Assert.Equal(0, await session.QueryFirst("SELECT (SELECT count(*) FROM job) + (SELECT count(*) FROM event) + (SELECT count(*) FROM command)", r => r.GetInt64(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_crash_before_any_statement_leaves_nothing_of_a_job(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var (seed, type) = await Prepare(api);
        var scene = await seed.File("scene.tif");
        var body = $$$"""{"job_type_id":{{{type.Id}}},"input":{"files":{"SCENE":[{{{scene.Id}}}]},"json":{"LEVEL":4}},"configuration":{"priority":7}}""";
        string[] tables = ["job", "job_input_file", "queue", "queue_class", "event", "file_ancestry", "command", "job_count"];
        async Task<string> Rows()
        {
            await using var session = await api.Database.Read();
            return string.Join(' ', await session.Query(string.Join(" UNION ALL ", tables.Select(t => $"SELECT '{t}', count(*) FROM {t}")), r => $"{r.GetString(0)}={r.GetInt64(1)}"));
        }

        var before = await Rows();
        for (var crash = 1; ; crash++)
        {
            var statements = 0;
            api.Database.BeforeStatement = () =>
            {
                if (++statements == crash)
                {
                    throw new IOException("Crash.");
                }
            };
            var answer = await api.Post("/v6/jobs/", body);
            api.Database.BeforeStatement = null;
            if (statements < crash)
            {
                answer.Expect(201);
                Assert.True(crash > 10, $"only {crash} statements");
                break;
            }

            answer.Expect(500);
            Assert.Equal(before, await Rows());
        }

        Assert.StartsWith("job=1 job_input_file=1 queue=1 queue_class=1 event=1 file_ancestry=1 command=1", await Rows(), StringComparison.Ordinal);
        await using var reader = await api.Database.Read();
        Assert.Empty(await ConsistencyCheck.Run(reader));
    }

    [Fact]
    public async Task Only_staff_creates_jobs()
    {
        await using var api = await ApiFixture.Start();
        using var ann = api.CreateClient(await api.AddAccount("ann"));
        (await api.Send(HttpMethod.Post, "/v6/jobs/", """{"job_type_id":1}""", ann)).Expect(403);
    }

    private static async Task<(Seed Seed, JobTypeRow Type)> Prepare(ApiFixture api)
    {
        var seed = new Seed(api);
        await seed.Workspace();
        return (seed, await seed.JobType("tiler", change: t => t.Configuration = Configured));
    }
}
