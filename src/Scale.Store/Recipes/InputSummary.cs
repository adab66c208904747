namespace Scale.Store.Recipes;

/// <summary>What a recipe's or job's input files add up to (recipes.md §10.1, jobs-and-queue.md §13.2).</summary>
/// <param name="SizeMiB">Whole MiB, rounded up; 0 without files.</param>
public readonly record struct InputSummary(
    double SizeMiB,
    DateTime? SourceStarted,
    DateTime? SourceEnded,
    string? SensorClass,
    string? Sensor,
    string? Collection,
    string? Task)
{
    private const double BytesPerMiB = 1024 * 1024;

    /// <param name="files">One entry per link of an input to a file; a file of two inputs counts twice.</param>
    public static InputSummary Of(IEnumerable<InputFile> files)
    {
        var summary = default(InputSummary);
        var bytes = 0L;
        foreach (var file in files)
        {
            bytes += file.Size;
            summary = new InputSummary(
                0,
                Least(summary.SourceStarted, file.SourceStarted),
                Greatest(summary.SourceEnded, file.SourceEnded),
                Greatest(summary.SensorClass, file.SensorClass),
                Greatest(summary.Sensor, file.Sensor),
                Greatest(summary.Collection, file.Collection),
                Greatest(summary.Task, file.Task));
        }

        return summary with { SizeMiB = Math.Ceiling(bytes / BytesPerMiB) };
    }

    private static DateTime? Least(DateTime? left, DateTime? right) => left is null || right < left ? right ?? left : left;

    private static DateTime? Greatest(DateTime? left, DateTime? right) => left is null || right > left ? right ?? left : left;

    private static string? Greatest(string? left, string? right) =>
        right is null || (left is not null && string.CompareOrdinal(left, right) >= 0) ? left : right;
}

/// <summary>What evaluation has to know of an input file.</summary>
/// <param name="Size">Bytes.</param>
public sealed record InputFile(
    long Id,
    bool IsSource,
    long Size,
    DateTime? SourceStarted,
    DateTime? SourceEnded,
    string? SensorClass,
    string? Sensor,
    string? Collection,
    string? Task);
