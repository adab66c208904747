namespace Scale.Model.Jobs;

/// <summary>What an execution used of its machine; null for what is not known.</summary>
/// <param name="CpuSeconds">User and system time of all its processes.</param>
/// <param name="PeakMemory">Most MiB of memory at once. Of an execution that ended too soon to be looked at it is that of its largest process, or not known.</param>
/// <param name="BytesRead">From disks: what the file cache held is not counted.</param>
/// <param name="BytesWritten">To disks.</param>
public sealed record ResourceUsage(double? CpuSeconds, double? PeakMemory, long? BytesRead, long? BytesWritten)
{
    /// <summary>What two kinds of processes of one execution used together.</summary>
    public static ResourceUsage? Sum(ResourceUsage? one, ResourceUsage? other) => one is null || other is null ? one ?? other : new ResourceUsage(
        (one.CpuSeconds ?? 0) + (other.CpuSeconds ?? 0),
        Max(one.PeakMemory, other.PeakMemory),
        (one.BytesRead ?? 0) + (other.BytesRead ?? 0),
        (one.BytesWritten ?? 0) + (other.BytesWritten ?? 0));

    /// <summary>The better of two measurements of the same: both are lower bounds.</summary>
    public static ResourceUsage? Best(ResourceUsage? one, ResourceUsage? other) => one is null || other is null ? one ?? other : new ResourceUsage(
        Max(one.CpuSeconds, other.CpuSeconds), Max(one.PeakMemory, other.PeakMemory), Max(one.BytesRead, other.BytesRead), Max(one.BytesWritten, other.BytesWritten));

    private static T? Max<T>(T? one, T? other)
        where T : struct, IComparable<T> => one is { } a && other is { } b ? a.CompareTo(b) >= 0 ? a : b : one ?? other;
}
