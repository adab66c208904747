using System.Globalization;

namespace Scale.Bench.Machine;

/// <summary>What the kernel has counted of processes. A process that is gone, or that may not be looked at, counts nothing.</summary>
internal static class ProcessUsage
{
    private const double TicksPerSecond = 100;

    /// <summary>Processor time of a process with all its threads; children that ended are not in it.</summary>
    public static TimeSpan Processor(int processId)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{processId}/stat");

            // The name, in parentheses, may hold spaces.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromSeconds((Number(fields[11]) + Number(fields[12])) / TicksPerSecond);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return TimeSpan.Zero;
        }
    }

    /// <summary>Memory that it holds now, in MiB.</summary>
    public static double Memory(int processId) => Status(processId, "VmRSS:");

    /// <summary>The most it ever held, in MiB.</summary>
    public static double PeakMemory(int processId) => Status(processId, "VmHWM:");

    private static double Status(int processId, string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
            return Number(line[name.Length..].Replace("kB", "", StringComparison.Ordinal)) / 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
