using Scale.Engine.Leadership;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Leadership;

public sealed class LeaderLockTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task One_holds_the_lock_until_it_lets_go(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        await using var first = LockOf(test, provider);
        await using var second = LockOf(test, provider);
        Assert.True(await first.TryAcquire(CancellationToken.None));
        Assert.True(await first.TryAcquire(CancellationToken.None));
        Assert.False(await second.TryAcquire(CancellationToken.None));

        await first.Release();
        Assert.True(await second.TryAcquire(CancellationToken.None));
        Assert.False(await first.TryAcquire(CancellationToken.None));
    }

    [Fact]
    public async Task A_lock_whose_connection_broke_is_taken_anew()
    {
        await using var test = await TestDatabase.Create(Provider.Postgres);
        await using var broken = LockOf(test, Provider.Postgres);
        Assert.True(await broken.TryAcquire(CancellationToken.None));
        await using (var session = await test.Database.Write())
        {
            await session.Query(
                "SELECT pg_terminate_backend(l.pid, 10000) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = current_database()",
                r => r.GetBoolean(0));
            await session.Commit();
        }

        Assert.True(await broken.TryAcquire(CancellationToken.None));
        await using var other = LockOf(test, Provider.Postgres);
        Assert.False(await other.TryAcquire(CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_epoch_is_higher_than_the_one_before(Provider provider)
    {
        await using var test = await TestDatabase.Create(provider);
        var first = await LeaderLease.Raise(test.Database, TimeProvider.System, "one", CancellationToken.None);
        var second = await LeaderLease.Raise(test.Database, TimeProvider.System, "two", CancellationToken.None);
        Assert.Equal(first.Epoch + 1, second.Epoch);
        await using (var transaction = await second.Begin(_ => Task.CompletedTask, _ => { }, CancellationToken.None))
        {
            await transaction.Commit();
        }

        var lost = await Assert.ThrowsAsync<LeadershipLostException>(() => first.Begin(_ => Task.CompletedTask, _ => { }, CancellationToken.None));
        Assert.Contains($"epoch {second.Epoch}", lost.Message, StringComparison.Ordinal);
    }

    private static ILeaderLock LockOf(TestDatabase test, Provider provider) =>
        provider == Provider.Postgres ? new PostgresLeaderLock(test.Connection) : new FileLeaderLock(test.Connection + ".lock");
}
