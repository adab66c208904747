using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Engine.Tests.Leadership;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Commands;

public sealed class CommandRunnerTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_command_goes_on_slice_by_slice_where_it_stopped(Provider provider)
    {
        var counting = new Counting("count", slices: 3);
        await using var world = await EngineWorld.Create(provider, counting);
        await Append(world, "count");
        await world.Leader.Step(CancellationToken.None);
        Assert.Equal("""{"done":1}""", await world.Value<string>("SELECT progress FROM command"));

        await world.Restart();
        await world.Settle();
        Assert.Equal([0, 1, 2], counting.Seen);
        Assert.Equal([(1, world.Clock.Now)], await world.Values("SELECT state, finished FROM command", r => (r.GetInt32(0), r.Moment(1))));
    }

    [Fact]
    public async Task Kinds_take_turns_and_each_kind_keeps_its_order()
    {
        var order = new List<string>();
        static Task Note(Action note)
        {
            note();
            return Task.CompletedTask;
        }

        Counting Noting(string kind) => new(kind, slices: 2) { OnSlice = (id, _) => Note(() => order.Add($"{kind}{id}")) };
        await using var world = await EngineWorld.Create(Provider.Sqlite, Noting("a"), Noting("b"));
        foreach (var kind in new[] { "a", "a", "b" })
        {
            await Append(world, kind);
        }

        await world.Settle();
        Assert.Equal(["a1", "b3", "a1", "b3", "a2", "a2"], order);
    }

    [Fact]
    public async Task A_failing_command_waits_longer_each_time_blocks_nobody_and_is_given_up()
    {
        var failing = new Counting("fail", slices: 1) { OnSlice = (_, _) => throw new InvalidOperationException("no disk") };
        var other = new Counting("other", slices: 1);
        await using var world = await EngineWorld.Create(Provider.Sqlite, failing, other);
        await Append(world, "fail");
        await Append(world, "other");
        await world.Settle();
        Assert.Single(failing.Seen);
        Assert.Single(other.Seen);
        Assert.Equal(("no disk", 1), Assert.Single(await world.Values("SELECT error, attempts FROM command WHERE kind = 'fail'", r => (r.GetString(0), r.GetInt32(1)))));
        Assert.Equal(world.Clock.Now.AddSeconds(1), world.Leader.NextLook);

        for (var attempt = 1; attempt < CommandRunner.MaxAttempts; attempt++)
        {
            await world.Pass(CommandRunner.WaitAfter(attempt) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(attempt, failing.Seen.Count);
            await world.Pass(TimeSpan.FromMilliseconds(1));
            Assert.Equal(attempt + 1, failing.Seen.Count);
        }

        Assert.Equal(2, await world.Value<int>("SELECT state FROM command WHERE kind = 'fail'"));
        await world.Pass(TimeSpan.FromHours(1));
        Assert.Equal(CommandRunner.MaxAttempts, failing.Seen.Count);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_makes_no_command_wait_longer()
    {
        var failing = new Counting("fail", slices: 1) { OnSlice = (_, _) => throw new InvalidOperationException("no disk") };
        await using var world = await EngineWorld.Create(Provider.Sqlite, failing);
        await Append(world, "fail");
        await world.Settle();
        await world.Pass(TimeSpan.FromHours(-2));
        Assert.Equal(2, failing.Seen.Count);
    }

    [Fact]
    public async Task A_slice_may_ask_for_a_pause_before_the_next()
    {
        var pausing = new Counting("pause", slices: 2) { Pause = TimeSpan.FromSeconds(3) };
        await using var world = await EngineWorld.Create(Provider.Sqlite, pausing);
        await Append(world, "pause");
        await world.Settle();
        Assert.Equal((1, world.Clock.Now.AddSeconds(3)), (pausing.Seen.Count, world.Leader.NextLook));
        await world.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal([0, 1], pausing.Seen);
    }

    [Fact]
    public async Task A_slice_that_fails_leaves_nothing_behind()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite, new Counting("fail", slices: 1)
        {
            OnSlice = async (_, transaction) =>
            {
                await transaction.Session.Execute("UPDATE scheduler SET is_paused = TRUE");
                throw new InvalidOperationException("too late");
            },
        });
        await Append(world, "fail");
        await world.Settle();
        Assert.False(await world.Value<bool>("SELECT is_paused FROM scheduler"));
    }

    [Fact]
    public async Task A_command_that_nobody_knows_is_tried_again_later()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        await Append(world, "of-the-future");
        await world.Settle();
        Assert.Contains("of-the-future", await world.Value<string>("SELECT error FROM command WHERE state = 0"), StringComparison.Ordinal);
    }

    private static Task<long> Append(EngineWorld world, string kind) => world.Write(s => CommandLog.Append(s, kind, [], world.Clock.Now));

    private sealed class Counting(string kind, int slices) : ICommandHandler
    {
        public string Kind => kind;

        public TimeSpan Pause { get; init; }

        public List<int> Seen { get; } = [];

        public Func<long, EngineTransaction, Task> OnSlice { get; init; } = (_, _) => Task.CompletedTask;

        public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
        {
            var done = command.Progress.TryGetProperty("done", out var progress) ? progress.GetInt32() : 0;
            Seen.Add(done);
            await OnSlice(command.Id, transaction);
            return done + 1 == slices ? CommandSlice.Done : new CommandSlice(false, new JsonObject { ["done"] = done + 1 }, Pause);
        }
    }
}
