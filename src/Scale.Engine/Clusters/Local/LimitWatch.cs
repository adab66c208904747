using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Scale.Engine.Executions;
using Scale.Engine.Workspaces;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>What a running main may use.</summary>
/// <param name="Memory">Bytes of all its processes together.</param>
/// <param name="Processes">How many processes at once.</param>
/// <param name="Log">Bytes of each log stream that are kept on disk.</param>
internal sealed record MainLimits(long Memory, int Processes, long Log);

/// <summary>
/// Looks at the processes of running executions from time to time: what they use, and whether it is more than they may. One look serves all
/// of them, and those that have ended before the first one are never looked at, so small jobs cost nothing.
/// </summary>
/// <remarks>The kernel's own limits are of no use here: those of a process miss its children, those of a user miss root, and control groups can't be had everywhere.</remarks>
internal sealed class LimitWatch(TimeProvider clock, ILogger log, CancellationToken stop)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    // The share of the time that is spent on looking, even when there are very many processes.
    private const double MostEffort = 0.05;

    private readonly ConcurrentDictionary<int, WatchedMain> watched = new();
    private readonly ProcessOwners owners = new();
    private readonly Lock gate = new();
    private Task looking = Task.CompletedTask;

    /// <param name="runner">Id of the runner, which leads the session of main.</param>
    public WatchedMain Add(int runner, ExecutionFolder folder, MainLimits limits)
    {
        var main = new WatchedMain(runner, folder, limits, clock.GetTimestamp(), () => watched.TryRemove(runner, out _));
        watched[runner] = main;
        lock (gate)
        {
            if (looking.IsCompleted)
            {
                looking = Task.Run(Look, CancellationToken.None);
            }
        }

        return main;
    }

    private async Task Look()
    {
        var pause = Interval;
        while (!stop.IsCancellationRequested && await Pause(pause))
        {
            var started = clock.GetTimestamp();
            try
            {
                LookOnce();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.LogWarning("The processes of executions can't be looked at now: {Reason}", e.Message);
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
            if (!watched.IsEmpty)
            {
                return true;
            }

            looking = Task.CompletedTask;
            return false;
        }
    }

    private void LookOnce()
    {
        var all = watched.Values.ToList();
        var old = all.Where(w => clock.GetElapsedTime(w.Started) >= Interval / 2).ToList();
        if (old.Count == 0)
        {
            return;
        }

        var processes = owners.Find(
            Processes.All().ToDictionary(p => p.Id),
            all.Select(w => w.Runner).ToHashSet(),
            all.ToDictionary(w => w.Folder.Outputs, w => w.Runner, StringComparer.Ordinal));
        foreach (var main in old)
        {
            main.Look(processes[main.Runner]);
        }
    }
}

/// <summary>Tells which execution a process belongs to: that of its session, that of its parent, or that which its environment names.</summary>
internal sealed class ProcessOwners
{
    private const int FirstProcess = 1;

    private Dictionary<(int Id, long Started), int?> known = [];

    /// <param name="all">Every process of the machine by id.</param>
    /// <param name="runners">Ids of the runners of watched executions.</param>
    /// <param name="outputFolders">Runners by output folder.</param>
    /// <returns>Processes by the id of the runner; those that have ended are left out.</returns>
    public ILookup<int, ProcessFacts> Find(Dictionary<int, ProcessFacts> all, IReadOnlySet<int> runners, IReadOnlyDictionary<string, int> outputFolders)
    {
        var found = new Dictionary<(int Id, long Started), int?>(all.Count);
        foreach (var process in all.Values)
        {
            Owner(process, depth: 0);
        }

        known = found;
        return all.Values.Where(p => !p.HasEnded && found[(p.Id, p.StartTicks)] is not null).ToLookup(p => found[(p.Id, p.StartTicks)]!.Value);

        int? Owner(ProcessFacts process, int depth)
        {
            var key = (process.Id, process.StartTicks);
            if (found.TryGetValue(key, out var owner))
            {
                return owner;
            }

            // What belonged to an execution once does so for ever, wherever it went since.
            owner = known.GetValueOrDefault(key) is { } before && runners.Contains(before) ? before
                : runners.Contains(process.Session) ? process.Session
                : IsOrphan(process) ? known.ContainsKey(key) ? null : OwnerByFolder(process.Id)
                : depth < all.Count && all.TryGetValue(process.Parent, out var parent) ? Owner(parent, depth + 1) : null;
            found[key] = owner;
            return owner;
        }

        int? OwnerByFolder(int id) => Processes.OutputFolderOf(id) is { } folder && outputFolders.TryGetValue(folder, out var runner) ? runner : null;
    }

    private static bool IsOrphan(ProcessFacts process) => process.Parent == FirstProcess || process.Parent == Environment.ProcessId;
}

/// <summary>A running main under watch, until it is disposed.</summary>
internal sealed class WatchedMain(int runner, ExecutionFolder folder, MainLimits limits, long started, Action forget) : IDisposable
{
    private readonly TaskCompletionSource<EndReason> exceeded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<(int Id, long Started), long> cpuTicks = [];
    private long peakMemory;

    public int Runner => runner;

    public ExecutionFolder Folder => folder;

    public long Started => started;

    /// <summary>Completes when main uses more than it may.</summary>
    public Task<EndReason> Exceeded => exceeded.Task;

    /// <summary>What was seen; null when it ended before anybody looked. What ended between two looks is missing, so it is a lower bound.</summary>
    public ResourceUsage? Seen
    {
        get
        {
            lock (cpuTicks)
            {
                return cpuTicks.Count == 0 ? null : new ResourceUsage(cpuTicks.Values.Sum() / (double)Processes.TicksPerSecond, peakMemory / (double)(1 << 20), null, null);
            }
        }
    }

    /// <param name="processes">Those that main has now, its runner among them.</param>
    public void Look(IEnumerable<ProcessFacts> processes)
    {
        int count = 0;
        long memory = 0;
        var ids = new List<int>();
        lock (cpuTicks)
        {
            foreach (var process in processes)
            {
                count++;
                memory += process.ResidentPages * Environment.SystemPageSize;
                cpuTicks[(process.Id, process.StartTicks)] = process.CpuTicks;
                ids.Add(process.Id);
            }
        }

        // Processes that were forked share pages, which each of them counts in full.
        if (memory > Math.Min(limits.Memory, peakMemory))
        {
            memory = ids.Sum(Processes.ProportionalMemory);
        }

        peakMemory = Math.Max(peakMemory, memory);
        FileCalls.Free(folder.StandardOutput, limits.Log + ExecutionFolder.NoticeRoom);
        FileCalls.Free(folder.StandardError, limits.Log + ExecutionFolder.NoticeRoom);
        if (memory > limits.Memory)
        {
            exceeded.TrySetResult(EndReason.OutOfMemory);
        }
        else if (count > limits.Processes)
        {
            exceeded.TrySetResult(EndReason.TooManyProcesses);
        }
    }

    public void Dispose() => forget();
}
