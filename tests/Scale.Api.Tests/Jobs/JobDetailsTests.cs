using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

public sealed class JobDetailsTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_retried_job_shows_its_revision_data_resources_and_running_execution(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await seed.JobType("tiler", "1.2.0");
        await seed.JobType("tiler", "1.10.0");
        var job = await seed.Job(type, JobStatus.Running, j =>
        {
            j.NumExes = 2;
            j.Input = """{"files":{"SCENE":[501]},"json":{"LEVEL":4}}""";
            j.InputFileSize = 12;
        });
        await seed.Execution(job, 1, ExecutionStatus.Failed);
        var execution = await seed.Execution(job, 2, ExecutionStatus.Running);

        var shown = (await api.Get($"/v6/jobs/{job.Id}/")).Expect(200);
        var revision = shown["job_type_rev"];
        Assert.Equal(2, revision.GetProperty("job_type").GetProperty("num_versions").GetInt32());
        Assert.Equal("1.10.0", revision.GetProperty("job_type").GetProperty("latest_version").GetString());
        Assert.Equal("tiler", revision.GetProperty("job_type").GetProperty("name").GetString());
        Assert.Equal("tiler-1.2.0", revision.GetProperty("docker_image").GetString());
        Assert.Equal("1.0.0", revision.GetProperty("manifest").GetProperty("seedVersion").GetString());
        Assert.Equal("""{"resources":{"cpus":1,"mem":128,"disk":58,"gpus":0}}""", shown["resources"].GetRawText());
        Assert.Equal("""{"files":{"SCENE":[501]},"json":{"LEVEL":4}}""", shown["input"].GetRawText());
        Assert.Equal("""{"files":{},"json":{}}""", shown["output"].GetRawText());
        Assert.Equal(execution.Id, shown["execution"].GetProperty("id").GetInt64());
        Assert.Equal("RUNNING", shown["execution"].GetProperty("status").GetString());
        Assert.Equal("""{"resources":{"cpus":1,"mem":128,"disk":0,"gpus":0}}""", shown["execution"].GetProperty("resources").GetRawText());
        Assert.Equal(JsonValueKind.Null, shown["execution"].GetProperty("task_results").ValueKind);
    }

    [Theory]
    [InlineData(JobStatus.Canceled, "its input does not fit")]
    [InlineData(JobStatus.Queued, null)]
    public async Task A_canceled_job_says_why_when_nobody_asked_for_it(JobStatus status, string? shown)
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var job = await seed.Job(await seed.JobType("tiler"), status, j => j.CancelReason = "its input does not fit");
        Assert.Equal(shown, (await api.Get($"/v6/jobs/{job.Id}/")).Expect(200)["cancel_reason"].GetString());
    }

    [Theory]
    [InlineData(JobStatus.Queued, 2)]
    [InlineData(JobStatus.Canceled, 1)]
    [InlineData(JobStatus.Pending, 1)]
    public async Task No_execution_is_shown_when_freshly_queued_canceled_or_waiting(JobStatus status, int numExes)
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var job = await seed.Job(await seed.JobType("tiler"), status, j => j.NumExes = numExes);
        await seed.Execution(job, 1);
        Assert.Equal(JsonValueKind.Null, (await api.Get($"/v6/jobs/{job.Id}/")).Expect(200)["execution"].ValueKind);
    }

    [Fact]
    public async Task The_effective_configuration_is_the_jobs_own_or_the_types_without_secrets()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var type = await seed.JobType("tiler", change: t => t.Configuration = """{"output_workspaces":{"default":"products"},"settings":{"MODE":"a","PASSWORD":"b"}}""");
        var plain = await seed.Job(type);
        var own = await seed.Job(type, change: j => j.Configuration = """{"priority":5}""");

        Assert.Equal(
            """{"mounts":{},"output_workspaces":{"default":"products","outputs":{}},"priority":100,"settings":{"MODE":"a"}}""",
            (await api.Get($"/v6/jobs/{plain.Id}/")).Expect(200)["configuration"].GetRawText());
        Assert.Equal(
            """{"mounts":{},"output_workspaces":{"default":"products","outputs":{}},"priority":5,"settings":{"MODE":"a"}}""",
            (await api.Get($"/v6/jobs/{own.Id}/")).Expect(200)["configuration"].GetRawText());
    }

    [Fact]
    public async Task The_recipe_is_the_one_that_holds_the_job_now()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var recipeType = await seed.RecipeType("tile-scene");
        var old = await seed.Recipe(recipeType, r => r.IsSuperseded = true);
        var current = await seed.Recipe(recipeType, r => r.SupersededRecipeId = old.Id);
        var type = await seed.JobType("tiler");
        var shared = await seed.Job(type, change: j => j.RecipeId = old.Id);
        var dropped = await seed.Job(type, change: j => j.RecipeId = old.Id);
        await seed.Add(new RecipeNodeRow { RecipeId = old.Id, NodeName = "tile", JobId = shared.Id });
        await seed.Add(new RecipeNodeRow { RecipeId = old.Id, NodeName = "more", JobId = dropped.Id });
        await seed.Add(new RecipeNodeRow { RecipeId = current.Id, NodeName = "tile", JobId = shared.Id, IsOriginal = false });

        Assert.Equal(current.Id, (await api.Get($"/v6/jobs/{shared.Id}/")).Expect(200)["recipe"].GetProperty("id").GetInt64());
        Assert.Equal(JsonValueKind.Null, (await api.Get($"/v6/jobs/{dropped.Id}/")).Expect(200)["recipe"].ValueKind);
        Assert.Equal(old.Id, (await api.Get($"/v6/jobs/?job_id={shared.Id}")).Results[0].GetProperty("recipe").GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task Predecessor_and_successor_are_shown()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var type = await seed.JobType("tiler");
        var first = await seed.Job(type, JobStatus.Canceled, j => j.IsSuperseded = true);
        var second = await seed.Job(type, JobStatus.Pending, j => j.SupersededJobId = first.Id);

        var successor = (await api.Get($"/v6/jobs/{first.Id}/")).Expect(200)["superseded_by_job"];
        Assert.Equal(second.Id, successor.GetProperty("id").GetInt64());
        Assert.Equal("PENDING", successor.GetProperty("status").GetString());
        Assert.Equal("tiler", successor.GetProperty("job_type").GetProperty("name").GetString());
        var details = (await api.Get($"/v6/jobs/{second.Id}")).Expect(200);
        Assert.Equal(first.Id, details["superseded_job"].GetProperty("id").GetInt64());
        Assert.Equal(JsonValueKind.Null, details["superseded_by_job"].ValueKind);
    }

    [Theory]
    [InlineData("/v6/jobs/77/", 404)]
    [InlineData("/v6/jobs/x/", 404)]
    [InlineData("/v6/jobs/77/input_files/", 404)]
    [InlineData("/v6/jobs/77/input_files/?time_field=other", 400)]
    [InlineData("/v6/jobs/77/executions/1/", 404)]
    [InlineData("/v6/jobs/77/executions/99999999999/", 404)]
    public async Task Unknown_jobs_and_executions_are_404_after_bad_parameters(string path, int status)
    {
        await using var api = await ApiFixture.Start();
        (await api.Get(path)).Expect(status);
    }

    [Fact]
    public async Task A_job_can_not_be_edited()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var job = await seed.Job(await seed.JobType("tiler"));
        (await api.Patch($"/v6/jobs/{job.Id}/", new { })).Expect(405);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Input_files_are_listed_once_and_filtered(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var workspace = await seed.Workspace();
        var scene = await seed.File("scene.tif", workspace, f => f.DataStarted = Seed.Start.AddDays(5));
        var mask = await seed.File("mask.tif", workspace, f => f.SourceEnded = Seed.Start.AddDays(5));
        await seed.File("other.tif", workspace);
        var job = await seed.Job(await seed.JobType("tiler"), JobStatus.Queued, j => j.InputFileSize = 2);
        await seed.Add(new JobInputFileRow { JobId = job.Id, InputName = "SCENE", FileId = scene.Id });
        await seed.Add(new JobInputFileRow { JobId = job.Id, InputName = "AGAIN", FileId = scene.Id });
        await seed.Add(new JobInputFileRow { JobId = job.Id, InputName = "MASK", FileId = mask.Id });

        Assert.Equal("scene.tif mask.tif", await Names(api, job, ""));
        Assert.Equal("mask.tif", await Names(api, job, "job_input=MASK"));
        Assert.Equal("scene.tif", await Names(api, job, "file_name=scene.tif"));
        Assert.Equal("", await Names(api, job, "file_name=other.tif"));
        Assert.Equal("scene.tif", await Names(api, job, "time_field=data&started=2026-03-06T09:00:00Z"));
        Assert.Equal("mask.tif", await Names(api, job, "time_field=source&ended=2026-03-06T09:00:00Z"));
        Assert.Equal("", await Names(api, job, "started=2027-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task Before_input_is_processed_its_files_come_from_the_data()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var scene = await seed.File("scene.tif", await seed.Workspace());
        var job = await seed.Job(await seed.JobType("tiler"), change: j => j.Input = $$$"""{"files":{"SCENE":[{{{scene.Id}}}],"AGAIN":[{{{scene.Id}}}]},"json":{}}""");
        Assert.Equal("scene.tif", await Names(api, job, ""));
        Assert.Equal("", await Names(api, job, "job_input=MASK"));
    }

    private static async Task<string> Names(ApiFixture api, JobRow job, string query) =>
        string.Join(' ', (await api.Get($"/v6/jobs/{job.Id}/input_files/?{query}")).Expect(200).Results.Select(f => f.GetProperty("file_name").GetString()));
}
