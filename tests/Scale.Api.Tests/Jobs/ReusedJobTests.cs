using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Jobs;

namespace Scale.Api.Tests.Jobs;

public sealed class ReusedJobTests
{
    [Fact]
    public async Task A_job_that_took_over_outputs_says_from_which_job()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var type = await seed.JobType("tiler");
        var first = await seed.Job(type, JobStatus.Completed, j => j.NumExes = 1);
        await seed.Execution(first, 1);
        var second = await seed.Job(type, JobStatus.Completed, j => (j.NumExes, j.ReusedJobId) = (1, first.Id));
        Assert.Equal(JsonValueKind.Null, (await api.Get($"/v6/jobs/{first.Id}/")).Expect(200)["reused_from"].ValueKind);
        var details = (await api.Get($"/v6/jobs/{second.Id}/")).Expect(200);
        Assert.Equal(first.Id, details["reused_from"].GetProperty("id").GetInt64());
        Assert.Equal(JsonValueKind.Null, details["execution"].ValueKind);
        Assert.Empty((await api.Get($"/v6/jobs/{second.Id}/executions/")).Expect(200).Results);
    }
}
