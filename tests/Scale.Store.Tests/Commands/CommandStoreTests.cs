using Scale.Store.Commands;
using Scale.Store.Databases;
using Scale.Store.Tests.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Commands;

public sealed class CommandStoreTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_oldest_of_each_kind_that_may_run_is_found(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        long[] ids = [await Append(test, "a"), await Append(test, "a"), await Append(test, "b"), await Append(test, "c")];
        var now = StoredJobs.Now;
        await test.Write(session => CommandStore.FailedSlice(session, ids[0], "broken", now.AddMinutes(1), now));
        await test.Write(session => CommandStore.FailedSlice(session, ids[2], "broken", retryAt: null, now));
        await test.Write(session => CommandStore.Progressed(session, ids[3], """{"at":3}""", isDone: false, now, now));

        var open = await test.Write(session => CommandStore.OldestOfEachKind(session, now, TimeSpan.FromMinutes(5)));
        Assert.Equal([(ids[1], "{}"), (ids[3], """{"at":3}""")], open.Select(c => (c.Id, c.Progress)));
        Assert.Equal(now.AddMinutes(1), await test.Write(session => CommandStore.NextAttempt(session, now)));
        Assert.Equal(ids[0], (await test.Write(session => CommandStore.OldestOfEachKind(session, now.AddMinutes(1), TimeSpan.FromMinutes(5))))[0].Id);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_ended_stays_ended(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var id = await Append(test, "a");
        var now = StoredJobs.Now;
        Assert.Equal(1, await test.Write(session => CommandStore.Progressed(session, id, "{}", isDone: true, now, now)));
        Assert.Equal(0, await test.Write(session => CommandStore.FailedSlice(session, id, "late", now, now)));
        Assert.Empty(await test.Write(session => CommandStore.OldestOfEachKind(session, now.AddDays(1), TimeSpan.FromMinutes(5))));
        Assert.Null(await test.Write(session => CommandStore.NextAttempt(session, now)));
        Assert.Equal([(1, now)], await test.Rows("SELECT state, finished FROM command", r => (r.GetInt32(0), r.Moment(1))));
    }

    private static Task<long> Append(TestDatabase test, string kind) => test.Write(session =>
        session.Insert("command", ("kind", kind), ("arguments", "{}"), ("created", StoredJobs.Now), ("last_modified", StoredJobs.Now)));
}
