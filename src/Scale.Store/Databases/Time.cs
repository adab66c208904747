namespace Scale.Store.Databases;

/// <summary>The stored form of a moment: microseconds since 1970-01-01Z.</summary>
public static class Time
{
    public static long ToMicroseconds(DateTime moment) => (moment.ToUniversalTime() - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTime FromMicroseconds(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>Now, cut to what the database can hold, so that what was written equals what is read.</summary>
    public static DateTime Now(TimeProvider clock)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
