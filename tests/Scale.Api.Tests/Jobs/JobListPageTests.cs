using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

/// <summary>Pages and counts of the job list, wherever the page lies and however its count is known.</summary>
public sealed class JobListPageTests
{
    private const int Jobs = 23;

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Pages_from_first_to_last_are_the_whole_list_in_its_order(Provider provider)
    {
        await using var api = await WithJobs(provider);
        foreach (var order in new[] { "last_modified", "-last_modified", "id", "-duration", "duration", "job_type", "-node", "status" })
        {
            var whole = Ids(await api.Get($"/v6/jobs/?order={order}&page_size=1000"));
            var paged = new List<long>();
            for (var page = 1; page <= 6; page++)
            {
                paged.AddRange(Ids(await api.Get($"/v6/jobs/?order={order}&page_size=4&page={page}")));
            }

            Assert.Equal(Jobs, whole.Count);
            Assert.Equal(whole, paged);
            Assert.Equal(whole.TakeLast(3), Ids(await api.Get($"/v6/jobs/?order={order}&page_size=4&page=last")));
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_count_is_that_of_all_matches_for_every_filter(Provider provider)
    {
        await using var api = await WithJobs(provider);
        foreach (var (filter, count) in new[]
        {
            ("", Jobs), ("status=COMPLETED", 11), ("status=COMPLETED&status=FAILED", Jobs), ("status=NONE", 0), ("job_type_name=tiler", 8), ("job_type_name=tiler&status=FAILED", 4),
            ("job_type_name=nothing", 0), ("job_type_version=1.0.0", Jobs), ("batch_id=3", 5), ("batch_id=3&batch_id=4", 10), ("is_superseded=true", 4), ("is_superseded=false&batch_id=3", 4),
            ("source_sensor=red", 12), ("source_sensor=red&source_sensor=blue", Jobs), ("started=2026-03-01T09:00:10Z&status=COMPLETED", 6),
        })
        {
            var answer = (await api.Get($"/v6/jobs/?{filter}")).Expect(200);
            Assert.Equal((filter, count, count), (filter, answer["count"].GetInt32(), answer.Results.Count));
        }
    }

    /// <summary>The n-th job, from 0, was changed n seconds after the start of time.</summary>
    private static async Task<ApiFixture> WithJobs(Provider provider)
    {
        var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var types = new[] { await seed.JobType("tiler"), await seed.JobType("cutter"), await seed.JobType("stitcher") };
        var node = await seed.Node("n1");
        for (var i = 0; i < Jobs; i++)
        {
            await seed.Job(types[i % 3], i % 2 == 0 ? JobStatus.Failed : JobStatus.Completed, j =>
            {
                j.BatchId = i < 20 ? 1 + i / 5 : null;
                j.IsSuperseded = i is 2 or 7 or 12 or 17;
                j.SourceSensor = i % 2 == 0 ? "red" : "blue";
                j.NodeId = i % 4 == 0 ? node.Id : null;
                j.Started = i % 3 == 0 ? null : Seed.Start;
                j.Ended = i % 5 == 0 ? null : Seed.Start.AddSeconds(i % 7);
                j.LastModified = Seed.Start.AddSeconds(i);
            });
        }

        return api;
    }

    private static List<long> Ids(ApiAnswer answer) => [.. answer.Expect(200).Results.Select(j => j.GetProperty("id").GetInt64())];
}
