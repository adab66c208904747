using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Jobs;

/// <summary>Every guarded update against every status (jobs-and-queue.md §13.1).</summary>
public sealed class JobMovesTests
{
    private static readonly JobStatus[] All = Enum.GetValues<JobStatus>();

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Queueing_follows_the_life_cycle(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var never = await Jobs(test, executions: 0);
        var before = await Jobs(test, executions: 2);
        var queued = await test.Write(session => JobMoves.ToQueued(session, [.. never.Values.Select(id => (id, 0)), .. before.Values.Select(id => (id, 2))], StoredJobs.Now));

        Assert.Equal(
            [
                new QueuedJob(never[JobStatus.Pending], 1), new QueuedJob(never[JobStatus.Blocked], 1),
                .. new[] { JobStatus.Queued, JobStatus.Running, JobStatus.Failed, JobStatus.Canceled }.Select(s => new QueuedJob(before[s], 3)),
            ],
            queued.OrderBy(q => q.JobId));
        Assert.Equal(
            [(2, 3, null, null)],
            await test.Rows($"SELECT status, num_exes, node_id, error_id FROM job WHERE id = {before[JobStatus.Failed]}", r => (r.GetInt32(0), r.GetInt32(1), r.Long(2), r.Long(3))));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Queueing_needs_input_the_seen_count_and_a_current_job(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var noInput = await test.AddJob(JobStatus.Pending, 0, hasInput: false);
        var superseded = await test.AddJob(JobStatus.Failed, 1, isSuperseded: true);
        var moved = await test.AddJob(JobStatus.Failed, 2);
        Assert.Empty(await test.Write(session => JobMoves.ToQueued(session, [(noInput, 0), (superseded, 1), (moved, 1), (4711, 0)], StoredJobs.Now)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Only_a_first_queueing_brings_input_along(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var pending = await test.AddJob(JobStatus.Pending, 0, hasInput: false);
        var blocked = await test.AddJob(JobStatus.Blocked, 0, hasInput: false);
        long[] others =
        [
            await test.AddJob(JobStatus.Pending, 0), await test.AddJob(JobStatus.Pending, 0, hasInput: false, isSuperseded: true),
            await test.AddJob(JobStatus.Canceled, 0, hasInput: false), await test.AddJob(JobStatus.Failed, 1, hasInput: false),
        ];
        var inputs = others.Append(pending).Append(blocked).Select(id => new JobInput(id, $"[{id}]", new InputSummary(1.5, StoredJobs.Now, null, null, "radar", null, null))).ToList();

        var queued = await test.Write(session => JobMoves.ToQueuedWithInput(session, inputs, StoredJobs.Now));
        Assert.Equal([new QueuedJob(pending, 1), new QueuedJob(blocked, 1)], queued.OrderBy(q => q.JobId));
        Assert.Equal(
            [($"[{pending}]", 1.5, StoredJobs.Now, "radar", 2, StoredJobs.Now)],
            await test.Rows(
                $"SELECT input, input_file_size, source_started, source_sensor, status, queued FROM job WHERE id = {pending}",
                r => (r.GetString(0), r.GetDouble(1), r.Moment(2), r.GetString(3), r.GetInt32(4), r.Moment(5))));
        Assert.Empty(await test.Rows($"SELECT id FROM job WHERE source_sensor = 'radar' AND id NOT IN ({pending}, {blocked})", r => r.GetInt64(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Canceling_spares_completed_and_canceled_jobs(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var jobs = await Jobs(test, executions: 1);
        var canceled = await test.Write(session => JobMoves.ToCanceled(session, jobs.Values, StoredJobs.Now));
        Assert.Equal(All.Except([JobStatus.Completed, JobStatus.Canceled]).Select(s => jobs[s]), canceled.Order());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Only_the_live_execution_of_a_running_job_ends_it(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var jobs = await Jobs(test, executions: 2);
        JobEnd[] Ends(int exeNum) => [.. jobs.Values.Select(id => new JobEnd(id, exeNum, 7, "{}", StoredJobs.Now, null, null))];
        async Task AssertStatuses(JobStatus running)
        {
            foreach (var (status, job) in jobs)
            {
                Assert.Equal(status == JobStatus.Running ? running : status, await test.StatusOf(job));
            }
        }

        await test.Write(session => JobMoves.ToCompleted(session, Ends(1), StoredJobs.Now));
        await test.Write(session => JobMoves.ToFailed(session, Ends(3), StoredJobs.Now));
        await AssertStatuses(JobStatus.Running);
        await test.Write(session => JobMoves.ToFailed(session, Ends(2), StoredJobs.Now));
        await test.Write(session => JobMoves.ToCompleted(session, Ends(2), StoredJobs.Now));
        await AssertStatuses(JobStatus.Failed);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Only_a_job_that_was_never_queued_is_uncanceled(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var (never, once) = (await test.AddJob(JobStatus.Canceled, 0), await test.AddJob(JobStatus.Canceled, 1));
        Assert.Equal([never], await test.Write(session => JobMoves.ToUncanceled(session, [never, once], StoredJobs.Now)));
        Assert.Equal(JobStatus.Pending, await test.StatusOf(never));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Only_the_queued_try_runs(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var jobs = await Jobs(test, executions: 1);
        var running = await test.Write(session => ExecutionJobs.ToRunning(session, [.. jobs.Values.Select(id => (id, 1, 9L))], StoredJobs.Now));
        Assert.Equal(jobs[JobStatus.Queued], Assert.Single(running).JobId);
        Assert.Empty(await test.Write(session => ExecutionJobs.ToRunning(session, [(jobs[JobStatus.Queued], 1, 9L)], StoredJobs.Now)));
        Assert.Equal([9L], await test.Rows($"SELECT node_id FROM job WHERE id = {jobs[JobStatus.Queued]}", r => r.GetInt64(0)));
    }

    private static async Task<Dictionary<JobStatus, long>> Jobs(TestDatabase test, int executions)
    {
        var jobs = new Dictionary<JobStatus, long>();
        foreach (var status in All)
        {
            jobs[status] = await test.AddJob(status, executions);
        }

        return jobs;
    }
}
