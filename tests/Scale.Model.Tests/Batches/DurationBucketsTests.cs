using FsCheck;
using FsCheck.Fluent;
using Scale.Model.Batches;

namespace Scale.Model.Tests.Batches;

public class DurationBucketsTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 8)]
    [InlineData(1_000_000, 159)]
    [InlineData(long.MaxValue, 504)]
    public void A_duration_has_one_bucket(long microseconds, short bucket) => Assert.Equal(bucket, DurationBuckets.Of(microseconds));

    [Fact]
    public void Nothing_counted_has_no_quantile() => Assert.Null(DurationBuckets.Quantile([], 0.5, 0, 0));

    [Fact]
    public void A_quantile_is_never_outside_of_what_was_counted() =>
        Assert.Equal(10_000_000, DurationBuckets.Quantile([KeyValuePair.Create(DurationBuckets.Of(10_000_000), 7)], 0.95, 10_000_000, 10_000_000));

    [Fact]
    public void Quantiles_are_close_to_those_of_the_durations_themselves() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var durations = Enumerable.Range(0, random.Next(1, 400)).Select(_ => (long)Math.Pow(10, random.NextDouble() * 10)).Order().ToList();
        var counts = durations.CountBy(DurationBuckets.Of).ToList();
        return new[] { 0.5, 0.95 }.All(share =>
        {
            var exact = durations[Math.Max(1, (int)Math.Ceiling(share * durations.Count)) - 1];
            var told = DurationBuckets.Quantile(counts, share, durations[0], durations[^1])!.Value;
            return Math.Abs(told - exact) <= 0.046 * exact + 1;
        });
    }).QuickCheckThrowOnFailure();
}
