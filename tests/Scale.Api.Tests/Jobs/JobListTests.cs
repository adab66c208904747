using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Ingest;
using Scale.Store.Jobs;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

public sealed class JobListTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_shows_what_it_belongs_to(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await seed.JobType("tiler");
        var recipeType = await seed.RecipeType("tile-scene");
        var batch = await seed.Batch(recipeType, "My batch");
        var recipe = await seed.Recipe(recipeType, r => r.EventId = batch.EventId);
        var node = await seed.Node("n4");
        var error = await seed.Error("timeout");
        var happened = await seed.Event();
        var ingested = await seed.Add(new IngestEventRow { Type = "SCAN_TRANSFER", Description = "{}", Occurred = Seed.Start });
        var job = await seed.Job(type, JobStatus.Failed, j =>
        {
            j.RecipeId = recipe.Id;
            j.BatchId = batch.Id;
            j.NodeId = node.Id;
            j.ErrorId = error.Id;
            j.EventId = happened.Id;
            j.IngestEventId = ingested.Id;
            j.SupersededJobId = 17;
            j.NumExes = 2;
            j.InputFileSize = 12;
        });
        var files = new[] { await seed.File("b.tif"), await seed.File("a.tif"), await seed.File("c.tif") };
        await seed.Add(new JobInputFileRow { JobId = job.Id, InputName = "SCENE", FileId = files[0].Id });
        await seed.Add(new JobInputFileRow { JobId = job.Id, InputName = "SCENE", FileId = files[1].Id });
        await seed.Add(new JobInputFileRow { JobId = job.Id, InputName = "MASK", FileId = files[2].Id });
        await seed.Job(type);

        var shown = (await api.Get($"/v6/jobs/?job_id={job.Id}")).Expect(200).Results.Single();
        Assert.Equal("FAILED", shown.GetProperty("status").GetString());
        Assert.Equal("tiler", shown.GetProperty("job_type").GetProperty("name").GetString());
        Assert.Equal(1, shown.GetProperty("job_type").GetProperty("revision_num").GetInt32());
        Assert.Equal(type.Id, shown.GetProperty("job_type_rev").GetProperty("job_type").GetProperty("id").GetInt64());
        Assert.Equal("tile-scene", shown.GetProperty("recipe").GetProperty("recipe_type").GetProperty("name").GetString());
        Assert.Equal(recipe.RecipeTypeRevId, shown.GetProperty("recipe").GetProperty("recipe_type_rev").GetProperty("id").GetInt64());
        Assert.Equal(batch.EventId, shown.GetProperty("recipe").GetProperty("event").GetProperty("id").GetInt64());
        Assert.Equal("My batch", shown.GetProperty("batch").GetProperty("title").GetString());
        Assert.Equal("n4", shown.GetProperty("node").GetProperty("hostname").GetString());
        Assert.Equal("ALGORITHM", shown.GetProperty("error").GetProperty("category").GetString());
        Assert.Equal("USER", shown.GetProperty("event").GetProperty("type").GetString());
        Assert.Equal("SCAN_TRANSFER", shown.GetProperty("ingest_event").GetProperty("type").GetString());
        Assert.Equal(17, shown.GetProperty("superseded_job").GetProperty("id").GetInt64());
        Assert.Equal("""{"MASK":["c.tif"],"SCENE":["b.tif","a.tif"]}""", shown.GetProperty("input_files").GetRawText());
        Assert.Equal(12, shown.GetProperty("input_file_size").GetDouble());

        var bare = (await api.Get("/v6/jobs/?status=PENDING")).Expect(200).Results.Single();
        Assert.Equal("{}", bare.GetProperty("input_files").GetRawText());
        foreach (var name in new[] { "event", "ingest_event", "recipe", "batch", "node", "error", "superseded", "superseded_job", "input_file_size", "source_started", "queued", "started", "ended", "last_status_change" })
        {
            Assert.Equal(System.Text.Json.JsonValueKind.Null, bare.GetProperty(name).ValueKind);
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_filter_finds_its_jobs_and_no_others(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var tiler = await seed.JobType("tiler", "1.0.0");
        await seed.Job(tiler);
        var newTiler = await seed.JobType("scaler", "2.0.0");
        var error = await seed.Error("bad-data", ErrorCategory.Data);
        var job = await seed.Job(newTiler, JobStatus.Failed, j =>
        {
            j.BatchId = 3;
            j.RecipeId = 4;
            j.ErrorId = error.Id;
            j.IsSuperseded = true;
            j.SourceStarted = Seed.Start.AddDays(1);
            j.SourceEnded = Seed.Start.AddDays(2);
            j.SourceSensorClass = "class";
            j.SourceSensor = "sensor";
            j.SourceCollection = "collection";
            j.SourceTask = "task";
            j.LastModified = Seed.Start.AddDays(3);
        });

        await seed.Add(new RecipeNodeRow { RecipeId = 4, NodeName = "scale", JobId = job.Id });
        string[] matching =
        [
            "started=2026-03-04T09:00:00Z", "source_started=2026-03-02T09:00:00Z", "source_ended=2026-03-03T09:00:00Z", "source_sensor_class=class", "source_sensor=sensor",
            "source_collection=collection", "source_task=task", "source_tasks=task", "status=FAILED&status=CANCELED", $"job_id={job.Id}&job_id=99", $"job_type_id={newTiler.Id}",
            "job_type_name=scaler", "job_type_version=2.0.0", "batch_id=3", "recipe_id=4", $"error_id={error.Id}", "error_category=DATA&error_category=SYSTEM", "is_superseded=true",
        ];
        foreach (var query in matching)
        {
            var answer = (await api.Get("/v6/jobs/?" + query)).Expect(200);
            Assert.True(answer["count"].GetInt32() == 1 && answer.Results[0].GetProperty("id").GetInt64() == job.Id, $"{query}: {answer.Text}");
        }

        string[] missing = ["status=NONE", "error_category=NONE", "job_id=99", "job_type_name=TILER", "started=2026-03-04T09:00:00.000001Z", "ended=2026-03-01T08:00:00Z", "job_type_name=tiler&job_type_version=2.0.0"];
        foreach (var query in missing)
        {
            Assert.Equal(0, (await api.Get("/v6/jobs/?" + query)).Expect(200)["count"].GetInt32());
        }

        Assert.Equal(2, (await api.Get("/v6/jobs/?include_superseded=true&job_type_category=x&ended=&status=")).Expect(200)["count"].GetInt32());
    }

    [Theory]
    [InlineData("started=2026-03-01T09:00:00")]
    [InlineData("started=2026-03-01T09:00:00Z&ended=2026-03-01T09:00:00Z")]
    [InlineData("source_started=2026-03-02T09:00:00Z&source_ended=2026-03-01T09:00:00Z")]
    [InlineData("job_type_id=x")]
    [InlineData("error_id=1.5")]
    [InlineData("is_superseded=2")]
    [InlineData("order=-nothing")]
    public async Task Bad_values_are_400(string query)
    {
        await using var api = await ApiFixture.Start();
        (await api.Get("/v6/jobs/?" + query)).Expect(400);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_sort_by_every_field_and_relation(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        await seed.Job(await seed.JobType("tiler"));
        var names = await Orders.TryAll(api, "/v6/jobs/");
        Assert.Superset(new HashSet<string> { "job_type", "job_type.version", "recipe", "node", "duration", "status", "error.category", "error.title", "batch", "error", "queued" }, names.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Orders_combine_with_unknown_values_last_when_ascending(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var tiler = await seed.JobType("tiler");
        var archiver = await seed.JobType("Archiver");
        var data = await seed.Error("z", ErrorCategory.Data);
        var system = await seed.Error("a", ErrorCategory.System);
        await seed.Job(tiler, JobStatus.Running, j => j.Started = Seed.Start);
        await seed.Job(tiler, JobStatus.Failed, j => Ended(j, 30, system.Id));
        await seed.Job(archiver, JobStatus.Failed, j => Ended(j, 10, data.Id));
        await seed.Job(tiler, JobStatus.Completed, j => Ended(j, 10, null));

        Assert.Equal("1 2 3 4", await Ids(api, ""));
        Assert.Equal("4 3 2 1", await Ids(api, "order=-last_modified"));
        Assert.Equal("3 4 2 1", await Ids(api, "order=duration"));
        Assert.Equal("1 2 3 4", await Ids(api, "order=-duration"));
        Assert.Equal("1 2 4 3", await Ids(api, "order=-duration&order=-job_type"));
        Assert.Equal("3 1 2 4", await Ids(api, "order=job_type"));
        Assert.Equal("3 4 2 1", await Ids(api, "order=job_type__name&order=duration"));
        Assert.Equal("4 2 3 1", await Ids(api, "order=status"));
        Assert.Equal("3 2 1 4", await Ids(api, "order=error.category"));
        Assert.Equal("1 4 2 3", await Ids(api, "order=-error__category"));
        Assert.Equal("2 3 1 4", await Ids(api, "order=error"));
    }

    [Fact]
    public async Task Pages_link_to_their_neighbours_with_all_other_parameters()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var type = await seed.JobType("tiler");
        for (var i = 0; i < 5; i++)
        {
            await seed.Job(type);
        }

        var middle = (await api.Get("/api/v6/jobs/?status=PENDING&status=QUEUED&page_size=2&page=2")).Expect(200);
        Assert.Equal(5, middle["count"].GetInt32());
        Assert.Equal([3, 4], middle.Results.Select(j => j.GetProperty("id").GetInt32()));
        Assert.EndsWith("/api/v6/jobs/?status=PENDING&status=QUEUED&page_size=2&page=3", middle["next"].GetString());
        Assert.EndsWith("/api/v6/jobs/?status=PENDING&status=QUEUED&page_size=2", middle["previous"].GetString());
        Assert.Equal([5], (await api.Get("/v6/jobs/?page_size=2&page=last")).Expect(200).Results.Select(j => j.GetProperty("id").GetInt32()));
    }

    private static void Ended(JobRow job, int seconds, long? errorId)
    {
        job.Started = Seed.Start;
        job.Ended = Seed.Start.AddSeconds(seconds);
        job.ErrorId = errorId;
    }

    private static async Task<string> Ids(ApiFixture api, string query) =>
        string.Join(' ', (await api.Get("/v6/jobs/?" + query)).Expect(200).Results.Select(j => j.GetProperty("id").GetInt64()));
}
