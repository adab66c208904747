using Scale.Engine.Clusters.Local;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Who has the cpus of this machine, and who waits for them.</summary>
public sealed class MainRoomTests
{
    private readonly MainRoom room = new(2);

    [Fact]
    public void Who_has_no_room_waits_until_another_leaves()
    {
        var (first, second, third) = (Ask(1), Ask(1), Ask(1));
        Assert.Equal((true, true, false), (HasCome(first), HasCome(second), HasCome(third)));
        room.Leave(second);
        Assert.True(HasCome(third));
    }

    [Fact]
    public void First_come_is_first_served_however_small_the_others_are()
    {
        var (small, whole, next) = (Ask(0.5), Ask(2), Ask(0.5));
        Assert.Equal((false, false), (HasCome(whole), HasCome(next)));
        room.Leave(small);
        Assert.Equal((true, false), (HasCome(whole), HasCome(next)));
        room.Leave(whole);
        Assert.True(HasCome(next));
    }

    [Fact]
    public async Task Who_gives_up_takes_no_room()
    {
        var whole = Ask(2);
        var (tired, next) = (Ask(2), Ask(2));
        tired.GiveUp();
        Assert.False(await tired.Came);
        room.Leave(whole);
        Assert.True(HasCome(next));
        next.GiveUp();
        Assert.True(await next.Came);
    }

    [Fact]
    public void What_needs_more_than_there_is_comes_alone()
    {
        var (small, large) = (Ask(0.5), Ask(5));
        Assert.False(HasCome(large));
        room.Leave(small);
        Assert.True(HasCome(large));
    }

    [Fact]
    public void What_runs_already_has_its_room()
    {
        var (first, second) = (room.Take(2, default), room.Take(2, default));
        var next = Ask(0.5);
        room.Leave(first);
        Assert.False(HasCome(next));
        room.Leave(second);
        Assert.True(HasCome(next));
    }

    private MainTurn Ask(double cpus) => room.Ask(cpus, default);

    private static bool HasCome(MainTurn turn) => turn.Came is { IsCompletedSuccessfully: true, Result: true };
}
