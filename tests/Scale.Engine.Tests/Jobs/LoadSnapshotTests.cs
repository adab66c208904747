using Scale.Engine.Executions;
using Scale.Engine.Tests.Leadership;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Jobs;

/// <summary>The load of every full hour (jobs-and-queue.md §10). The clock of these worlds starts at 12:00.</summary>
public sealed class LoadSnapshotTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Each_hour_is_measured_once_by_job_type_and_an_empty_one_by_a_row_of_zeros(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        await world.Settle();
        Assert.Equal([(12, null, 0, 0, 0)], await Loads(world));

        var (free, limited) = (await world.AddJobType("free", Manifests.NoInput("free")), await world.AddJobType("limited", Manifests.NoInput("limited"), maxScheduled: 1));
        var jobs = new[] { await world.AddJob(limited), await world.AddJob(limited), await world.AddJob(free), await world.AddJob(free), await world.AddJob(free) };
        await world.Queue(jobs[0], jobs[1], jobs[2]);
        await world.Settle();
        await world.End(jobs[2], ExecutionOutcome.Completed);
        await world.Write(s => s.Execute("UPDATE job SET status = 1 WHERE id = @id", ("id", jobs[4])));

        await world.Pass(TimeSpan.FromMinutes(59));
        Assert.Single(await Loads(world));
        await world.Pass(TimeSpan.FromMinutes(1));
        await world.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal([(12, null, 0, 0, 0), (13, free, 1, 0, 0), (13, limited, 0, 1, 1)], await Loads(world));
    }

    [Fact]
    public async Task Another_leader_measures_the_hour_that_has_just_begun_and_none_that_is_over()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        await world.Settle();
        world.Clock.Advance(TimeSpan.FromMinutes(62));
        await world.Restart();
        await world.Settle();
        await world.Restart();
        await world.Settle();
        Assert.Equal([12, 13], (await Loads(world)).Select(l => l.Hour));

        world.Clock.Advance(TimeSpan.FromMinutes(90));
        await world.Restart();
        await world.Settle();
        Assert.Equal([12, 13], (await Loads(world)).Select(l => l.Hour));
        await world.Pass(TimeSpan.FromMinutes(28));
        Assert.Equal([12, 13, 15], (await Loads(world)).Select(l => l.Hour));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_measures_no_hour_twice()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        await world.Settle();
        await world.Pass(TimeSpan.FromHours(1));
        await world.Pass(TimeSpan.FromHours(-1));
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal([12, 13], (await Loads(world)).Select(l => l.Hour));
    }

    [Fact]
    public async Task The_leader_wakes_for_the_next_hour()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        await world.Settle();
        await world.Pass(TimeSpan.FromSeconds(3_590));
        Assert.Equal(world.Clock.Now.AddSeconds(10), world.Leader.NextLook);
    }

    private static Task<List<(int Hour, long? JobTypeId, int Pending, int Queued, int Running)>> Loads(EngineWorld world) => world.Values(
        "SELECT measured, job_type_id, pending, queued, running FROM job_load ORDER BY measured, job_type_id",
        r => (r.Moment(0).Hour, r.Long(1), r.GetInt32(2), r.GetInt32(3), r.GetInt32(4)));
}
