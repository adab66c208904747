using System.ComponentModel;
using Scale.Engine.Executions;
using Scale.Model.Errors;
using ModelStep = Scale.Model.Jobs.ExecutionStep;
using StepFacts = Scale.Engine.Executions.ExecutionStep;

namespace Scale.Engine.Clusters.Local;

/// <summary>One execution on this machine from its inputs to its report.</summary>
internal sealed class LocalExecution(ExecutionSpec spec, ExecutionFolder folder, LocalSteps local, CancellationToken serverStops)
{
    private readonly TaskCompletionSource killRequest = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<StepFacts> steps = [];

    public ExecutionSpec Spec => spec;

    public void RequestKill() => killRequest.TrySetResult();

    /// <summary>Runs it from the start; one that was started before is adopted instead.</summary>
    /// <returns>Its report; null when the folder was claimed by somebody else, who reports.</returns>
    public async Task<ExecutionReport?> Run()
    {
        if (folder.IsTaken)
        {
            return await Adopt();
        }

        var pre = await Step("pre", local.Now, ModelStep.Pre, Prepare, killRequest.Task);
        if (killRequest.Task.IsCompleted)
        {
            return folder.TryClaim() ? Report(ExecutionOutcome.Killed) : null;
        }

        if (pre.Error is { } error)
        {
            return Failed(error);
        }

        serverStops.ThrowIfCancellationRequested();
        try
        {
            var runner = local.Main.Start(folder, pre.Value!);
            return await WaitFor(runner.Id, runner.Gone, local.Now, isAdopted: false);
        }
        catch (Win32Exception e)
        {
            return Failed(StepError.Builtin(BuiltinErrors.TaskLaunch, $"the runner can't be started: {e.Message}"));
        }
    }

    /// <summary>Goes on with one that another server started, or makes sure that it can't start any more.</summary>
    public async Task<ExecutionReport?> Adopt()
    {
        if (folder.TryClaim())
        {
            return Report(ExecutionOutcome.Lost);
        }

        if (folder.Exit() is null && folder.Runner() is { } runner && local.Main.WhenGone(runner) is { IsCompleted: false } gone)
        {
            return await WaitFor(runner.ProcessId, gone, folder.MainStarted, isAdopted: true);
        }

        await local.Main.EndLeftovers([folder], serverStops);
        return await Conclude(isAdopted: true);
    }

    private async Task<StepResult<MainCommand>> Prepare(CancellationToken cancel)
    {
        try
        {
            folder.Prepare();
            folder.WriteSpec(spec);
            var inputs = await local.Pre.Check(spec, local.Runtime.Mounts, cancel);
            if (inputs.Error is not null)
            {
                return inputs.Error;
            }

            await InputStaging.Stage(spec, inputs.Value!, folder, cancel);
            return local.CommandOf(spec, folder, inputs.Value!);
        }
        catch (ImageException e)
        {
            return StepError.Builtin(BuiltinErrors.TaskLaunch, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return StepError.Builtin(BuiltinErrors.FilesystemIo, e.Message);
        }
    }

    /// <summary>Runs pre or post. One that hangs (in a file system that does not answer) is not waited for longer than it may take.</summary>
    private async Task<StepResult<T>> Step<T>(string name, DateTime launched, ModelStep step, Func<CancellationToken, Task<StepResult<T>>> run, Task? interrupt = null)
        where T : class
    {
        using var limit = new CancellationTokenSource();
        using var stops = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, serverStops);
        var result = Task.Run(() => run(stops.Token), stops.Token);
        if (!result.IsCompleted)
        {
            await Task.WhenAny(result, Task.Delay(local.StepLimit, local.Clock, stops.Token), interrupt ?? Task.Delay(Timeout.InfiniteTimeSpan, stops.Token));
            serverStops.ThrowIfCancellationRequested();
        }

        var isInterrupted = !result.IsCompleted;
        var timedOut = isInterrupted && interrupt is not { IsCompleted: true };
        var known = isInterrupted ? (StepResult<T>)Mapped(ErrorMapping.OfTimeout(step, false, spec.Manifest.Name), $"{name} took longer than {local.StepLimit}") : await result;
        await limit.CancelAsync();
        steps.Add(new StepFacts(name, launched, launched, local.Now, timedOut, isInterrupted ? "KILLED" : known.Error is null ? "FINISHED" : "FAILED", isInterrupted ? null : ExitCodeOf(known.Error)));
        return known;
    }

