using System.Globalization;
using Scale.Engine.Executions;
using Scale.Launcher;

namespace Scale.Engine.Clusters.Local;

/// <summary>Looks at processes; Linux only.</summary>
internal static class Processes
{
    public const int Terminate = 15;

    // Begins the file name of the script that earlier versions ran main by.
    private const string RunnerPrefix = "runner-";

    /// <summary>Ticks of the times in <see cref="ProcessFacts"/>; the same on every Linux.</summary>
    public const int TicksPerSecond = 100;

    /// <summary>Whether that very process still runs; another one that got the same id later does not count.</summary>
    public static bool IsAlive(RunnerProcess runner) =>
        ProcessFacts.Of(runner.ProcessId) is { HasEnded: false } facts && (runner.StartTicks is { } ticks ? facts.StartTicks == ticks : IsRunnerOf(runner.ProcessId, runner.Folder));

    private static bool IsRunnerOf(int id, string folder)
    {
        try
        {
            // SHELL SCRIPT FOLDER ...
            return File.ReadAllText($"/proc/{id}/cmdline").Split('\0') is [_, var script, var argument, ..]
                && Path.GetFileName(script.AsSpan()).StartsWith(RunnerPrefix, StringComparison.Ordinal) && argument.EndsWith(folder, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Every process of this machine that could be looked at.</summary>
    public static IEnumerable<ProcessFacts> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(folder.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && ProcessFacts.Of(id) is { } facts)
            {
                yield return facts;
            }
        }
    }

    /// <summary>Bytes of memory, where what several processes share counts for each of them in part only; 0 when it has ended.</summary>
    public static long ProportionalMemory(int id)
    {
        const string Mark = "Pss:";
        try
        {
            var line = File.ReadLines($"/proc/{id}/smaps_rollup").FirstOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(Mark.Length, line.Length - Mark.Length - " kB".Length).Trim(), CultureInfo.InvariantCulture) << 10;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <param name="processNamespace">Number of a process namespace.</param>
    public static bool IsInNamespace(int id, long processNamespace)
    {
        try
        {
            return new FileInfo($"/proc/{id}/ns/pid").LinkTarget == $"pid:[{processNamespace}]";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Kills what is left of executions, also what has left its process group. An id may have been given to somebody else since,
    /// so only processes whose own environment names one of the output folders are touched.
    /// </summary>
    /// <returns>How many there still were.</returns>
    public static int KillLeftovers(IReadOnlySet<string> outputFolders)
    {
        var found = 0;
        foreach (var process in All())
        {
            if (!process.HasEnded && ProcessFacts.OutputFolderOf(process.Id) is { } folder && outputFolders.Contains(folder))
            {
                NativeCalls.Signal(process.Id, NativeCalls.Kill);
                found++;
            }
        }

        return found;
    }
}
