using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>A process that was started here.</summary>
/// <param name="Gone">Completes when it has ended, with what it and all children that it waited for used.</param>
internal sealed record ChildProcess(int Id, Task<ResourceUsage?> Gone);

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

    private static readonly Lazy<ChildProcesses> Only = new(() => new ChildProcesses());

    private readonly ConcurrentDictionary<int, Watched> watched = new();
    private readonly SpawnAttributes attributes = new();
    private readonly int session = getsid(0);
    private readonly int queue;

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
    /// <returns>How many were killed: what they started just before comes up as orphans next.</returns>
    public int EndOrphans(string outputFolder)
    {
        var killed = 0;
        Span<long> usage = stackalloc long[UsageFields];
        foreach (var id in Orphans())
        {
            if (watched.ContainsKey(id) || Processes.FactsOf(id) is not { } facts || facts.Session == session)
            {
                continue;
            }

            if (facts.HasEnded)
            {
                wait4(id, out _, DoNotWait, ref MemoryMarshal.GetReference(usage));
            }
            else if (Processes.OutputFolderOf(id) == outputFolder)
            {
                Processes.Signal(id, Processes.Kill);
                _ = WhenGone(id);
                killed++;
            }
        }

        return killed;
    }

    // The kernel gives orphans to the first thread of the process that takes them in.
    private static IEnumerable<int> Orphans()
    {
        var own = Environment.ProcessId;
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{own}/task/{own}/children");
        }
        catch (IOException)
        {
            return [];
        }

        return text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture));
    }

    private void Watch()
    {
        var events = new byte[EventCount * EpollEvent.Size];
        while (true)
        {
            var count = epoll_wait(queue, ref events[0], EventCount, -1);
            for (var i = 0; i < count; i++)
            {
                if (watched.TryRemove(EpollEvent.DataOf(events, i), out var child))
                {
                    var usage = Reap(child.Id);
                    close(child.Descriptor);
                    child.Gone.SetResult(usage);
                }
            }
        }
    }

    private static ResourceUsage? Reap(int id)
    {
        // struct rusage: two times as seconds and microseconds, then counts of one word each.
        Span<long> fields = stackalloc long[UsageFields];
        if (wait4(id, out _, DoNotWait, ref MemoryMarshal.GetReference(fields)) != id)
        {
            return null;
        }

        return new ResourceUsage(fields[0] + fields[2] + ((fields[1] + fields[3]) / 1e6), fields[4] / 1024.0, fields[11] * BlockSize, fields[12] * BlockSize);
    }
}
