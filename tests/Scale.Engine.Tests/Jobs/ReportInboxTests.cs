using Scale.Engine.Executions;
using Scale.Engine.Jobs;
using Scale.Engine.Leadership;

namespace Scale.Engine.Tests.Jobs;

public sealed class ReportInboxTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ReportInbox inbox = new(new EngineSignal());

    [Fact]
    public async Task Collecting_ends_with_the_report_that_makes_it_enough()
    {
        Post(1);
        var collecting = inbox.Collect(3, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
        Post(2);
        Assert.False(collecting.IsCompleted);
        Post(3);
        await collecting.WaitAsync(Patience);
        Assert.Equal([1, 2, 3], inbox.Peek(10).Select(r => r.Key.ExecutionId));
    }

    [Fact]
    public async Task Collecting_ends_at_once_when_there_are_enough_already()
    {
        Post(1);
        Post(2);
        await inbox.Collect(2, Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).WaitAsync(Patience);
    }

    [Fact]
    public async Task Collecting_ends_with_its_time_or_when_it_is_told_to()
    {
        await inbox.Collect(1, TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken.None).WaitAsync(Patience);
        using var stop = new CancellationTokenSource();
        var collecting = inbox.Collect(1, Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token);
        await stop.CancelAsync();
        await collecting.WaitAsync(Patience);
    }

    private void Post(long id) => inbox.Post(new ExecutionReport { Key = new ExecutionKey(id, id, 1), Outcome = ExecutionOutcome.Completed, Ended = DateTime.UnixEpoch });
}
