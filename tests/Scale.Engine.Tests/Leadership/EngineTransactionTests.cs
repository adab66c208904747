using Scale.Engine.Leadership;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Leadership;

/// <summary>Parts of one thing in several transactions, where the database can write more than one.</summary>
public sealed class EngineTransactionTests
{
    private static readonly string[] Names = ["first", "second", "third", "fourth", "last"];

    [Fact]
    public async Task Parts_are_committed_in_their_order_two_at_a_time()
    {
        await using var test = await TestDatabase.Create(Provider.Postgres);
        var (open, most) = (0, 0);
        var committed = new List<string>();
        var (begins, overtakes) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using (var transaction = await Begin(test))
        {
            await transaction.InTurns(Array.ConvertAll<string, Func<EngineTransaction, Task, Task>>(Names, name => async (part, _) =>
            {
                most = Math.Max(most, ++open);
                await Insert(part, name);
                if (name == "first")
                {
                    begins.SetResult();
                    await overtakes.Task;
                }
                else if (name == "second")
                {
                    await begins.Task;
                    overtakes.SetResult();
                }

                open--;
                part.AfterCommit(() => committed.Add(name));
            }));
            Assert.Equal(Names[..^1], committed);
            await transaction.Commit();
        }

        Assert.Equal(Names, committed);
        Assert.Equal(2, most);
        Assert.Equal(Names.Order(), await Inserted(test));
    }

    [Theory]
    [InlineData("first", 0)]
    [InlineData("second", 1)]
    [InlineData("third", 2)]
    [InlineData("last", 4)]
    public async Task What_follows_a_part_that_failed_is_not_committed(string failing, int kept)
    {
        await using var test = await TestDatabase.Create(Provider.Postgres);
        await using (var transaction = await Begin(test))
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => transaction.InTurns(Array.ConvertAll<string, Func<EngineTransaction, Task, Task>>(Names, name => async (part, _) =>
            {
                await Insert(part, name);
                if (name == failing)
                {
                    throw new InvalidDataException();
                }
            })));
        }

        Assert.Equal(Names[..kept].Order(), await Inserted(test));
    }

    [Fact]
    public async Task A_slice_is_shared_by_more_transactions_when_nothing_waits_for_it()
    {
        await using var test = await TestDatabase.Create(Provider.Postgres);
        await using var alone = new EngineTransaction(await test.Database.Write(), default);
        await using var busy = new EngineTransaction(await test.Database.Write(), default, () => Begin(test));
        await using var undisturbed = await Begin(test);
        Assert.Equal((10, 20, 60), (alone.SliceSize(10), busy.SliceSize(10), undisturbed.SliceSize(10)));
    }

    private static async Task<EngineTransaction> Begin(TestDatabase test) =>
        new(await test.Database.Write(), default, async () => new EngineTransaction(await test.Database.Write(), default)) { IsUndisturbed = true };

    private static Task<long> Insert(EngineTransaction transaction, string name) =>
        transaction.Session.Insert("event", ("type", name), ("description", "{}"), ("occurred", 0L));

    private static async Task<List<string>> Inserted(TestDatabase test)
    {
        await using var session = await test.Database.Read();
        return [.. (await session.Query("SELECT type FROM event", r => r.GetString(0))).Order()];
    }
}
