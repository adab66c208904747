namespace Scale.Model.Batches;

/// <summary>
/// Durations sorted into buckets that grow by the same factor, so that a few counts per node tell the median of a million jobs. Eight buckets for each
/// doubling: what is read back is at most 4.5 % off.
/// </summary>
public static class DurationBuckets
{
    private const int PerDoubling = 8;

    /// <param name="microseconds">Not negative.</param>
    /// <returns>0 for anything up to a microsecond.</returns>
    public static short Of(long microseconds) => microseconds <= 1 ? (short)0 : (short)Math.Floor(Math.Log2(microseconds) * PerDoubling);

    /// <summary>The duration that the given share of the counted ones does not exceed.</summary>
    /// <param name="counts">How many durations each bucket holds.</param>
    /// <param name="share">Such as 0.5 for the median.</param>
    /// <param name="least">Least duration that was counted, in microseconds.</param>
    /// <param name="greatest">Greatest one; the answer is never outside of the two.</param>
    /// <returns>Microseconds; null when nothing was counted.</returns>
    public static double? Quantile(IReadOnlyCollection<KeyValuePair<short, int>> counts, double share, long least, long greatest)
    {
        var total = counts.Sum(c => (long)c.Value);
        if (total == 0)
        {
            return null;
        }

        var rank = Math.Max(1, (long)Math.Ceiling(share * total));
        var passed = 0L;
        foreach (var (bucket, count) in counts.OrderBy(c => c.Key))
        {
            passed += count;
            if (passed >= rank)
            {
                return Math.Clamp(Math.Pow(2, (bucket + 0.5) / PerDoubling), least, greatest);
            }
        }

        return greatest;
    }
}
