namespace Scale.Engine.Tests.Leadership;

/// <summary>A clock that only moves when it is told to.</summary>
internal sealed class VirtualClock : TimeProvider
{
    private DateTimeOffset now = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    public DateTime Now => now.UtcDateTime;

    public void Advance(TimeSpan time) => now += time;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => now.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
}
