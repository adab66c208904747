using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Errors;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Jobs;

public sealed class ExecutionStoreTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_end_is_written_once(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var job = await test.AddJob(JobStatus.Running, 1);
        await test.AddExecution(1, job);
        var end = new ExecutionEnd(1, ExecutionStatus.Completed, null, StoredJobs.Now.AddSeconds(9), "{}", "{}", StoredJobs.Now, StoredJobs.Now.AddSeconds(8));
        await test.Write(session => ExecutionStore.Settle(session, [end], StoredJobs.Now));
        await test.Write(session => ExecutionStore.Settle(session, [end with { Status = ExecutionStatus.Failed }], StoredJobs.Now));
        Assert.Equal(
            [(5, true, StoredJobs.Now.AddSeconds(9), StoredJobs.Now.AddSeconds(8))],
            await test.Rows("SELECT status, is_settled, ended, main_ended FROM job_exe", r => (r.GetInt32(0), r.GetBoolean(1), r.Moment(2), r.Moment(3))));
        Assert.Empty(await test.Write(session => ExecutionStore.LiveOf(session, [job])));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_completed_executions_used_is_found_by_job_type_latest_first(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        ResourceUsage?[] used = [new(1.5, 64.25, 4096, 0), new(2, null, null, null), null, new(9, 9, 9, 9)];
        var ends = new List<ExecutionEnd>();
        for (var i = 0; i < used.Length; i++)
        {
            await test.AddExecution(i + 1, await test.AddJob(JobStatus.Running, 1));
            ends.Add(new ExecutionEnd(
                i + 1, i == 3 ? ExecutionStatus.Failed : ExecutionStatus.Completed, null, StoredJobs.Now, null, null, i == 1 ? null : StoredJobs.Now, StoredJobs.Now.AddSeconds(3), used[i]));
        }

        await test.Write(session => ExecutionStore.Settle(session, ends, StoredJobs.Now));
        var type = (await test.Rows("SELECT job_type_id FROM job_exe WHERE id = 1", r => r.GetInt64(0)))[0];
        Assert.Equal([new MeasuredExecution(used[1]!, null), new MeasuredExecution(used[0]!, 3)], await test.Write(session => UsageStore.Latest(session, type, 10)));
        Assert.Equal([new MeasuredExecution(used[1]!, null)], await test.Write(session => UsageStore.Latest(session, type, 1)));
        Assert.Empty(await test.Write(session => UsageStore.Latest(session, type + 1000, 10)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_decision_is_made_once_and_leaves_the_execution_unsettled(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var job = await test.AddJob(JobStatus.Running, 1);
        await test.AddExecution(1, job);
        Assert.Equal([1], await test.Write(session => ExecutionStore.Decide(session, [(1, 5)], StoredJobs.Now.AddSeconds(3))));
        Assert.Empty(await test.Write(session => ExecutionStore.Decide(session, [(1, 6)], StoredJobs.Now.AddSeconds(4))));
        Assert.Equal([(4, 5L, StoredJobs.Now.AddSeconds(3))], await test.Rows("SELECT status, error_id, ended FROM job_exe", r => (r.GetInt32(0), r.GetInt64(1), r.Moment(2))));
        Assert.Equal([1], await test.Write(session => ExecutionStore.LiveOf(session, [job])));
        Assert.Equal(ExecutionStatus.Failed, Assert.Single(await test.Write(session => ExecutionJobs.Unsettled(session))).Status);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Builtin_errors_are_written_once_and_edits_stay(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await test.Write(session => ErrorIds.SeedBuiltin(session, StoredJobs.Now));
        await test.Write(session => session.Execute("UPDATE error SET should_be_retried = FALSE WHERE name = 'unknown'"));
        await test.Write(session => session.Insert("error", ("name", "unknown"), ("job_type_name", "work"), ("category", 2), ("is_builtin", false), ("should_be_retried", false), ("created", 0L), ("last_modified", 0L)));
        await test.Write(session => ErrorIds.SeedBuiltin(session, StoredJobs.Now));

        Assert.Equal([BuiltinErrors.All.Count + 1], await test.Rows("SELECT count(*) FROM error", r => r.GetInt32(0)));
        ErrorKey builtin = new("unknown", null), own = new("unknown", "work");
        var found = await test.Write(session => ErrorIds.Find(session, [builtin, own, new ErrorKey("nothing", null), builtin]));
        Assert.Equal(2, found.Count);
        Assert.NotEqual(found[builtin].Id, found[own].Id);
        Assert.False(found[builtin].ShouldBeRetried);
    }
}
