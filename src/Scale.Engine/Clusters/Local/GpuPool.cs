using System.Globalization;
using System.Text.RegularExpressions;
using Scale.Engine.Executions;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// Which GPU of this machine belongs to which execution. The scheduler sees to it that there are never more wanted than there are; here they get their numbers,
/// which stand in the execution's folder, so that the next server knows them too.
/// </summary>
/// <param name="count">GPUs of this machine, numbered from 0.</param>
public sealed partial class GpuPool(int count)
{
    private readonly Dictionary<long, IReadOnlyList<int>> held = [];

    public int Count => count;

    /// <param name="devices">The system's folder of devices.</param>
    public static GpuPool Detect(string devices = "/dev") => new(Directory.EnumerateFileSystemEntries(devices).Count(path => NvidiaDevice().IsMatch(Path.GetFileName(path))));

    /// <summary>The lowest numbers that nobody has; the same ones when asked again.</summary>
    /// <exception cref="IOException">There are not enough, or the folder can't be written to.</exception>
    public IReadOnlyList<int> Take(long executionId, ExecutionFolder folder, int wanted)
    {
        if (wanted <= 0)
        {
            return [];
        }

        lock (held)
        {
            if (held.TryGetValue(executionId, out var already))
            {
                return already;
            }

            var taken = held.Values.SelectMany(numbers => numbers).ToHashSet();
            int[] numbers = [.. Enumerable.Range(0, count).Where(number => !taken.Contains(number)).Take(wanted)];
            if (numbers.Length < wanted)
            {
                throw new IOException($"{wanted} GPUs are wanted and {numbers.Length} of {count} are free");
            }

            File.WriteAllText(PathOf(folder), string.Join(',', numbers));
            return held[executionId] = numbers;
        }
    }

    /// <summary>Takes note of what an earlier server gave.</summary>
    public void Adopt(long executionId, ExecutionFolder folder)
    {
        if (count > 0 && File.Exists(PathOf(folder)))
        {
            lock (held)
            {
                held[executionId] = [.. File.ReadAllText(PathOf(folder)).Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
            }
        }
    }

    public void GiveBack(long executionId)
    {
        lock (held)
        {
            held.Remove(executionId);
        }
    }

    private static string PathOf(ExecutionFolder folder) => Path.Combine(folder.Root, "gpus");

    [GeneratedRegex("^nvidia[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex NvidiaDevice();
}
