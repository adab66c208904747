using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Jobs;

public sealed class QueueStoreTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Equal_needs_are_one_class(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        QueueClassKey[] keys = [new(1, 100, """{"cpus":1}"""), new(1, 50, """{"cpus":1}"""), new(2, 100, """{"cpus":1}""")];
        var first = await test.Write(session => QueueStore.UpsertClasses(session, keys));
        var second = await test.Write(session => QueueStore.UpsertClasses(session, [keys[1], new(3, 1, "{}")]));
        Assert.Equal(3, first.Values.Distinct().Count());
        Assert.Equal(first[keys[1]], second[keys[1]]);
        Assert.Equal(2, second.Count);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Heads_come_in_order_of_service_and_bounded_by_class(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await Queue(test, (5, 1, 20), (6, 1, 10), (7, 1, 20), (8, 1, 30), (9, 2, 1), (10, 3, 1));
        async Task<IEnumerable<long>> Heads(bool newestFirst) =>
            (await test.Write(session => QueueStore.Heads(session, [1, 2], 3, newestFirst))).OrderBy(e => e.ClassId).Select(e => e.JobId);
        Assert.Equal([6, 5, 7, 9], await Heads(newestFirst: false));
        Assert.Equal([8, 7, 5, 9], await Heads(newestFirst: true));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_entry_is_taken_once_and_only_by_its_execution_number(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await Queue(test, (5, 1, 20), (6, 1, 10));
        Assert.Equal([5], (await test.Write(session => QueueStore.Take(session, [(5, 1), (6, 2), (7, 1)]))).Select(e => e.JobId));
        Assert.Empty(await test.Write(session => QueueStore.Take(session, [(5, 1)])));
        var taken = Assert.Single(await test.Write(session => QueueStore.TakeJobs(session, [5, 6])));
        Assert.Equal(new QueueEntry(6, 1, 1, 60, StoredJobs.Now.AddSeconds(10)), taken);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Classes_are_counted_with_what_they_need(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var key = new QueueClassKey(4, 100, "{}");
        var id = (await test.Write(session => QueueStore.UpsertClasses(session, [key, key with { Priority = 1 }])))[key];
        await Queue(test, (5, id, 1), (6, id, 2));
        Assert.Equal([(id, key, 2L)], await test.Write(QueueStore.Classes));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Holding_a_batch_goes_through_the_queue_by_windows(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await AddJobs(test, batchId: 7, 1, 3, 4);
        await AddJobs(test, batchId: 8, 2, 5);
        await Queue(test, (1, 11, 0), (2, 11, 0), (3, 12, 0), (4, 12, 0), (5, 12, 0));
        var (first, last) = await test.Write(session => QueueStore.Hold(session, 7, true, 0, 3));
        Assert.Equal([(1, -11), (3, -12)], first.Select(e => (e.JobId, e.ClassId)).Order());
        Assert.Equal(3, last);
        var (rest, end) = await test.Write(session => QueueStore.Hold(session, 7, true, 3, 3));
        Assert.Equal([(4, -12)], rest.Select(e => (e.JobId, e.ClassId)));
        Assert.Equal(5, end);
        Assert.Equal((0, null), await test.Write(async session => await QueueStore.Hold(session, 7, true, 5, 3) is var (none, nothing) ? (none.Count, nothing) : default));

        var (released, _) = await test.Write(session => QueueStore.Hold(session, 7, false, 0, 10));
        Assert.Equal([(1, 11), (3, 12), (4, 12)], released.Select(e => (e.JobId, e.ClassId)).Order());
    }

    private static Task AddJobs(TestDatabase test, long batchId, params long[] ids) => test.Write(session => session.BulkInsert("job", new Rows("j",
        ("id", ids), ("job_type_id", ids.Column(_ => 1L)), ("job_type_rev_id", ids.Column(_ => 1L)), ("status", ids.Column(_ => (short)2)), ("max_tries", ids.Column(_ => 3)),
        ("batch_id", ids.Column(_ => batchId)), ("created", ids.Column(_ => StoredJobs.Now)), ("last_modified", ids.Column(_ => StoredJobs.Now)))));

    private static Task Queue(TestDatabase test, params (long JobId, long ClassId, int Second)[] entries) => test.Write(session =>
        QueueStore.Insert(session, [.. entries.Select(e => new QueueEntry(e.JobId, 1, e.ClassId, 60, StoredJobs.Now.AddSeconds(e.Second)))]));
}
