using System.Diagnostics;
using System.Reflection;
using Scale.Engine.Executions;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// Starts main through the runner, in a session of its own, so that neither the server's end nor its terminal reach it, and ends it as a whole.
/// </summary>
internal sealed class MainProcess(string runnerPath, TimeProvider clock)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Puts the runner script where it can be started from.</summary>
    /// <returns>Its path; it changes with its content, so running executions keep theirs over an upgrade.</returns>
    public static string InstallRunner(string folder)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("runner.sh")!;
        var text = new StreamReader(resource).ReadToEnd();
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..12];
        var path = Path.Combine(folder, $"runner-{hash}.sh");
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
    public Process Start(ExecutionFolder folder, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("setsid") { UseShellExecute = false, WorkingDirectory = "/" };
        foreach (var argument in (string[])["/bin/sh", runnerPath, folder.Root, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Waits for a runner that another server started.</summary>
    public async Task WatchUntilGone(RunnerProcess runner, CancellationToken cancel)
    {
        while (Processes.IsAlive(runner))
        {
            await Task.Delay(WatchInterval, clock, cancel);
        }
    }

    /// <summary>Asks the whole group to end, and ends it when it does not.</summary>
    /// <param name="gone">Completes when the runner has ended.</param>
    public async Task End(int runnerId, Task gone, ExecutionFolder folder, CancellationToken cancel)
    {
        Processes.SignalGroup(runnerId, Processes.Terminate);
        await Task.WhenAny(gone, Task.Delay(Grace, clock, cancel));
        cancel.ThrowIfCancellationRequested();
        Processes.SignalGroup(runnerId, Processes.Kill);
        await gone;
        await EndLeftovers(folder, cancel);
    }

    /// <summary>Returns when no process of the execution is left.</summary>
    public async Task EndLeftovers(ExecutionFolder folder, CancellationToken cancel)
    {
        // A process that is just being started has no environment for a moment, so one clean look is not enough.
        for (var cleanLooks = 0; cleanLooks < 2; cleanLooks++)
        {
            if (Processes.KillLeftovers(folder.Outputs) > 0)
            {
                cleanLooks = -1;
            }

            await Task.Delay(KillInterval, clock, cancel);
        }
    }
}
