using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.JobTypes;

public sealed class JobTypeUsageTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Usage_tells_what_the_latest_completed_executions_used(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await seed.JobType("tiler");
        for (var i = 1; i <= 3; i++)
        {
            var seconds = i;
            await seed.Execution(await seed.Job(type, JobStatus.Completed), 1, change: e =>
            {
                e.CpuSeconds = seconds * 2;
                e.PeakMemory = seconds * 100;
                e.BytesRead = 0;
                e.MainStarted = Seed.Start;
                e.MainEnded = Seed.Start.AddSeconds(2);
            });
        }

        await seed.Execution(await seed.Job(type, JobStatus.Failed), 1, ExecutionStatus.Failed, e => e.CpuSeconds = 1000);
        var usage = (await api.Get("/v6/job-types/tiler/1.0.0/usage/")).Expect(200);
        Assert.Equal(3, usage["count"].GetInt32());
        Assert.Equal("""{"p50":4,"p95":6,"max":6}""", usage["cpu_seconds"].GetRawText());
        Assert.Equal("""{"p50":200,"p95":300,"max":300}""", usage["peak_memory"].GetRawText());
        Assert.Equal("""{"p50":0,"p95":0,"max":0}""", usage["bytes_read"].GetRawText());
        Assert.Equal("null", usage["bytes_written"].GetRawText());
        Assert.Equal("""{"p50":2,"p95":2,"max":2}""", usage["run_seconds"].GetRawText());
        Assert.Equal("""{"cpus":3,"mem":384}""", usage["recommended"].GetRawText());
        Assert.Equal(128, usage["declared"].GetProperty("mem").GetDouble());
        Assert.Equal(1, (await api.Get("/v6/job-types/tiler/1.0.0/usage/?executions=1")).Expect(200)["count"].GetInt32());
    }

    [Fact]
    public async Task Without_executions_nothing_is_recommended()
    {
        await using var api = await ApiFixture.Start();
        await new Seed(api).JobType("tiler");
        var usage = (await api.Get("/v6/job-types/tiler/1.0.0/usage/")).Expect(200);
        Assert.Equal(0, usage["count"].GetInt32());
        Assert.Equal("null", usage["recommended"].GetRawText());
    }

    [Theory]
    [InlineData("/v6/job-types/tiler/9.9.9/usage/", 404)]
    [InlineData("/v6/job-types/other/1.0.0/usage/", 404)]
    [InlineData("/v6/job-types/tiler/1.0.0/usage/?executions=0", 400)]
    [InlineData("/v6/job-types/tiler/1.0.0/usage/?executions=10001", 400)]
    [InlineData("/v6/job-types/tiler/1.0.0/usage/?executions=x", 400)]
    public async Task What_can_not_be_answered_is_refused(string path, int status)
    {
        await using var api = await ApiFixture.Start();
        await new Seed(api).JobType("tiler");
        (await api.Get(path)).Expect(status);
    }
}
