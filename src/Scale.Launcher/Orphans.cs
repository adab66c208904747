using System.Buffers.Text;
using System.Text.Unicode;

namespace Scale.Launcher;

/// <summary>
/// What left the group of a main to go on in the background becomes a child of the launcher when its parent ends: so it is found without a search through all processes of the machine.
/// </summary>
/// <param name="waits">Children that are waited for, by id.</param>
internal sealed class Orphans(Dictionary<int, RunningMain> waits)
{
    private readonly byte[] text = new byte[64 << 10];

    // The kernel gives orphans to the first thread of the process that takes them in, which is the one that starts mains, too.
    private readonly string children = $"task/{Environment.ProcessId}/children";

    /// <summary>Kills those of an execution, and lets go of any that have ended.</summary>
    /// <param name="outputs">The execution's output folder, which its processes have in their environment.</param>
    /// <returns>Whether every other one is known to have nothing to do with the execution.</returns>
    public bool Kill(string outputs, out List<int> killed)
    {
        killed = [];
        var length = ProcessFacts.Read(Environment.ProcessId, children, text);

        // A kernel without that file: what left its group is found by the next server only. An id that does not fit any more is found at the end of a later execution.
        var areAllKnown = length >= 0 && length < text.Length;
        var list = text.AsSpan(0, length < text.Length ? Math.Max(length, 0) : text.AsSpan().LastIndexOf((byte)' '));
        foreach (var range in list.Split((byte)' '))
        {
            if (!Utf8Parser.TryParse(list[range], out int id, out _) || waits.ContainsKey(id) || ProcessFacts.Of(id) is not { } facts)
            {
                continue;
            }

            if (facts.HasEnded)
            {
                NativeCalls.Reap(id);
            }
            else if (ProcessFacts.OutputFolderOf(id) == outputs)
            {
                NativeCalls.Signal(id, NativeCalls.Kill);
                killed.Add(id);
            }
            else
            {
                areAllKnown = false;
            }
        }

        return areAllKnown;
    }
}

/// <summary>What bubblewrap writes into its status file.</summary>
internal static class Sandbox
{
    private const int LongestStatus = 4096;

    /// <summary>The process that all others of the sandbox end with, if it is ours by now, as bubblewrap has ended; null when it is gone.</summary>
    public static int? FirstProcess(FolderPath folder)
    {
        Span<byte> status = stackalloc byte[LongestStatus];
        var file = NativeCalls.Open(folder.Of("sandbox.json"u8), NativeCalls.ReadOnly);
        var length = file < 0 ? 0 : NativeCalls.Read(file, status);
        NativeCalls.Close(file);
        var mark = "\"child-pid\":"u8;
        var found = status[..Math.Max(length, 0)].IndexOf(mark);
        return found >= 0 && Utf8Parser.TryParse(status[(found + mark.Length)..length].TrimStart((byte)' '), out int id, out _)
            && ProcessFacts.Of(id) is { } facts && facts.Parent == Environment.ProcessId ? id : null;
    }
}

/// <summary>
/// Most KiB of memory that this process had so far, as far as it matters. A child begins with its parent's memory: the kernel counts that as the child's peak, so that of a smaller one is not known.
/// </summary>
internal sealed class MemoryPeak
{
    private readonly byte[] status = new byte[8 << 10];
    private long own;

    public bool IsBelow(long childPeak)
    {
        if (childPeak > own)
        {
            var text = status.AsSpan(0, Math.Max(ProcessFacts.Read(Environment.ProcessId, "status", status), 0));
            var mark = "VmHWM:"u8;
            var found = text.IndexOf(mark);
            own = found >= 0 && Utf8Parser.TryParse(text[(found + mark.Length)..].TrimStart(" \t"u8), out long peak, out _) ? peak : long.MaxValue;
        }

        return childPeak > own;
    }
}
