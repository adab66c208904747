using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Scale.Launcher;

namespace Scale.Engine.Clusters.Local;

/// <summary>Notices the ends of processes, whoever started them: one thread for all of them, which sleeps until the kernel wakes it.</summary>
internal sealed class ProcessEnds
{
    private const int EventCount = 64;
    private const int NoSuchProcess = 3;

    private static readonly Lazy<ProcessEnds> Only = new(() => new ProcessEnds());

    private readonly ConcurrentDictionary<int, Watched> watched = new();
    private readonly int queue = NativeCalls.MakeQueue();

    private sealed record Watched(int Descriptor, bool IsChild, TaskCompletionSource Gone);

    private ProcessEnds()
    {
        if (queue < 0)
        {
            throw new Win32Exception();
        }

        new Thread(Watch) { IsBackground = true, Name = "process ends" }.Start();
    }

    public static ProcessEnds OfThisProcess => Only.Value;

    /// <summary>Completes when the process has ended, at once if there is none.</summary>
    /// <param name="isChild">It is a child of ours that nobody else lets go of.</param>
    public Task WhenGone(int id, bool isChild = false)
    {
        if (watched.TryGetValue(id, out var known))
        {
            return known.Gone.Task;
        }

        var descriptor = NativeCalls.OpenProcess(id);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError() == NoSuchProcess ? Task.CompletedTask : throw new Win32Exception();
        }

        var process = new Watched(descriptor, isChild, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!watched.TryAdd(id, process))
        {
            NativeCalls.Close(descriptor);
            return WhenGone(id, isChild);
        }

        NativeCalls.AddToQueueOf(queue, descriptor, new EpollEvent(id));
        return process.Gone.Task;
    }

    private void Watch()
    {
        var events = new byte[EventCount * EpollEvent.Size];
        while (true)
        {
            var count = NativeCalls.WaitFor(queue, events);
            for (var i = 0; i < count; i++)
            {
                var id = EpollEvent.DataOf(events, i);
                if (watched.TryRemove(id, out var process))
                {
                    if (process.IsChild)
                    {
                        NativeCalls.Reap(id);
                    }

                    NativeCalls.Close(process.Descriptor);
                    process.Gone.SetResult();
                }
            }
        }
    }
}