    private async Task<ExecutionReport?> WaitFor(int runnerId, Task<ProcessUsage?> gone, DateTime started, bool isAdopted)
    {
        if ((folder.DecidedEnd ?? await ReasonToEnd(gone, started)) is { } reason && folder.TryDecideEnd(reason))
        {
            await local.Main.End(runnerId, gone, folder, serverStops);
        }

        var usage = await gone;
        if (!isAdopted && folder.Runner()?.ProcessId != runnerId && WithoutRunner(out var report))
        {
            return report;
        }

        if (isAdopted)
        {
            // Orphans of a runner that another server started are not ours.
            await local.Main.EndLeftovers([folder], serverStops);
        }
        else
        {
            usage = await local.Main.EndBackground(runnerId, usage, folder);
        }

        return await Conclude(isAdopted);
    }

    /// <summary>Waits until main has ended by itself, or has to be ended.</summary>
    private async Task<EndReason?> ReasonToEnd(Task gone, DateTime started)
    {
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(serverStops);
        var timeout = spec.TimeoutSeconds is { } seconds
            ? Task.Delay(Max(started.AddSeconds(seconds) - local.Now, TimeSpan.Zero), local.Clock, decided.Token)
            : Task.Delay(Timeout.InfiniteTimeSpan, decided.Token);
        var first = await Task.WhenAny(gone, timeout, killRequest.Task);
        serverStops.ThrowIfCancellationRequested();
        await decided.CancelAsync();
        return first == gone ? null : first == timeout ? EndReason.Timeout : EndReason.Killed;
    }

    /// <summary>A runner that ended without having said that it runs: main never started.</summary>
    /// <returns>False when it was killed while it said so, so that nobody knows.</returns>
    private bool WithoutRunner(out ExecutionReport? report)
    {
        var isTaken = folder.IsTaken;
        report = !isTaken && folder.TryClaim() ? Failed(StepError.Builtin(BuiltinErrors.TaskLaunch, "the runner ended before it could start main")) : null;
        return !isTaken || folder.IsClaimed || folder.Runner() is not null;
    }

    private async Task<ExecutionReport?> Conclude(bool isAdopted)
    {
        folder.CutLogs(local.LogLimit);
        var exit = folder.Exit();
        var decided = folder.DecidedEnd;
        if (decided is null && exit is null && isAdopted)
        {
            return Report(ExecutionOutcome.Lost);
        }

        var started = exit?.Started ?? folder.MainStarted;
        if (decided == EndReason.Killed)
        {
            steps.Add(new StepFacts("main", started, started, folder.EndDecided, false, "KILLED", exit?.ExitCode));
            return Report(ExecutionOutcome.Killed);
        }

        var error = decided is { } reason ? ErrorOf(reason) : ErrorOf(exit);
        steps.Add(new StepFacts(
            "main", started, started, decided is null ? exit?.Ended ?? local.Now : folder.EndDecided,
            decided == EndReason.Timeout, decided is not null ? "KILLED" : error is null ? "FINISHED" : "FAILED", exit?.ExitCode));
        if (error is not null)
        {
            return Failed(error);
        }

        var captured = await Step("post", local.Now, ModelStep.Post, cancel => local.Post.Capture(spec, new LocalOutputFolder(folder.Outputs), cancel));
        return captured.Error is { } failure ? Failed(failure) : Report(ExecutionOutcome.Completed) with { Outputs = captured.Value! };
    }

    private StepError ErrorOf(EndReason reason) => reason switch
    {
        EndReason.Timeout => Mapped(ErrorMapping.OfTimeout(ModelStep.Main, false, spec.Manifest.Name), $"main ran longer than {spec.TimeoutSeconds} s"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "is no error of main"),
    };

    private StepError? ErrorOf(ExecutionExit? exit)
    {
        if (exit is null)
        {
            return Mapped(ErrorMapping.OfMissingExitCode(false), "main ended without an exit code: it was killed from outside");
        }

        return folder.Sandbox() is { ExitCode: null }
            ? StepError.Builtin(BuiltinErrors.TaskLaunch, "the sandbox could not start main, see the line of bwrap above")
            : ErrorMapping.OfMain(spec.Manifest, exit.ExitCode) is { } mapped ? Mapped(mapped, $"main ended with exit code {exit.ExitCode}") : null;
    }

    private static StepError Mapped(MappedError error, string reason) => new(error.Name, error.IsBuiltin, reason);

    private static int ExitCodeOf(StepError? error) => error is null ? 0 : BuiltinErrors.Find(error.Name)?.ExitCode ?? 1;

    private ExecutionReport Failed(StepError error)
    {
        folder.Say($"{error.Name}: {error.Reason}");
        return Report(ExecutionOutcome.Failed) with { ErrorName = error.Name, IsBuiltinError = error.IsBuiltin };
    }

    private ExecutionReport Report(ExecutionOutcome outcome) => new()
    {
        Key = spec.Key,
        Outcome = outcome,
        Ended = local.Now,
        Steps = [.. steps],
    };

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
