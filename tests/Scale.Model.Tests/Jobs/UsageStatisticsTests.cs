using Scale.Model.Jobs;

namespace Scale.Model.Tests.Jobs;

public sealed class UsageStatisticsTests
{
    [Fact]
    public void Without_executions_nothing_is_known_and_nothing_recommended() =>
        Assert.Equal(new UsageStatistics(0, null, null, null, null, null, null), UsageStatistics.Of([]));

    [Fact]
    public void Percentiles_are_values_that_occurred()
    {
        var usage = UsageStatistics.Of([.. Enumerable.Range(1, 100).Select(i => Measured(cpuSeconds: i, memory: 1000 + i, read: i * 10, seconds: 1000))]);
        Assert.Equal(100, usage.Count);
        Assert.Equal(new Spread(50, 95, 100), usage.CpuSeconds);
        Assert.Equal(new Spread(1050, 1095, 1100), usage.PeakMemory);
        Assert.Equal(new Spread(500, 950, 1000), usage.BytesRead);
        Assert.Equal(new Spread(1000, 1000, 1000), usage.RunSeconds);
        Assert.Null(usage.BytesWritten);
    }

    [Theory]
    [InlineData(0.1, 10, 5, 0.25, 128)]
    [InlineData(9, 10, 300, 1, 384)]
    [InlineData(39.9, 10, 1000, 4, 1264)]
    [InlineData(10.1, 10, 102.4, 1.25, 128)]
    public void Recommended_is_what_fits_with_a_reserve_of_memory(double cpuSeconds, double seconds, double memory, double cpus, double mem)
    {
        var recommended = UsageStatistics.Of([Measured(cpuSeconds, memory, null, seconds)]).Recommended!;
        Assert.Equal((cpus, mem), (recommended["cpus"], recommended["mem"]));
    }

    [Fact]
    public void Executions_of_less_than_a_second_say_nothing_of_cpus() =>
        Assert.Equal(["mem"], UsageStatistics.Of([Measured(0.5, 10, null, 0.1), Measured(5, 10, null, null)]).Recommended!.Amounts.Select(a => a.Key));

    [Fact]
    public void The_larger_of_two_measurements_of_the_same_counts()
    {
        var usage = ResourceUsage.Best(new ResourceUsage(1, 20, null, 5), new ResourceUsage(2, 10, null, null));
        Assert.Equal(new ResourceUsage(2, 20, null, 5), usage);
        Assert.Equal(usage, ResourceUsage.Best(null, usage));
        Assert.Equal(new ResourceUsage(4, 20, 0, 10), ResourceUsage.Sum(usage, usage));
    }

    private static MeasuredExecution Measured(double cpuSeconds, double memory, long? read, double? seconds) => new(new ResourceUsage(cpuSeconds, memory, read, null), seconds);
}
