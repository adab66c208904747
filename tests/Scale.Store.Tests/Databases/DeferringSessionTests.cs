using System.Data.Common;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Store.Tests.Databases;

/// <summary>Transactions of the leader send statements together; nothing else may differ.</summary>
public sealed class DeferringSessionTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_was_sent_is_there_for_the_next_statement_and_with_the_commit(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using (var session = await test.Database.Write(isDeferring: true))
        {
            await Add(session, "a", "b");
            await session.Send("UPDATE instance SET value = @value WHERE name = @name", ("name", "a"), ("value", "sent"));
            Assert.Equal(["sent", "b"], await Values(session));
            Assert.Equal(1, await session.Execute("UPDATE instance SET value = 'touched' WHERE name = 'b'"));
            await session.Send("UPDATE instance SET value = v.value FROM {v} WHERE instance.name = v.name", new Rows("v", ("name", new[] { "a" }), ("value", new[] { "last" })));
            await session.Send("UPDATE instance SET value = v.value FROM {v} WHERE instance.name = v.name", new Rows("v", ("name", Array.Empty<string>()), ("value", Array.Empty<string>())));
            await session.Commit();
        }

        await using var read = await test.Database.Read();
        Assert.Equal(["last", "touched"], await Values(read));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Everyone_who_asked_gets_his_answer(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var session = await test.Database.Write(isDeferring: true);
        var before = session.Ask("SELECT name FROM instance WHERE name IN ('a', 'b')", r => r.GetString(0));
        await Add(session, "a", "b");
        var names = session.Ask("SELECT name FROM instance WHERE name IN @names ORDER BY name", r => r.GetString(0), ("names", new[] { "a", "b" }));
        await session.Send("UPDATE instance SET value = 'later' WHERE name = 'a'");
        var none = session.Ask("SELECT name FROM instance WHERE name = 'c'", r => r.GetString(0));
        Assert.Equal("later", await session.QueryFirst("SELECT value FROM instance WHERE name = 'a'", r => r.GetString(0)));
        Assert.Empty(await none);
        Assert.Equal(["a", "b"], await names);
        Assert.Empty(await before);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Nothing_is_committed_after_a_statement_that_failed(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using (var session = await test.Database.Write(isDeferring: true))
        {
            await Assert.ThrowsAnyAsync<DbException>(async () =>
            {
                await Add(session, "a");
                await Add(session, "a");
                await session.Send("UPDATE instance SET value = 'never'");
                await session.Commit();
            });
        }

        await using var read = await test.Database.Read();
        Assert.Empty(await Values(read));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    public async Task Rows_inserted_in_bulk_come_behind_what_was_sent_before(int count)
    {
        await using var test = await TestDatabase.Create(Provider.Postgres);
        await using var session = await test.Database.Write(isDeferring: true);
        await Add(session, "a", "b");
        await session.Send("DELETE FROM instance WHERE name IN ('a', 'b')");
        await Add(session, [.. Enumerable.Range(0, count).Select(i => i == 0 ? "a" : $"other {i}")]);
        await session.Commit();
        await using var read = await test.Database.Read();
        Assert.Equal(["a"], await Values(read));
    }

    private static Task Add(Session session, params string[] names) => session.BulkInsert("instance", new Rows("i", ("name", names), ("value", names)));

    private static Task<List<string>> Values(Session session) => session.Query("SELECT value FROM instance WHERE name IN ('a', 'b') ORDER BY name", r => r.GetString(0));
}
