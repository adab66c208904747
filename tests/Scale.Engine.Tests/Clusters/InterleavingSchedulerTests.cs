using Scale.Engine.Clusters.Local;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Tasks that stand in the thread pool's queue one at a time.</summary>
public sealed class InterleavingSchedulerTests
{
    private readonly TaskFactory factory = InterleavingScheduler.NewFactory();

    [Fact]
    public async Task Each_runs_once()
    {
        var runs = new int[200];
        await Task.WhenAll(Enumerable.Range(0, runs.Length).Select(i => factory.StartNew(() => Interlocked.Increment(ref runs[i]))));
        Assert.All(runs, run => Assert.Equal(1, run));
    }

    [Fact]
    public async Task One_that_blocks_does_not_hold_up_the_next()
    {
        using var isNextDone = new ManualResetEventSlim();
        var blocks = factory.StartNew(() => isNextDone.Wait(TestContext.Current.CancellationToken));
        await factory.StartNew(isNextDone.Set);
        await blocks;
    }

    [Fact]
    public async Task One_that_fails_fails_alone()
    {
        var fails = factory.StartNew(() => throw new IOException("no"));
        var next = factory.StartNew(() => 1);
        await Assert.ThrowsAsync<IOException>(() => fails);
        Assert.Equal(1, await next);
    }

    [Fact]
    public async Task What_a_task_goes_on_with_is_not_bound_to_the_others()
    {
        var schedulers = await factory.StartNew(async () =>
        {
            var first = TaskScheduler.Current;
            await Task.Yield();
            return (first, TaskScheduler.Current);
        }).Unwrap();
        Assert.Equal((TaskScheduler.Default, TaskScheduler.Default), schedulers);
    }
}
