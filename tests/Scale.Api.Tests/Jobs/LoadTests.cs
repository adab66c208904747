using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Jobs;

/// <summary>The load over HTTP (jobs-and-queue.md §10).</summary>
public sealed class LoadTests
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Types_are_added_up_hour_by_hour_and_filtered(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider, clock: new Clock());
        var seed = new Seed(api);
        var (tiler, scaler) = (await seed.JobType("tiler"), await seed.JobType("scaler"));
        await Load(seed, Noon, null, 0, 0, 0);
        await Load(seed, Noon.AddHours(2), tiler.Id, 1, 2, 3);
        await Load(seed, Noon.AddHours(1), tiler.Id, 1, 10, 100);
        await Load(seed, Noon.AddHours(1), scaler.Id, 2, 20, 200);
        await Load(seed, Noon.AddDays(-8), tiler.Id, 7, 7, 7);

        Assert.Equal("12:0/0/0 13:3/30/300 14:1/2/3", await Shown(api, ""));
        Assert.Equal("13:1/10/100 14:1/2/3", await Shown(api, $"job_type_id={tiler.Id}"));
        Assert.Equal("13:3/30/300 14:1/2/3", await Shown(api, $"job_type_id={tiler.Id}&job_type_id={scaler.Id}&job_type_category=x"));
        Assert.Equal("13:2/20/200", await Shown(api, "job_type_name=scaler"));
        Assert.Equal("13:3/30/300", await Shown(api, "started=2026-03-01T12:00:01Z&ended=2026-03-01T13:00:00Z"));
        Assert.Equal("12:7/7/7 12:0/0/0 13:3/30/300 14:1/2/3", await Shown(api, "started=2026-01-01T00:00:00Z"));
        Assert.Equal("13:3/30/300", await Shown(api, "page_size=1&page=2"));
        Assert.Equal(3, (await api.Get("/v6/load/?page_size=1")).Expect(200)["count"].GetInt32());
    }

    [Theory]
    [InlineData("started=2026-01-01T00:00:00Z&ended=2026-02-01T00:00:01Z", 400)]
    [InlineData("started=2026-01-01T00:00:00Z&ended=2026-02-01T00:00:00Z", 200)]
    [InlineData("started=2020-01-01T00:00:00Z", 200)]
    [InlineData("ended=2020-01-01T00:00:00Z", 200)]
    [InlineData("started=2026-01-01T00:00:00Z&ended=2026-01-01T00:00:00Z", 400)]
    [InlineData("started=2026-01-02T00:00:00Z&ended=2026-01-01T00:00:00Z", 400)]
    [InlineData("job_type_id=x", 400)]
    public async Task A_range_of_at_most_31_days_is_answered(string query, int status)
    {
        await using var api = await ApiFixture.Start(clock: new Clock());
        (await api.Get("/v6/load/?" + query)).Expect(status);
    }

    private static Task<JobLoadRow> Load(Seed seed, DateTime hour, long? type, int pending, int queued, int running) =>
        seed.Add(new JobLoadRow { Measured = hour, JobTypeId = type, Pending = pending, Queued = queued, Running = running });

    private static async Task<string> Shown(ApiFixture api, string query) => string.Join(' ', (await api.Get("/v6/load/?" + query)).Expect(200).Results.Select(r =>
        $"{r.GetProperty("time").GetString()![11..13]}:{r.GetProperty("pending_count").GetInt32()}/{r.GetProperty("queued_count").GetInt32()}/{r.GetProperty("running_count").GetInt32()}"));

    /// <summary>The afternoon of the same day.</summary>
    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Noon.AddHours(4);
    }
}
