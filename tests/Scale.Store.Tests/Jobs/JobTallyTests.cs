using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Jobs;

public sealed class JobTallyTests
{
    private static readonly JobTallyFilter Everything = new([], [], [], [], null);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Counts_follow_jobs_that_come_move_and_go(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var pending = await test.AddJob(JobStatus.Pending, 0);
        var blocked = await test.AddJob(JobStatus.Blocked, 0);
        var failed = await test.AddJob(JobStatus.Failed, 1);
        Assert.Equal(3, await Count(test, Everything));
        Assert.Equal(2, await Count(test, Of(JobStatus.Pending, JobStatus.Blocked)));

        await test.Write(session => JobMoves.ToQueued(session, [(pending, 0), (blocked, 0)], StoredJobs.Now));
        Assert.Equal((0, 2, 1), (await Count(test, Of(JobStatus.Pending, JobStatus.Blocked)), await Count(test, Of(JobStatus.Queued)), await Count(test, Of(JobStatus.Failed))));

        await test.Write(session => session.Execute("UPDATE job SET batch_id = 7, is_superseded = TRUE WHERE id = @id", ("id", failed)));
        Assert.Equal((1, 1), (await Count(test, Everything with { ErrorIds = [1] }), await Count(test, Of(JobStatus.Failed) with { ErrorIds = [1, 2] })));
        Assert.Equal((1, 1, 2), (await Count(test, Everything with { BatchIds = [7] }), await Count(test, Everything with { IsSuperseded = true }), await Count(test, Everything with { IsSuperseded = false })));

        await test.Write(session => session.Execute("DELETE FROM job WHERE id = @id", ("id", failed)));
        Assert.Equal((0, 2), (await Count(test, Everything with { BatchIds = [7] }), await Count(test, Everything)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Many_rows_at_once_count_each(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var ids = await test.Write(session => session.AllocateIds("job", 50));
        await test.Write(session => session.BulkInsert("job", new Rows("v",
            ("id", ids), ("job_type_id", ids.Column(id => id % 2)), ("job_type_rev_id", ids), ("status", ids.Column(_ => (short)JobStatus.Pending)), ("max_tries", ids.Column(_ => 1)),
            ("input", ids.Column(_ => "{}")), ("created", ids), ("last_modified", ids))));
        await test.Write(session => JobMoves.ToQueued(session, [.. ids.Take(20).Select(id => (id, 0))], StoredJobs.Now));
        await test.Write(session => JobMoves.SetMaxTries(session, [.. ids.Select(id => (id, 0, 9))]));

        Assert.Equal(25, await Count(test, Everything with { JobTypeIds = [1] }));
        Assert.Equal((30, 20), (await Count(test, Of(JobStatus.Pending)), await Count(test, Of(JobStatus.Queued))));
        Assert.Equal(10, await Count(test, Of(JobStatus.Queued) with { JobTypeIds = [0] }));
    }

    private static JobTallyFilter Of(params JobStatus[] statuses) => Everything with { Statuses = [.. statuses.Select(s => (short)s)] };

    private static async Task<long> Count(TestDatabase test, JobTallyFilter filter)
    {
        await using var session = await test.Database.Read();
        return await JobTallies.Count(session, filter);
    }
}
