using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Scale.Engine.Executions;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Clusters.Local;

/// <summary>What the kernel says of a process in <c>/proc/PID/stat</c>.</summary>
/// <param name="State">One letter; Z and X have ended.</param>
/// <param name="CpuTicks">User and system time of its own, in hundredths of a second.</param>
/// <param name="StartTicks">When it started, in hundredths of a second since the machine did.</param>
/// <param name="ResidentPages">Pages of memory it has, those it shares with others among them.</param>
internal readonly record struct ProcessFacts(int Id, char State, int Parent, int Group, int Session, long CpuTicks, long StartTicks, long ResidentPages)
{
    public bool HasEnded => State is 'Z' or 'X';
}

/// <summary>Looks at processes and signals them; Linux only.</summary>
internal static partial class Processes
{
    public const int Terminate = 15;
    public const int Kill = 9;
    private const int EnvironmentSize = 8 << 10;

    /// <summary>Ticks of the times in <see cref="ProcessFacts"/>; the same on every Linux.</summary>
    public const int TicksPerSecond = 100;

    /// <summary>Whether that very process still runs; another one that got the same id later does not count.</summary>
    public static bool IsAlive(RunnerProcess runner) =>
        FactsOf(runner.ProcessId) is { HasEnded: false } facts && (runner.StartTicks is { } ticks ? facts.StartTicks == ticks : IsRunnerOf(runner.ProcessId, runner.Folder));

    private static bool IsRunnerOf(int id, string folder)
    {
        try
        {
            // SHELL SCRIPT FOLDER ...
            return File.ReadAllText($"/proc/{id}/cmdline").Split('\0') is [_, var script, var argument, ..]
                && Path.GetFileName(script.AsSpan()).StartsWith(MainProcess.RunnerPrefix, StringComparison.Ordinal) && argument.EndsWith(folder, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Signals every process of a group. A group that is gone is no error.</summary>
    public static void SignalGroup(int group, int signal) => kill(-group, signal);

    public static void Signal(int process, int signal) => kill(process, signal);

    /// <summary>Every process of this machine that could be looked at.</summary>
    public static IEnumerable<ProcessFacts> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(folder.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && FactsOf(id) is { } facts)
            {
                yield return facts;
            }
        }
    }

    /// <summary>Null when there is no such process.</summary>
    public static ProcessFacts? FactsOf(int id)
    {
        Span<byte> buffer = stackalloc byte[1024];
        using var file = FileCalls.OpenToRead($"/proc/{id}/stat", out _);
        try
        {
            return file is null ? null : Parse(id, buffer[..RandomAccess.Read(file, buffer, 0)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The output folder of the execution that the process belongs to: main has it in its environment, and its children inherit it. Null for other processes.</summary>
    public static string? OutputFolderOf(int id)
    {
        using var file = FileCalls.OpenToRead($"/proc/{id}/environ", out _);
        var buffer = ArrayPool<byte>.Shared.Rent(EnvironmentSize);
        try
        {
            var length = 0;
            while (file is not null && RandomAccess.Read(file, buffer.AsSpan(length), length) is var read and > 0)
            {
                length += read;
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }

            var text = buffer.AsSpan(0, length);
            foreach (var range in text.Split((byte)0))
            {
                if (text[range].StartsWith("OUTPUT_DIR="u8))
                {
                    return Encoding.UTF8.GetString(text[range]["OUTPUT_DIR=".Length..]);
                }
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
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
    /// Kills what is left of executions, also what has left its process group. A runner's id may have been given to somebody else since,
    /// so only processes whose own environment names one of the output folders are touched.
    /// </summary>
    /// <returns>How many there still were.</returns>
    public static int KillLeftovers(IReadOnlySet<string> outputFolders)
    {
        var found = 0;
        foreach (var process in All())
        {
            if (!process.HasEnded && OutputFolderOf(process.Id) is { } folder && outputFolders.Contains(folder))
            {
                kill(process.Id, Kill);
                found++;
            }
        }

        return found;
    }

    // PID (NAME) STATE PPID PGRP SESSION ...: the name may hold blanks and parentheses; utime is field 14, starttime 22, rss 24.
    private static ProcessFacts? Parse(int id, ReadOnlySpan<byte> line)
    {
        var rest = line[(line.LastIndexOf((byte)')') + 1)..];
        Span<long> fields = stackalloc long[25];
        var state = rest.Length > 1 ? (char)rest[1] : 'X';
        var field = 3;
        foreach (var range in rest.Split((byte)' '))
        {
            // The first piece is empty: the blank after the parenthesis.
            if (field > 3 && field - 1 < fields.Length && Utf8Parser.TryParse(rest[range], out long value, out _))
            {
                fields[field - 1] = value;
            }

            if (++field > fields.Length)
            {
                return new ProcessFacts(id, state, (int)fields[4], (int)fields[5], (int)fields[6], fields[14] + fields[15], fields[22], fields[24]);
            }
        }

        return null;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);
}
