using System.Globalization;
using System.Runtime.InteropServices;
using Scale.Engine.Executions;

namespace Scale.Engine.Clusters.Local;

/// <summary>Looks at processes and ends whole process groups; Linux only.</summary>
internal static partial class Processes
{
    public const int Terminate = 15;
    public const int Kill = 9;

    /// <summary>Whether that very process still runs; one of the same id that started at another time does not count.</summary>
    public static bool IsAlive(RunnerProcess runner) => StartTicks(runner.ProcessId) == runner.StartTicks;

    /// <summary>Signals every process of the group that the runner leads. A group that is gone is no error.</summary>
    public static void SignalGroup(int runnerId, int signal) => kill(-runnerId, signal);

    /// <summary>
    /// Kills what is left of an execution, also what has left its process group. The runner's id may have been given to somebody else since,
    /// so only processes whose own environment names the execution's output folder are touched.
    /// </summary>
    /// <returns>How many there still were.</returns>
    public static int KillLeftovers(string outputFolder)
    {
        var mark = $"OUTPUT_DIR={outputFolder}";
        var found = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Environment(id).Split('\0').Contains(mark, StringComparer.Ordinal))
            {
                kill(id, Kill);
                found++;
            }
        }

        return found;
    }

    private static string Environment(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/environ");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static long? StartTicks(int id)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{id}/stat");
            var fields = line[(line.LastIndexOf(") ", StringComparison.Ordinal) + 2)..].Split(' ');

            // A zombie has ended; only its parent has not looked yet.
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
