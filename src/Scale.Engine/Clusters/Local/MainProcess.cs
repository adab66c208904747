using System.Globalization;
using Scale.Engine.Executions;
using Scale.Launcher;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// Starts main through launchers, in a session of its own, so that neither the server's end nor its terminal reach it, and ends it as a whole.
/// </summary>
/// <param name="dotnetRoot">See <see cref="LauncherProcess.Start"/>.</param>
internal sealed class MainProcess(string executionsFolder, string? dotnetRoot, TimeProvider clock)
{
    /// <summary>
    /// A launcher stands still until the process that it has just made has become its program. Where many mains start and all cpus are busy that can
    /// take milliseconds, in which another one goes on.
    /// </summary>
    private const int Launchers = 2;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillInterval = TimeSpan.FromMilliseconds(5);

    private readonly ProcessEnds ends = ProcessEnds.OfThisProcess;
    private readonly Lock gate = new();
    private readonly LauncherProcess?[] launchers = new LauncherProcess?[Launchers];

    /// <returns>What became of it, see <see cref="LauncherProcess.TryLaunch"/>.</returns>
    /// <exception cref="System.ComponentModel.Win32Exception">The system has no more processes to give.</exception>
    public Task<LaunchReply?> Start(ExecutionFolder folder, MainCommand command)
    {
        lock (gate)
        {
            // The first comes first: where one has nothing to do, no other one is started.
            ref var launcher = ref launchers[Enumerable.Range(0, Launchers).MinBy(i => launchers[i]?.Open ?? 0)];
            if (launcher?.TryLaunch(folder.Root, command) is { } end)
            {
                return end;
            }

            launcher = LauncherProcess.Start(executionsFolder, dotnetRoot);
            return launcher.TryLaunch(folder.Root, command) ?? Task.FromResult<LaunchReply?>(null);
        }
    }

    /// <summary>Lets go of the launchers, which go on with the mains that run.</summary>
    public void LetGo()
    {
        lock (gate)
        {
            foreach (var launcher in launchers)
            {
                launcher?.Close();
            }
        }
    }

    /// <summary>Removes what says who launchers are that were killed.</summary>
    public void RemoveEarlierClaims()
    {
        foreach (var file in Directory.Exists(executionsFolder) ? Directory.GetFiles(executionsFolder, ClaimFile.Prefix + "*") : [])
        {
            if (Path.GetFileName(file)[ClaimFile.Prefix.Length..].Split('-') is [var id, var ticks]
                && int.TryParse(id, CultureInfo.InvariantCulture, out var process) && long.TryParse(ticks, CultureInfo.InvariantCulture, out var started)
                && !Processes.IsAlive(new RunnerProcess(process, "", started)))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Looks for a main that the launcher of another server, or of this one before it was killed, has started.</summary>
    /// <returns>The leader of main's session and when how main ended is written down, or can't be any more; null when it has come so far.</returns>
    public async Task<AdoptedMain?> Find(ExecutionFolder folder, CancellationToken cancel)
    {
        if (folder.Launcher() is not { } starter)
        {
            return folder.Runner() is { } runner && WhenGone(runner) is { IsCompleted: false } gone ? new AdoptedMain(runner.ProcessId, gone) : null;
        }

        var launcherGone = WhenGone(starter);
        while (!launcherGone.IsCompleted && folder.Exit() is null)
        {
            if (folder.Runner() is { } main)
            {
                return new AdoptedMain(main.ProcessId, WhenWritten(folder, main, launcherGone, cancel));
            }

            await Task.Delay(KillInterval, clock, cancel);
        }

        return null;
    }

    private async Task WhenWritten(ExecutionFolder folder, RunnerProcess main, Task launcherGone, CancellationToken cancel)
    {
        await Task.WhenAny(WhenGone(main), launcherGone).WaitAsync(cancel);
        while (!launcherGone.IsCompleted && folder.Exit() is null)
        {
            await Task.Delay(KillInterval, clock, cancel);
        }
    }

    private Task WhenGone(RunnerProcess process)
    {
        // Looked at again once it is watched: from then on its id can't be given to another one unnoticed.
        return Processes.IsAlive(process) && ends.WhenGone(process.ProcessId) is var gone && Processes.IsAlive(process) ? gone : Task.CompletedTask;
    }

    /// <summary>Asks the whole group to end, and ends it when it does not; what grows beyond its limits is not asked.</summary>
    /// <param name="gone">Completes when main has ended.</param>
    public async Task End(Task gone, EndReason reason, ExecutionFolder folder, CancellationToken cancel)
    {
        // A main that is just being started can be told once it is there; one that the launcher has not come to yet is not started.
        RunnerProcess? main;
        while ((main = folder.Runner()) is null && !folder.TryClaim() && !gone.IsCompleted)
        {
            await Task.WhenAny(gone, Task.Delay(KillInterval, clock, cancel));
            cancel.ThrowIfCancellationRequested();
        }

        if (main is { } runner)
        {
            if (reason is EndReason.Timeout or EndReason.Killed)
            {
                // What bubblewrap starts is a group of its own. Bubblewrap itself must not get the signal: its end is the end of all at once.
                SignalGroup(runner, folder.Sandbox() is { } sandbox && Processes.IsInNamespace(sandbox.FirstProcess, sandbox.ProcessNamespace) ? sandbox.FirstProcess : runner.ProcessId, Processes.Terminate);
                await Task.WhenAny(gone, Task.Delay(Grace, clock, cancel));
                cancel.ThrowIfCancellationRequested();
            }

            SignalGroup(runner, runner.ProcessId, NativeCalls.Kill);
        }

        await gone.WaitAsync(cancel);
        await EndLeftovers([folder], cancel);
    }

    /// <summary>Returns when no process of these executions is left, wherever it is.</summary>
    public async Task EndLeftovers(IReadOnlyList<ExecutionFolder> folders, CancellationToken cancel)
    {
        var outputs = folders.Select(f => f.Outputs).ToHashSet(StringComparer.Ordinal);

        // A process that is just being started has no environment for a moment, so one clean look is not enough.
        for (var cleanLooks = 0; cleanLooks < 2; cleanLooks++)
        {
            if (Processes.KillLeftovers(outputs) > 0)
            {
                cleanLooks = -1;
            }

            await Task.Delay(KillInterval, clock, cancel);
        }
    }

    /// <summary>Ends executions that nobody waits for: no main starts there any more, those that run are killed.</summary>
    public async Task EndForgotten(IReadOnlyList<ExecutionFolder> folders, CancellationToken cancel)
    {
        foreach (var folder in folders.Where(f => !f.TryClaim()))
        {
            if (await Find(folder, cancel) is { } main)
            {
                NativeCalls.SignalGroup(main.LeaderId, NativeCalls.Kill);
            }
        }

        await EndLeftovers(folders, cancel);
    }

    // Its id may have been given to another one since it ended.
    private static void SignalGroup(RunnerProcess runner, int group, int signal)
    {
        if (Processes.IsAlive(runner))
        {
            NativeCalls.SignalGroup(group, signal);
        }
    }
}

/// <summary>What the launcher starts.</summary>
/// <param name="Arguments">Program (absolute path) and arguments.</param>
/// <param name="StatusFile">See <see cref="IRuntime.StatusFile"/>.</param>
internal sealed record MainCommand(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string? StatusFile);

/// <param name="LeaderId">Id of the process that leads main's session.</param>
/// <param name="Gone">Completes when how main ended is written down, or can't be any more.</param>
internal sealed record AdoptedMain(int LeaderId, Task Gone);
