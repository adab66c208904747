using System.Diagnostics;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Consistency;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.JobTypes;

public sealed class JobTypeStatisticsTests
{
    private static readonly DateTime Noon = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Status_counts_what_changed_in_the_range_and_all_that_runs(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var busy = await seed.JobType("busy", change: t => t.IsPublished = true);
        var idle = await seed.JobType("idle", change: t => (t.IsActive, t.UnmetResources) = (false, "gpus"));
        var system = await seed.Error("node-lost", ErrorCategory.System);
        var other = await seed.Error("scheduler-lost", ErrorCategory.System);
        var data = await seed.Error("bad", ErrorCategory.Data);
        foreach (var minutes in new[] { -70, -60, -35, -5, 0 })
        {
            await seed.Job(busy, JobStatus.Completed, j => j.LastStatusChange = Noon.AddMinutes(minutes));
        }

        await seed.Job(busy, JobStatus.Failed, j => (j.ErrorId, j.LastStatusChange) = (system.Id, Noon.AddMinutes(-50)));
        await seed.Job(busy, JobStatus.Failed, j => (j.ErrorId, j.LastStatusChange) = (other.Id, Noon.AddMinutes(-40)));
        await seed.Job(busy, JobStatus.Failed, j => (j.ErrorId, j.LastStatusChange) = (data.Id, Noon.AddMinutes(-1)));
        await seed.Job(busy, JobStatus.Running, j => j.LastStatusChange = Noon.AddDays(-9));
        await seed.Job(busy);

        async Task<IReadOnlyList<string>> Counts(string query) => [.. (await api.Get("/v6/job-types/status/?" + query)).Expect(200).Results[0].GetProperty("job_counts").EnumerateArray()
            .Select(c => $"{c.GetProperty("status").GetString()} {c.GetProperty("category").GetString() ?? "-"} {c.GetProperty("count").GetInt64()} {c.GetProperty("most_recent").GetString()}")];
        Assert.Equal(
            ["RUNNING - 1 2026-02-20T12:00:00Z", "FAILED DATA 1 2026-03-01T11:59:00Z", "FAILED SYSTEM 2 2026-03-01T11:20:00Z", "COMPLETED - 4 2026-03-01T12:00:00Z"],
            await Counts("started=2026-03-01T11:00:00Z"));
        Assert.Equal(
            ["RUNNING - 1 2026-02-20T12:00:00Z", "FAILED SYSTEM 2 2026-03-01T11:20:00Z", "COMPLETED - 2 2026-03-01T11:25:00Z"],
            await Counts("started=2026-03-01T11:00:00Z&ended=2026-03-01T11:54:59.999999Z"));
        Assert.Equal(["RUNNING - 1 2026-02-20T12:00:00Z", "COMPLETED - 1 2026-03-01T11:55:00Z"], await Counts("started=2026-03-01T11:54:00Z&ended=2026-03-01T11:56:00Z"));
        Assert.Equal(["RUNNING - 1 2026-02-20T12:00:00Z"], await Counts("started=2026-03-01T11:00:00.000001Z&ended=2026-03-01T11:00:00.000002Z"));
        Assert.Equal(["RUNNING - 1 2026-02-20T12:00:00Z"], await Counts(""));

        var rows = (await api.Get("/v6/job-types/status/?started=2026-03-01T11:00:00Z")).Results;
        Assert.Equal([busy.Id, idle.Id], rows.Select(r => r.GetProperty("job_type").GetProperty("id").GetInt64()));
        Assert.Empty(rows[1].GetProperty("job_counts").EnumerateArray());
        Assert.Equal("gpus", rows[1].GetProperty("job_type").GetProperty("unmet_resources").GetString());
        Assert.Equal([idle.Id], (await api.Get("/v6/job-types/status/?is_active=false")).Results.Select(r => r.GetProperty("job_type").GetProperty("id").GetInt64()));
        (await api.Get("/v6/job-types/status/?started=PT1H&ended=PT2H")).Expect(400);
        (await api.Get("/v6/job-types/status/?started=yesterday")).Expect(400);
        await using var session = await api.Database.Read(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(await ConsistencyCheck.Run(session), f => f.StartsWith("Kept counts", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Pending_and_running_show_types_with_such_jobs_the_longest_first(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var young = await seed.JobType("young");
        var old = await seed.JobType("old", change: t => (t.IsSystem, t.UnmetResources) = (true, "mem"));
        await seed.JobType("without");
        foreach (var (type, hour) in new[] { (young, 3), (old, 1), (young, 2) })
        {
            await seed.Job(type, JobStatus.Running, j => j.LastStatusChange = Noon.AddHours(hour));
            await seed.Job(type, JobStatus.Pending, j => (j.LastStatusChange, j.Created) = (type == old ? null : Noon.AddHours(hour), Noon.AddHours(hour)));
        }

        foreach (var (path, longest) in new[] { ("running", "longest_running"), ("pending", "longest_pending") })
        {
            var rows = (await api.Get($"/v6/job-types/{path}/")).Expect(200).Results;
            Assert.Equal(
                [(old.Id, 1, "2026-03-01T13:00:00Z"), (young.Id, 2, "2026-03-01T14:00:00Z")],
                rows.Select(r => (r.GetProperty("job_type").GetProperty("id").GetInt64(), r.GetProperty("count").GetInt32(), r.GetProperty(longest).GetString()!)));
            Assert.True(rows[0].GetProperty("job_type").GetProperty("is_system").GetBoolean());
            Assert.Equal("mem", rows[0].GetProperty("job_type").GetProperty("unmet_resources").GetString());
        }

        await seed.Run("UPDATE job SET status = 6 WHERE job_type_id = @id", ("id", old.Id));
        await seed.Run("DELETE FROM job WHERE job_type_id = @id", ("id", young.Id));
        Assert.Empty((await api.Get("/v6/job-types/running/")).Results);
        Assert.Empty((await api.Get("/v6/job-types/pending/")).Results);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task System_failures_are_grouped_by_job_type_version_and_error(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var one = await seed.JobType("tiler");
        var two = await seed.JobType("tiler", "2.0.0", t => t.IsSystem = true);
        var lost = await seed.Error("node-lost", ErrorCategory.System, "Node lost");
        var algorithm = await seed.Error("bug");
        foreach (var (type, error, hour) in new[] { (one, lost, 1), (one, lost, 3), (two, lost, 2), (two, algorithm, 4) })
        {
            await seed.Job(type, JobStatus.Failed, j => (j.ErrorId, j.LastStatusChange) = (error.Id, Noon.AddHours(hour)));
        }

        var rows = (await api.Get("/v6/job-types/system-failures/")).Expect(200).Results;
        Assert.Equal(
            [("1.0.0", "node-lost", 2, "2026-03-01T13:00:00Z", "2026-03-01T15:00:00Z"), ("2.0.0", "node-lost", 1, "2026-03-01T14:00:00Z", "2026-03-01T14:00:00Z")],
            rows.Select(r => (
                r.GetProperty("job_type").GetProperty("version").GetString()!, r.GetProperty("error").GetProperty("name").GetString()!, r.GetProperty("count").GetInt32(),
                r.GetProperty("first_error").GetString()!, r.GetProperty("last_error").GetString()!)));
        Assert.Equal(
            ["category", "created", "description", "id", "is_builtin", "job_type_name", "last_modified", "name", "should_be_retried", "title"],
            rows[0].GetProperty("error").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.True(rows[1].GetProperty("job_type").GetProperty("is_system").GetBoolean());
        Assert.Equal(2, (await api.Get("/v6/job-types/system-failures/?page_size=1"))["count"].GetInt32());
    }

    [Fact]
    public async Task Kept_counts_are_summed_up_without_changing_them()
    {
        await using var api = await ApiFixture.Start(Provider.Postgres);
        var seed = new Seed(api);
        var type = await seed.JobType("tiler");
        var job = await seed.Job(type, JobStatus.Pending);
        await seed.Job(type, JobStatus.Pending);
        await seed.Run("UPDATE job SET status = 2 WHERE id = @id", ("id", job.Id));
        await seed.Run("UPDATE job SET status = 3 WHERE id = @id", ("id", job.Id));
        await using (var session = await api.Database.Write(TestContext.Current.CancellationToken))
        {
            Assert.Equal(6, await session.QueryFirst("SELECT count(*) FROM job_count", r => r.GetInt64(0)));
            await JobCountFolding.Fold(session, default);
            await session.Commit();
        }

        await using var reader = await api.Database.Read(TestContext.Current.CancellationToken);
        Assert.Equal(
            ["Pending 1", "Running 1"],
            await reader.Query("SELECT status, jobs FROM job_count ORDER BY status", r => $"{(JobStatus)r.GetInt16(0)} {r.GetInt64(1)}"));
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Answers_cost_next_to_nothing_at_a_million_jobs(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var types = new List<JobTypeRow>();
        for (var i = 0; i < 10; i++)
        {
            types.Add(await seed.JobType($"type-{i}"));
        }

        var lost = await seed.Error("node-lost", ErrorCategory.System);
        var now = DateTime.UtcNow;
        await using (var session = await api.Database.Write(TestContext.Current.CancellationToken))
        {
            var numbers = Enumerable.Range(0, 1_000_000).ToArray();
            await session.BulkInsert("job", new Scale.Store.Databases.Rows("v",
                ("job_type_id", numbers.Select(i => types[i % 10].Id).ToArray()),
                ("job_type_rev_id", numbers.Select(i => types[i % 10].RevisionId).ToArray()),
                ("status", numbers.Select(i => (short)(i % 100 == 0 ? 3 : i % 7 == 0 ? 4 : i % 3 == 0 ? 0 : 5)).ToArray()),
                ("error_id", numbers.Select(i => i % 100 != 0 && i % 7 == 0 ? lost.Id : (long?)null).ToArray()),
                ("max_tries", numbers.Select(_ => 3).ToArray()),
                ("last_status_change", numbers.Select(i => now.AddSeconds(-i / 100.0)).ToArray()),
                ("created", numbers.Select(_ => now).ToArray()),
                ("last_modified", numbers.Select(_ => now).ToArray())));
            await session.Commit();
        }

        foreach (var path in new[] { "status", "pending", "running", "system-failures" })
        {
            (await api.Get($"/v6/job-types/{path}/")).Expect(200);
            var fastest = TimeSpan.MaxValue;
            for (var i = 0; i < 20; i++)
            {
                var started = Stopwatch.GetTimestamp();
                (await api.Get($"/v6/job-types/{path}/")).Expect(200);
                fastest = TimeSpan.FromTicks(Math.Min(fastest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            }

            // The others tell how busy the machine is.
            TestContext.Current.TestOutputHelper!.WriteLine($"{provider} {path}: {fastest.TotalMilliseconds:0.0} ms");
            Assert.True(fastest.TotalMilliseconds < 50, $"{path} took {fastest.TotalMilliseconds:0.0} ms");
        }
    }
}
