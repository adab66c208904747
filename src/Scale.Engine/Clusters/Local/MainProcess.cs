using System.Reflection;
using Scale.Engine.Executions;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// Starts main through the runner, in a session of its own, so that neither the server's end nor its terminal reach it, and ends it as a whole.
/// </summary>
internal sealed class MainProcess(string runnerPath, TimeProvider clock)
{
    /// <summary>Begins the file name of every runner script.</summary>
    public const string RunnerPrefix = "runner-";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillInterval = TimeSpan.FromMilliseconds(5);

    private readonly ChildProcesses children = ChildProcesses.OfThisProcess;

    /// <summary>Puts the runner script where it can be started from.</summary>
    /// <returns>Its path; it changes with its content, so running executions keep theirs over an upgrade.</returns>
    public static string InstallRunner(string folder)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("runner.sh")!;
        var text = new StreamReader(resource).ReadToEnd();
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..12];
        var path = Path.Combine(folder, $"{RunnerPrefix}{hash}.sh");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            var temporary = $"{path}.{Guid.NewGuid():N}";
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }

        return path;
    }

    /// <exception cref="System.ComponentModel.Win32Exception">The system has no more processes to give.</exception>
    public ChildProcess Start(ExecutionFolder folder, MainCommand command) =>
        children.Start(["/bin/sh", runnerPath, folder.Root, command.StatusFile ?? "", .. command.Arguments], command.Environment);

    /// <summary>Completes when a runner that another server started has ended.</summary>
    public Task<ResourceUsage?> WhenGone(RunnerProcess runner)
    {
        // Looked at again once it is watched: from then on its id can't be given to another one unnoticed.
        return Processes.IsAlive(runner) && children.WhenGone(runner.ProcessId) is var gone && Processes.IsAlive(runner) ? gone : Task.FromResult<ResourceUsage?>(null);
    }

    /// <summary>Asks the whole group to end, and ends it when it does not; what grows beyond its limits is not asked.</summary>
    /// <param name="gone">Completes when the runner has ended.</param>
    public async Task End(int runnerId, Task gone, EndReason reason, ExecutionFolder folder, CancellationToken cancel)
    {
        if (reason is EndReason.Timeout or EndReason.Killed)
        {
            // What bubblewrap starts is a group of its own. Bubblewrap itself must not get the signal: its end is the end of all at once.
            Processes.SignalGroup(folder.Sandbox() is { } sandbox && Exists(sandbox) ? sandbox.FirstProcess : runnerId, Processes.Terminate);
            await Task.WhenAny(gone, Task.Delay(Grace, clock, cancel));
            cancel.ThrowIfCancellationRequested();
        }

        Processes.SignalGroup(runnerId, Processes.Kill);
        await gone;
        await EndLeftovers([folder], cancel);
    }

    /// <summary>
    /// Ends what main left in the background when it ended by itself: it would go on writing to files that are captured now.
    /// </summary>
    /// <param name="gone">What the runner used.</param>
    /// <returns>What all of it used, null when that is not known; and whether nothing of it can be left, not even what hides from us.</returns>
    public async Task<(ResourceUsage? Usage, bool AreAllGone)> EndBackground(int runnerId, ResourceUsage? gone, ExecutionFolder folder, bool isSandbox)
    {
        Processes.SignalGroup(runnerId, Processes.Kill);
        if (isSandbox && folder.Sandbox() is { } sandbox)
        {
            // The first process of the sandbox got its last signal when bubblewrap ended, and is gone only when all others are.
            return (Exists(sandbox) ? ResourceUsage.Sum(gone, await children.WhenGone(sandbox.FirstProcess)) : gone, true);
        }

        while (true)
        {
            var orphans = children.EndOrphans(folder.Outputs);
            if (orphans.Killed.Count == 0)
            {
                return (gone, orphans.AreAllKnown);
            }

            await Task.WhenAll(orphans.Killed);
        }
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

    /// <summary>Ends executions that nobody waits for: no runner starts there any more, those that run are killed.</summary>
    public async Task EndForgotten(IReadOnlyList<ExecutionFolder> folders, CancellationToken cancel)
    {
        foreach (var folder in folders.Where(f => !f.TryClaim()))
        {
            if (folder.Runner() is { } runner && Processes.IsAlive(runner))
            {
                Processes.SignalGroup(runner.ProcessId, Processes.Kill);
            }
        }

        await EndLeftovers(folders, cancel);
    }

    // Once bubblewrap has ended its child is ours. What neither is ours nor lives in that namespace got the same id later.
    private static bool Exists(SandboxState sandbox) => Processes.FactsOf(sandbox.FirstProcess) is { } facts
        && (facts.Parent == Environment.ProcessId || Processes.IsInNamespace(sandbox.FirstProcess, sandbox.ProcessNamespace));
}

/// <summary>What the runner starts.</summary>
/// <param name="Arguments">Program (absolute path) and arguments.</param>
/// <param name="StatusFile">See <see cref="IRuntime.StatusFile"/>.</param>
internal sealed record MainCommand(IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string? StatusFile);
