using Scale.Model.Jobs;
using Scale.Store.Consistency;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Jobs;

/// <summary>Kept counts of jobs within ranges of time and by source, beside the same jobs counted one by one.</summary>
public sealed class JobRangeCountTests
{
    private const int Jobs = 500;

    private static readonly string?[] Texts = ["red", "Red", "", null];

    private sealed record Job(
        long Id, short Status, long? BatchId, long? ErrorId, DateTime Changed, DateTime? SourceStarted, DateTime? SourceEnded, string? SensorClass, string? Sensor, string? Collection, string? Task);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Ranges_of_the_last_change_count_what_is_in_them(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var (random, jobs) = (new Random(11), await AddJobs(test, new Random(3)));
        await using var session = await test.Database.Read();
        for (var i = 0; i < 200; i++)
        {
            var (started, ended) = Range(random);
            var failed = random.Next(2) == 0;
            var filter = new JobListFilter { Started = started, Ended = ended, Statuses = failed ? [JobStatus.Failed] : [], BatchIds = random.Next(3) == 0 ? [1, 2] : [] };
            var expected = jobs.Where(j => !(j.Changed < started) && !(j.Changed > ended) && (!failed || j.Status == 4) && (filter.BatchIds.Count == 0 || j.BatchId is 1 or 2)).ToList();

            Assert.True(filter.IsTallied);
            Assert.Equal((started, ended, expected.Count), (started, ended, await JobTallies.Count(session, filter.Tally)));
            Assert.Equal(
                expected.GroupBy(j => j.ErrorId ?? 0, (error, of) => (error, of.LongCount())).Order(),
                (await JobTallies.CountBy(session, JobTally.Error, filter.Tally)).Select(c => (c.Key, c.Value)).Order());
            Assert.Equal(
                expected.GroupBy(j => Time.ToMicroseconds(j.Changed) / 600_000_000, (step, of) => (step * 600_000_000, (step + 1) * 600_000_000, of.LongCount())).Order(),
                await JobTallies.CountByChange(session, filter.Tally));
        }

        var none = await JobTallies.Count(session, JobTallyFilter.Everything with { BatchIds = [0], Started = Hour(-1).AddSeconds(7) });
        Assert.Equal(jobs.Count(j => j.BatchId is null && j.Changed >= Hour(-1).AddSeconds(7)), none);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Source_filters_count_what_they_show(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var (random, jobs) = (new Random(12), await AddJobs(test, new Random(4)));
        await using var session = await test.Database.Read();
        for (var i = 0; i < 200; i++)
        {
            var (started, ended) = Range(random);
            if (started is not null || ended is not null)
            {
                var expected = jobs.Count(j => (started is null || j.SourceStarted >= started) && (ended is null || j.SourceEnded <= ended));
                Assert.Equal((started, ended, expected), (started, ended, await JobSourceCounts.Count(session, new JobListFilter { SourceStarted = started, SourceEnded = ended })));
            }
        }

        string[] asked = ["red", "", "blue"];
        Assert.Equal(jobs.Count(j => asked.Contains(j.SensorClass)), await JobSourceCounts.Count(session, new JobListFilter { SourceSensorClasses = asked }));
        Assert.Equal(jobs.Count(j => asked.Contains(j.Sensor)), await JobSourceCounts.Count(session, new JobListFilter { SourceSensors = asked }));
        Assert.Equal(jobs.Count(j => asked.Contains(j.Collection)), await JobSourceCounts.Count(session, new JobListFilter { SourceCollections = asked }));
        Assert.Equal(jobs.Count(j => asked.Contains(j.Task)), await JobSourceCounts.Count(session, new JobListFilter { SourceTasks = asked }));
        Assert.Null(await JobSourceCounts.Count(session, new JobListFilter { SourceTasks = asked, SourceSensors = asked }));
        Assert.Null(await JobSourceCounts.Count(session, new JobListFilter { SourceTasks = asked, SourceStarted = Hour(0) }));
        Assert.Null(await JobSourceCounts.Count(session, new JobListFilter { SourceTasks = asked, Ended = Hour(0) }));
        Assert.Null(await JobSourceCounts.Count(session, new JobListFilter()));
        Assert.Equal(jobs.Count(j => j.SourceStarted is not null), await JobSourceCounts.WithTime(session, "started"));
        Assert.Equal(jobs.Count(j => j.SourceEnded is not null), await JobSourceCounts.WithTime(session, "ended"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Counts_follow_jobs_whose_source_becomes_known_changes_and_goes(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await AddJobs(test, new Random(5));
        await AssertConsistent(test);
        foreach (var statement in new[]
        {
            "UPDATE job SET source_sensor = 'green', last_modified = last_modified + 1 WHERE id % 3 = 0", "UPDATE job SET source_task = NULL, source_started = NULL WHERE id % 5 = 0",
            "UPDATE job SET source_ended = source_ended + 7200000000, source_collection = source_sensor WHERE id % 4 = 1", "UPDATE job SET last_modified = last_modified + 600000000 WHERE id % 7 = 0",
            "UPDATE job SET status = 5, error_id = NULL WHERE id % 2 = 0", "DELETE FROM job WHERE id % 3 = 1",
        })
        {
            await test.Write(session => session.Execute(statement));
            await AssertConsistent(test);
        }

        // In one transaction too, where only some of the statements touch the source.
        await test.Write(async session =>
        {
            await session.Execute("UPDATE job SET source_sensor = 'brown', status = 4 WHERE id % 11 = 0");
            await session.Execute("UPDATE job SET status = 6 WHERE id % 3 = 0");
            await session.Execute("UPDATE job SET source_sensor = 'green', source_started = 5 WHERE id % 11 = 0");
        });
        await AssertConsistent(test);

        var left = await test.Rows("SELECT count(*) FROM job WHERE source_sensor = 'green'", r => r.GetInt64(0));
        await using (var session = await test.Database.Read())
        {
            Assert.Equal(left[0], await JobSourceCounts.Count(session, new JobListFilter { SourceSensors = ["green"] }));
        }

        await test.Write(session => session.Execute("UPDATE job_source_count SET jobs = jobs + 1 WHERE value = 'green'"));
        await test.Write(session => session.Execute("UPDATE job_source_hours SET jobs = jobs + 1 WHERE id = (SELECT min(id) FROM job_source_hours)"));
        await test.Write(session => session.Execute("UPDATE job_count SET changed = changed + 9999 WHERE id = (SELECT min(id) FROM job_count)"));
        await test.Write(session => session.Execute("UPDATE job_count SET latest_source_start = latest_source_start - 99999999999 WHERE jobs > 0"));
        Assert.Equal(4, (await Drift(test)).GroupBy(f => f.Split(':')[0]).Count());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Jobs_of_a_source_time_changed_within_the_range_that_is_told(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var (random, jobs) = (new Random(13), await AddJobs(test, new Random(7)));
        await test.Write(session => session.Execute("UPDATE job SET source_started = source_started + last_modified, source_ended = source_ended + last_modified"));
        await AssertConsistent(test);
        await using var session = await test.Database.Read();
        var narrowed = 0;
        for (var i = 0; i < 200; i++)
        {
            var (started, ended) = Range(random);
            var filter = new JobListFilter { SourceStarted = started, SourceEnded = ended, BatchIds = random.Next(2) == 0 ? [1] : [], Statuses = random.Next(2) == 0 ? [JobStatus.Failed] : [] };
            var shown = jobs.Where(j => (started is null || j.SourceStarted + (j.Changed - DateTime.UnixEpoch) >= started) && (ended is null || j.SourceEnded + (j.Changed - DateTime.UnixEpoch) <= ended)
                && (filter.BatchIds.Count == 0 || j.BatchId == 1) && (filter.Statuses.Count == 0 || j.Status == 4)).ToList();
            var range = await JobTallies.ChangesOfSource(session, filter);
            Assert.All(shown, job => Assert.True(range?.From <= job.Changed && job.Changed <= range?.To, $"{filter}: {range} does not hold {job}"));
            narrowed += range is null || range?.From > jobs.Min(j => j.Changed) || range?.To < jobs.Max(j => j.Changed) ? 1 : 0;
        }

        Assert.InRange(narrowed, 20, 200);
    }

    [Fact]
    public async Task Folded_counts_are_the_same_in_fewer_rows()
    {
        await using var test = await TestDatabase.Create(Provider.Postgres);
        await AddJobs(test, new Random(6));
        var before = await RowsOf(test);
        await test.Write(session => session.Execute("UPDATE job SET source_sensor = 'red', source_started = NULL, last_modified = last_modified + 600000000 WHERE id % 2 = 0"));
        await test.Write(session => JobCountFolding.Fold(session, before));
        await AssertConsistent(test);
        Assert.Empty(await test.Rows("SELECT 1 FROM job_source_count GROUP BY field, value HAVING count(*) > 1", r => r.GetInt32(0)));
        Assert.Empty(await test.Rows("SELECT 1 FROM job_source_hours GROUP BY started, ended HAVING count(*) > 1", r => r.GetInt32(0)));
    }

    private static async Task<JobCountRows> RowsOf(TestDatabase test)
    {
        await using var session = await test.Database.Read();
        return await JobCountFolding.Newest(session);
    }

    private static async Task AssertConsistent(TestDatabase test) => Assert.Empty(await Drift(test));

    private static async Task<List<string>> Drift(TestDatabase test)
    {
        await using var session = await test.Database.Read();
        return [.. (await ConsistencyCheck.Run(session)).Where(f => f.StartsWith("Kept counts", StringComparison.Ordinal))];
    }

    /// <summary>Around the hours that jobs lie in, often at the end of a step, now and then open.</summary>
    private static (DateTime? Started, DateTime? Ended) Range(Random random)
    {
        var started = Hour(random.Next(-4, 5)).AddMinutes(random.Next(7) * 10).AddSeconds(random.Next(3) == 0 ? random.Next(600) : 0);
        var ended = started.AddMinutes(random.Next(12) * 10).AddSeconds(random.Next(3) == 0 ? random.Next(1, 600) : 0).AddMicroseconds(random.Next(2) == 0 ? -1 : 1);
        return (random.Next(4) == 0 ? null : started, random.Next(4) == 0 ? null : ended < started ? started.AddTicks(10) : ended);
    }

    /// <summary>Source times lie on both sides of 1970, where numbers of steps would round the other way.</summary>
    private static DateTime Hour(int number) => DateTime.UnixEpoch.AddHours(number);

    private static async Task<List<Job>> AddJobs(TestDatabase test, Random random)
    {
        var ids = await test.Write(session => session.AllocateIds("job", Jobs));
        var jobs = ids.Select(id => new Job(
            id, (short)random.Next(7), Some(), Some(), DateTime.UnixEpoch.AddMinutes(random.Next(300)).AddSeconds(random.Next(3) * 20), Moment(), Moment(), Text(), Text(), Text(), Text())).ToList();
        await test.Write(session => session.BulkInsert("job", new Rows("v",
            ("id", ids), ("job_type_id", ids.Column(_ => 1L)), ("job_type_rev_id", ids.Column(_ => 1L)), ("status", jobs.Column(j => j.Status)), ("max_tries", ids.Column(_ => 1)),
            ("batch_id", jobs.Column(j => j.BatchId)), ("error_id", jobs.Column(j => j.ErrorId)), ("source_started", jobs.Column(j => j.SourceStarted)), ("source_ended", jobs.Column(j => j.SourceEnded)),
            ("source_sensor_class", jobs.Column(j => j.SensorClass)), ("source_sensor", jobs.Column(j => j.Sensor)), ("source_collection", jobs.Column(j => j.Collection)),
            ("source_task", jobs.Column(j => j.Task)), ("created", ids), ("last_modified", jobs.Column(j => j.Changed)))));
        return jobs;

        long? Some() => random.Next(3) is > 0 and var id ? id : null;
        string? Text() => Texts[random.Next(Texts.Length)];
        DateTime? Moment() => random.Next(5) == 0 ? null : Hour(random.Next(-3, 4)).AddMinutes(random.Next(60)).AddMicroseconds(random.Next(-1, 2));
    }
}
