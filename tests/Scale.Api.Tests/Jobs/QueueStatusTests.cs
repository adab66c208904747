using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

public sealed class QueueStatusTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Types_with_waiting_jobs_are_listed_unpaused_first_then_most_urgent(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var paused = await seed.JobType("paused", change: t => t.IsPaused = true);
        var usual = await seed.JobType("usual");
        var urgent = await seed.JobType("urgent");
        await seed.JobType("idle");
        await Queue(seed, paused, 1, 1);
        await Queue(seed, usual, 100, 2);
        await Queue(seed, usual, 50, 1);
        await Queue(seed, urgent, 10, 1);

        var rows = (await api.Get("/v6/queue/status/")).Expect(200).Results;
        Assert.Equal(["urgent", "usual", "paused"], rows.Select(r => r.GetProperty("job_type").GetProperty("name").GetString()));
        Assert.Equal([1, 3, 1], rows.Select(r => r.GetProperty("count").GetInt32()));
        Assert.Equal([10, 50, 1], rows.Select(r => r.GetProperty("highest_priority").GetInt32()));
        Assert.EndsWith("Z", rows[1].GetProperty("longest_queued").GetString());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_of_paused_batches_count_with_the_others_of_their_type(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var type = await seed.JobType("usual");
        await Queue(seed, type, 100, 2);
        var held = await seed.Add(new QueueClassRow { JobTypeId = type.Id, Priority = 50, Resources = "{}" });
        await seed.Add(new QueueRow { JobId = (await seed.Job(type, JobStatus.Queued)).Id, ExeNum = 1, ClassId = -held.Id, Timeout = 60, Queued = seed.Now });

        var row = Assert.Single((await api.Get("/v6/queue/status/")).Expect(200).Results);
        Assert.Equal(3, row.GetProperty("count").GetInt32());
        Assert.Equal(50, row.GetProperty("highest_priority").GetInt32());
        Assert.Equal(1, row.GetProperty("waiting_reasons").GetProperty("BATCH_PAUSED").GetInt32());
    }

    [Fact]
    public async Task An_empty_queue_is_an_empty_page()
    {
        await using var api = await ApiFixture.Start();
        Assert.Equal(0, (await api.Get("/v6/queue/status/")).Expect(200)["count"].GetInt32());
    }

    private static async Task Queue(Seed seed, JobTypeRow type, int priority, int count)
    {
        var wanted = await seed.Add(new QueueClassRow { JobTypeId = type.Id, Priority = priority, Resources = "{}" });
        for (var i = 0; i < count; i++)
        {
            var job = await seed.Job(type, JobStatus.Queued);
            await seed.Add(new QueueRow { JobId = job.Id, ExeNum = 1, ClassId = wanted.Id, Timeout = 60, Queued = seed.Now });
        }
    }
}
