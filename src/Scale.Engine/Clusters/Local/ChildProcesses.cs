using System.Buffers.Text;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Scale.Engine.Workspaces;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>A process that was started here.</summary>
/// <param name="Gone">Completes when it has ended, with what it and all children that it waited for used.</param>
internal sealed record ChildProcess(int Id, Task<ResourceUsage?> Gone);

/// <param name="Killed">The ends of those that were killed: what they had started comes up as orphans then.</param>
/// <param name="AreAllKnown">Whether every other one is known to have nothing to do with the execution.</param>
internal sealed record EndedOrphans(IReadOnlyList<Task> Killed, bool AreAllKnown);

/// <summary>
/// Starts processes in sessions of their own and notices their ends: one thread for all of them, which sleeps until the kernel wakes it.
/// <see cref="System.Diagnostics.Process"/> costs a small job several times as much, and knows neither sessions nor usage.
/// </summary>
/// <remarks>
/// This process takes in the orphans of those it started, so that what leaves its group to go on in the background is found
/// without a search through all processes of the machine.
/// </remarks>
internal sealed partial class ChildProcesses
{
    private const int EventCount = 64;
    private const int BlockSize = 512;
    private const int ChildrenLength = 16 << 10;

    private static readonly Lazy<ChildProcesses> Only = new(() => new ChildProcesses());

    private readonly ConcurrentDictionary<int, Watched> watched = new();
    private readonly SpawnAttributes attributes = new();
    private readonly Lock reaping = new();
    private readonly int session = getsid(0);
    private readonly int queue;
    private long ownPeak;

    private sealed record Watched(int Id, int Descriptor, TaskCompletionSource<ResourceUsage?> Gone);

    private ChildProcesses()
    {
        queue = epoll_create1(CloseOnExec);
        if (queue < 0)
        {
            throw new Win32Exception();
        }

        prctl(SetChildSubreaper, 1, 0, 0, 0);
        new Thread(Watch) { IsBackground = true, Name = "child processes" }.Start();
    }

    /// <summary>Children belong to a whole process, so there is one of these in it.</summary>
    public static ChildProcesses OfThisProcess => Only.Value;

    /// <param name="arguments">Program (absolute path) and arguments.</param>
    /// <exception cref="Win32Exception">The system can't start it.</exception>
    public ChildProcess Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        using var argumentList = new NativeTexts(arguments);
        using var environmentList = new NativeTexts([.. environment.Select(e => $"{e.Key}={e.Value}")]);
        var error = posix_spawn(out var id, arguments[0], 0, attributes.Pointer, argumentList.Pointer, environmentList.Pointer);
        return error == 0 ? new ChildProcess(id, WhenGone(id)) : throw new Win32Exception(error);
    }

    /// <summary>Completes when the process has ended, at once if there is none. The usage is null for one that is no child of ours. Safe for processes that are not ours: the kernel tells of their end too.</summary>
    public Task<ResourceUsage?> WhenGone(int id)
    {
        if (watched.TryGetValue(id, out var known))
        {
            return known.Gone.Task;
        }

        var descriptor = (int)syscall(OpenProcess, id, 0);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError() == NoSuchProcess ? Task.FromResult<ResourceUsage?>(null) : throw new Win32Exception();
        }

        var child = new Watched(id, descriptor, new TaskCompletionSource<ResourceUsage?>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!watched.TryAdd(id, child))
        {
            close(descriptor);
            return WhenGone(id);
        }

        var wish = new EpollEvent(id);
        if (epoll_ctl(queue, AddToQueue, descriptor, ref wish.First) != 0)
        {
            throw new Win32Exception();
        }

        return child.Gone.Task;
    }

    /// <summary>
    /// Kills what the execution of an output folder left running outside of its process group, and lets go of orphans that have ended.
    /// Processes of this one's own session were started by somebody else here and are left alone.
    /// </summary>
    public EndedOrphans EndOrphans(string outputFolder)
    {
        List<Task>? killed = null;
        Span<long> usage = stackalloc long[UsageFields];
        var ids = Orphans(out var areAllKnown);
        foreach (var id in ids)
        {
            if (watched.ContainsKey(id) || Processes.FactsOf(id) is not { } facts || facts.Session == session)
            {
                continue;
            }

            if (facts.HasEnded)
            {
                lock (reaping)
                {
                    _ = watched.ContainsKey(id) ? 0 : wait4(id, out _, DoNotWait, ref MemoryMarshal.GetReference(usage));
                }
            }
            else if (Processes.OutputFolderOf(id) == outputFolder)
            {
                Processes.Signal(id, Processes.Kill);
                (killed ??= []).Add(WhenGone(id));
            }
            else
            {
                areAllKnown = false;
            }
        }

        return new EndedOrphans(killed ?? [], areAllKnown);
    }

    // The kernel gives orphans to the first thread of the process that takes them in.
    private List<int> Orphans(out bool areAll)
    {
        var own = Environment.ProcessId;
        var ids = new List<int>();
        areAll = false;
        Span<byte> buffer = stackalloc byte[ChildrenLength];
        using var file = FileCalls.OpenToRead($"/proc/{own}/task/{own}/children", out _);
        if (file is null)
        {
            // A kernel without that file: what left its group is found by the next server only.
            return ids;
        }

        var length = 0;
        lock (reaping)
        {
            // The kernel gives a page at a time, and leaves nobody out as long as none of them is let go of meanwhile.
            while (RandomAccess.Read(file, buffer[length..], length) is var read and > 0)
            {
                length += read;
            }
        }

        areAll = length < ChildrenLength;
        var text = buffer[..length];
        foreach (var range in text.Split((byte)' '))
        {
            // An id that does not fit any more is found at the end of a later execution.
            if (range.End.Value < ChildrenLength && Utf8Parser.TryParse(text[range], out int id, out _))
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    private void Watch()
    {
        var events = new byte[EventCount * EpollEvent.Size];
        while (true)
        {
            var count = epoll_wait(queue, ref events[0], EventCount, -1);
            for (var i = 0; i < count; i++)
            {
                Watched? child;
                ResourceUsage? usage;
                lock (reaping)
                {
                    usage = watched.TryRemove(EpollEvent.DataOf(events, i), out child) ? Reap(child.Id) : null;
                }

                if (child is not null)
                {
                    close(child.Descriptor);
                    child.Gone.SetResult(usage);
                }
            }
        }
    }

    /// <summary>
    /// Most KiB that this process had so far, as far as it matters. A child begins with its parent's memory: the kernel counts that as the child's peak,
    /// so that of a smaller one is not known.
    /// </summary>
    private long OwnPeak(long childPeak)
    {
        const string Mark = "VmHWM:";
        if (childPeak > ownPeak)
        {
            var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Mark, StringComparison.Ordinal));
            ownPeak = long.Parse(line.AsSpan(Mark.Length, line.Length - Mark.Length - " kB".Length).Trim(), CultureInfo.InvariantCulture);
        }

        return ownPeak;
    }

    private ResourceUsage? Reap(int id)
    {
        // struct rusage: two times as seconds and microseconds, then counts of one word each.
        Span<long> fields = stackalloc long[UsageFields];
        if (wait4(id, out _, DoNotWait, ref MemoryMarshal.GetReference(fields)) != id)
        {
            return null;
        }

        return new ResourceUsage(
            fields[0] + fields[2] + ((fields[1] + fields[3]) / 1e6),
            fields[4] > OwnPeak(fields[4]) ? fields[4] / 1024.0 : null,
            fields[11] * BlockSize,
            fields[12] * BlockSize);
    }
}
