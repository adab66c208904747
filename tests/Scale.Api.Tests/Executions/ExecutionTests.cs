using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Executions;

public sealed class ExecutionTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Executions_are_listed_latest_first_and_filtered(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var node = await seed.Node("n4");
        var error = await seed.Error("bad-data", ErrorCategory.Data);
        var job = await seed.Job(await seed.JobType("tiler"), JobStatus.Running, j => j.NumExes = 3);
        await seed.Execution(job, 1, ExecutionStatus.Failed, e =>
        {
            e.NodeId = node.Id;
            e.ErrorId = error.Id;
            e.Ended = Seed.Start;
        });
        await seed.Execution(job, 2, ExecutionStatus.Canceled);
        await seed.Execution(job, 3, ExecutionStatus.Running);
        await seed.Execution(await seed.Job(await seed.JobType("other")), 1);

        Assert.Equal("3 2 1", await Numbers(api, job, ""));
        Assert.Equal("3 1", await Numbers(api, job, "status=RUNNING&status=FAILED"));
        Assert.Equal("1", await Numbers(api, job, $"node_id={node.Id}"));
        Assert.Equal("1", await Numbers(api, job, $"error_id={error.Id}&error_id=99"));
        Assert.Equal("1", await Numbers(api, job, "error_category=DATA"));
        Assert.Equal("", await Numbers(api, job, "error_category=SYSTEM"));
        Assert.Equal("", await Numbers(api, job, "status=NONE"));
        (await api.Get($"/v6/jobs/{job.Id}/executions/?node_id=x")).Expect(400);

        var shown = (await api.Get($"/v6/jobs/{job.Id}/executions/?status=FAILED")).Results[0];
        Assert.Equal("n4", shown.GetProperty("node").GetProperty("hostname").GetString());
        Assert.Equal("DATA", shown.GetProperty("error").GetProperty("category").GetString());
        Assert.Equal(job.Id, shown.GetProperty("job").GetProperty("id").GetInt64());
        Assert.Equal("tiler", shown.GetProperty("job_type").GetProperty("name").GetString());
        Assert.Equal($"scale_job_main_{job.Id}x1", shown.GetProperty("cluster_id").GetString());
        Assert.False(shown.TryGetProperty("configuration", out _));
    }

    [Fact]
    public async Task Executions_of_an_unknown_job_are_an_empty_page()
    {
        await using var api = await ApiFixture.Start();
        Assert.Equal(0, (await api.Get("/v6/jobs/77/executions/")).Expect(200)["count"].GetInt32());
    }

    [Fact]
    public async Task Details_show_output_in_both_shapes()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var job = await seed.Job(await seed.JobType("tiler"), JobStatus.Completed, j => j.NumExes = 1);
        await seed.Execution(job, 1, change: e =>
        {
            e.Output = """{"files":{"ONE":[5],"TILES":[6,7]},"json":{"COUNT":2}}""";
            e.TaskResults = """{"version":"1.0","tasks":[]}""";
        });

        var shown = (await api.Get($"/v6/jobs/{job.Id}/executions/1")).Expect(200);
        Assert.Equal(
            """{"version":"7","files":{"ONE":[5],"TILES":[6,7]},"json":{"COUNT":2},"output_data":[{"name":"ONE","file_id":5},{"name":"TILES","file_ids":[6,7]},{"name":"COUNT","value":2}]}""",
            shown["output"].GetRawText());
        Assert.Equal("""{"version":"1.0","tasks":[]}""", shown["task_results"].GetRawText());
        Assert.Equal("2.0", shown["configuration"].GetProperty("version").GetString());
    }

    [Fact]
    public async Task Details_show_what_was_used()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var job = await seed.Job(await seed.JobType("tiler"), JobStatus.Completed, j => j.NumExes = 2);
        await seed.Execution(job, 1);
        await seed.Execution(job, 2, change: e =>
        {
            e.CpuSeconds = 1.25;
            e.PeakMemory = 90.5;
            e.BytesWritten = 4096;
        });
        Assert.Equal(JsonValueKind.Null, (await api.Get($"/v6/jobs/{job.Id}/executions/1/")).Expect(200)["usage"].ValueKind);
        Assert.Equal(
            """{"cpu_seconds":1.25,"peak_memory":90.5,"bytes_read":null,"bytes_written":4096}""",
            (await api.Get($"/v6/jobs/{job.Id}/executions/2/")).Expect(200)["usage"].GetRawText());
    }

    [Fact]
    public async Task An_execution_canceled_off_the_queue_has_no_node_and_no_resources()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var job = await seed.Job(await seed.JobType("tiler"), JobStatus.Canceled, j => j.NumExes = 1);
        await seed.Execution(job, 1, ExecutionStatus.Canceled, e =>
        {
            e.Resources = "{}";
            e.Started = null;
        });

        var shown = (await api.Get($"/v6/jobs/{job.Id}/executions/1/")).Expect(200);
        Assert.Equal("""{"resources":{"cpus":0,"mem":0,"disk":0,"gpus":0}}""", shown["resources"].GetRawText());
        Assert.Equal(JsonValueKind.Null, shown["node"].ValueKind);
        Assert.Equal(JsonValueKind.Null, shown["started"].ValueKind);
        Assert.Equal(JsonValueKind.Null, shown["output"].ValueKind);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Executions_of_all_jobs_are_found_by_node_time_status_and_error(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var node = await seed.Node("n4");
        var error = await seed.Error("bad-data", ErrorCategory.Data);
        var (tiler, scaler) = (await seed.JobType("tiler"), await seed.JobType("scaler"));
        var job = await seed.Job(tiler, JobStatus.Running, j => j.NumExes = 2);
        var failed = await seed.Execution(job, 1, ExecutionStatus.Failed, e => (e.NodeId, e.ErrorId, e.Ended) = (node.Id, error.Id, Seed.Start));
        var running = await seed.Execution(job, 2, ExecutionStatus.Running);
        var other = await seed.Execution(await seed.Job(scaler), 1);
        async Task<string> Found(string query) => string.Join(' ', (await api.Get("/v6/job-executions/?" + query)).Expect(200).Results.Select(e => e.GetProperty("id").GetInt64()));

        Assert.Equal($"{other.Id} {running.Id} {failed.Id}", await Found(""));
        Assert.Equal($"{failed.Id}", await Found($"node_id={node.Id}"));
        Assert.Equal($"{running.Id} {failed.Id}", await Found("status=RUNNING&status=FAILED"));
        Assert.Equal($"{failed.Id}", await Found($"error_id={error.Id}"));
        Assert.Equal($"{failed.Id}", await Found("error_category=DATA"));
        Assert.Equal($"{running.Id} {failed.Id}", await Found($"job_id={job.Id}"));
        Assert.Equal($"{other.Id}", await Found($"job_type_id={scaler.Id}"));
        Assert.Equal($"{other.Id}", await Found("job_type_name=scaler"));
        Assert.Equal($"{other.Id} {running.Id}", await Found($"started={running.Created:yyyy-MM-ddTHH:mm:ssZ}"));
        Assert.Equal($"{failed.Id}", await Found($"ended={failed.Created:yyyy-MM-ddTHH:mm:ssZ}"));
        Assert.Equal($"{failed.Id} {running.Id} {other.Id}", await Found("order=created"));
        await Orders.TryAll(api, "/v6/job-executions/");
        (await api.Get("/v6/job-executions/?node_id=x")).Expect(400);

        var details = (await api.Get($"/v6/job-executions/{failed.Id}/")).Expect(200);
        Assert.Equal((await api.Get($"/v6/jobs/{job.Id}/executions/1/")).Expect(200).Text, details.Text);
        (await api.Get("/v6/job-executions/77/")).Expect(404);
    }

    private static async Task<string> Numbers(ApiFixture api, JobRow job, string query) =>
        string.Join(' ', (await api.Get($"/v6/jobs/{job.Id}/executions/?{query}")).Expect(200).Results.Select(e => e.GetProperty("exe_num").GetInt32()));
}
