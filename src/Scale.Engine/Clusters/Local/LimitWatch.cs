using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Scale.Engine.Executions;
using Scale.Engine.Workspaces;
using Scale.Launcher;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>What a running main may use.</summary>
/// <param name="Memory">Bytes of all its processes together.</param>
/// <param name="Processes">How many processes at once.</param>
/// <param name="Log">Bytes of each log stream that are kept on disk.</param>
internal sealed record MainLimits(long Memory, int Processes, long Log);

/// <summary>
/// Looks at executions from time to time: whether their time is over, what their processes use, and whether it is more than they may. One look serves
/// all of them, and those that have ended before the first one are never looked at, so small jobs cost nothing.
/// </summary>
/// <remarks>The kernel's own limits are of no use here: those of a process miss its children, those of a user miss root, and control groups can't be had everywhere.</remarks>
internal sealed class LimitWatch(ConcurrentDictionary<long, LocalExecution> executions, TimeProvider clock, ILogger log, CancellationToken stop)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    // The share of the time that is spent on looking, even when there are very many processes.
    private const double MostEffort = 0.05;

    private static readonly ILookup<int, ProcessFacts> NoProcesses = Array.Empty<ProcessFacts>().ToLookup(p => p.Id);

    private readonly ProcessOwners owners = new();
    private readonly Lock gate = new();
    private bool isLooking;

    /// <summary>An execution has begun.</summary>
    public void Wake()
    {
        lock (gate)
        {
            if (!isLooking)
            {
                isLooking = true;
                _ = Task.Run(Look, CancellationToken.None);
            }
        }
    }

    private async Task Look()
    {
        var pause = Interval;
        while (await Pause(pause))
        {
            var started = clock.GetTimestamp();
            try
            {
                LookOnce();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.LogWarning("Executions can't be looked at now: {Reason}", e.Message);
            }

            var pauseByEffort = clock.GetElapsedTime(started) / MostEffort;
            pause = pauseByEffort < Interval ? Interval : pauseByEffort > LongestInterval ? LongestInterval : pauseByEffort;
        }
    }

    /// <returns>False when nothing is left to be watched.</returns>
    private async Task<bool> Pause(TimeSpan pause)
    {
        await Task.Delay(pause, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (gate)
        {
            isLooking = !stop.IsCancellationRequested && !executions.IsEmpty;
            return isLooking;
        }
    }

    private void LookOnce()
    {
        var now = Store.Databases.Time.Now(clock);
        var all = new List<(LocalExecution Execution, WatchedMain Main)>();
        foreach (var (_, execution) in executions)
        {
            execution.CheckTime(now);
            if (execution.Main is { } main)
            {
                all.Add((execution, main));
            }
        }

        var old = all.Where(e => now - e.Main.Started >= Interval / 2).ToList();
        if (old.Count == 0)
        {
            return;
        }

        // Those that a launcher has not come to yet have no process. Of a container only the engine's client is among ours.
        var running = all.Where(e => !e.Main.IsContainer && e.Main.Runner is not null).ToList();
        var processes = running.Count == 0 ? NoProcesses : owners.Find(
            Processes.All().ToDictionary(p => p.Id),
            running.Select(e => e.Main.Runner!.Value).ToHashSet(),
            running.ToDictionary(e => e.Execution.Folder.Outputs, e => e.Main.Runner!.Value, StringComparer.Ordinal),
            running.Select(e => e.Main.Launcher).OfType<int>().ToHashSet());
        foreach (var (execution, main) in old)
        {
            FileCalls.Free(execution.Folder.StandardOutput, main.Limits.Log + ExecutionFolder.NoticeRoom);
            FileCalls.Free(execution.Folder.StandardError, main.Limits.Log + ExecutionFolder.NoticeRoom);
            if (main.IsContainer)
            {
                main.LookIntoContainer();
            }
            else if (main.Runner is { } runner && main.Look(processes[runner]) is { } limit)
            {
                execution.Exceeds(limit);
            }
        }
    }
}

/// <summary>A running main, and what was seen of it.</summary>
internal sealed class WatchedMain(ExecutionFolder folder, DateTime started, MainLimits limits, bool isContainer)
{
    private readonly Dictionary<(int Id, long Started), long> cpuTicks = [];
    private long peakMemory;
    private ControlGroups? groups;
    private ResourceUsage? seenInContainer;
    private int? runner;
    private int? launcher;

    /// <summary>Id of the leader of main's session; null until it has one.</summary>
    public int? Runner => runner ??= folder.Runner()?.ProcessId;

    /// <summary>Id of its launcher; null until it is known.</summary>
    public int? Launcher => launcher ??= folder.Launcher()?.ProcessId;

    public DateTime Started => started;

    public MainLimits Limits => limits;

    public bool IsContainer => isContainer;

    /// <summary>What was seen; null when it ended before anybody looked. What ended between two looks is missing, so it is a lower bound.</summary>
    public ResourceUsage? Seen
    {
        get
        {
            lock (cpuTicks)
            {
                return isContainer ? seenInContainer : cpuTicks.Count == 0 ? null : new ResourceUsage(cpuTicks.Values.Sum() / (double)Processes.TicksPerSecond, peakMemory / (double)(1 << 20), null, null);
            }
        }
    }

    /// <summary>Looks at what the kernel counts of the container, whose limits are the kernel's to keep.</summary>
    public void LookIntoContainer()
    {
        groups ??= folder.ContainerProcess() is { } process ? ControlGroups.Of(process) : null;
        var now = groups?.Read();
        lock (cpuTicks)
        {
            seenInContainer = ResourceUsage.Best(seenInContainer, now);
        }
    }

    /// <param name="processes">Those that main has now.</param>
    /// <returns>The limit that they exceed.</returns>
    public EndReason? Look(IEnumerable<ProcessFacts> processes)
    {
        lock (cpuTicks)
        {
            long memory = 0;
            var ids = new List<int>();
            foreach (var process in processes)
            {
                memory += process.ResidentPages * Environment.SystemPageSize;
                cpuTicks[(process.Id, process.StartTicks)] = process.CpuTicks;
                ids.Add(process.Id);
            }

            // Processes that were forked share pages, which each of them counts in full.
            if (memory > Math.Min(limits.Memory, peakMemory))
            {
                memory = ids.Sum(Processes.ProportionalMemory);
            }

            peakMemory = Math.Max(peakMemory, memory);
            return memory > limits.Memory ? EndReason.OutOfMemory : ids.Count > limits.Processes ? EndReason.TooManyProcesses : null;
        }
    }
}
