using System.ComponentModel;
using Scale.Engine.Executions;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using ModelStep = Scale.Model.Jobs.ExecutionStep;
using StepFacts = Scale.Engine.Executions.ExecutionStep;

namespace Scale.Engine.Clusters.Local;

/// <summary>One execution on this machine from its inputs to its report.</summary>
internal sealed class LocalExecution(ExecutionSpec spec, ExecutionFolder folder, LocalSteps local, CancellationToken serverStops)
{
    private const double Mebibyte = 1 << 20;

    private readonly TaskCompletionSource killRequest = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<StepFacts> steps = [];
    private ResourceUsage? usage;

    public ExecutionSpec Spec => spec;

    // What runs here of a container is the engine's client; the kernel keeps the container itself to its limits. A job that was given no memory at all is one without that limit.
    private MainLimits Limits => IsContainer
        ? new MainLimits(long.MaxValue, int.MaxValue, local.Options.LogLimit)
        : new MainLimits(spec.Resources["mem"] is > 0 and var memory ? (long)(memory * Mebibyte) : long.MaxValue, local.Options.ProcessLimit, local.Options.LogLimit);

    private bool IsContainer => local.Runtimes.Find(spec.Image) is { IsContainer: true };

    public void RequestKill() => killRequest.TrySetResult();

    /// <summary>Runs it from the start; one that was started before is adopted instead.</summary>
    /// <returns>Its report; null when the folder was claimed by somebody else, who reports.</returns>
    public async Task<ExecutionReport?> Run()
    {
        if (folder.IsTaken)
        {
            return await Adopt();
        }

        IImageRuntime runtime;
        try
        {
            runtime = local.Runtimes.Of(spec.Image);
        }
        catch (ImageException e)
        {
            return Failed(StepError.Builtin(BuiltinErrors.TaskLaunch, e.Message));
        }

        var pull = runtime.IsContainer ? await Step("pull", local.Now, ModelStep.Pull, cancel => runtime.Pull(spec, cancel), ContainerImages.PullLimit, killRequest.Task) : null;
        var pre = pull?.Error is null && !killRequest.Task.IsCompleted
            ? await Step("pre", local.Now, ModelStep.Pre, cancel => Prepare(runtime, cancel), local.Options.StepLimit, killRequest.Task)
            : null;
        if (killRequest.Task.IsCompleted)
        {
            return folder.TryClaim() ? Report(ExecutionOutcome.Killed) : null;
        }

        if ((pull?.Error ?? pre?.Error) is { } error)
        {
            return Failed(error);
        }

        serverStops.ThrowIfCancellationRequested();
        try
        {
            var runner = local.Main.Start(folder, pre!.Value!);
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

    private async Task<StepResult<MainCommand>> Prepare(IImageRuntime runtime, CancellationToken cancel)
    {
        try
        {
            folder.Prepare();
            folder.WriteSpec(spec);
            var inputs = await local.Pre.Check(spec, runtime.Mounts, cancel);
            if (inputs.Error is not null)
            {
                return inputs.Error;
            }

            await InputStaging.Stage(spec, inputs.Value!, folder, runtime.PathsOf(folder).InputDirectory, cancel);
            var gpus = local.Gpus.Take(spec.Key.ExecutionId, folder, (int)Math.Ceiling(spec.Resources["gpus"]));
            return await local.CommandOf(runtime, spec, folder, inputs.Value!, gpus, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return StepError.Builtin(BuiltinErrors.FilesystemIo, e.Message);
        }
    }

    /// <summary>Runs pull, pre or post. One that hangs (in a file system that does not answer) is not waited for longer than it may take.</summary>
    private async Task<StepResult<T>> Step<T>(string name, DateTime launched, ModelStep step, Func<CancellationToken, Task<StepResult<T>>> run, TimeSpan most, Task? interrupt = null)
        where T : class
    {
        using var limit = new CancellationTokenSource();
        using var stops = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, serverStops);
        var result = Task.Run(() => run(stops.Token), stops.Token);
        if (!result.IsCompleted)
        {
            await Task.WhenAny(result, Task.Delay(most, local.Clock, stops.Token), interrupt ?? Task.Delay(Timeout.InfiniteTimeSpan, stops.Token));
            serverStops.ThrowIfCancellationRequested();
        }

        var isInterrupted = !result.IsCompleted;
        var timedOut = isInterrupted && interrupt is not { IsCompleted: true };
        var known = isInterrupted ? (StepResult<T>)Mapped(ErrorMapping.OfTimeout(step, false, spec.Manifest.Name), $"{name} took longer than {most}") : await result;
        await limit.CancelAsync();
        steps.Add(new StepFacts(name, launched, launched, local.Now, timedOut, isInterrupted ? "KILLED" : known.Error is null ? "FINISHED" : "FAILED", isInterrupted ? null : ExitCodeOf(known.Error)));
        return known;
    }

    private async Task<ExecutionReport?> WaitFor(int runnerId, Task<ResourceUsage?> gone, DateTime started, bool isAdopted)
    {
        using var watched = local.Watch.Add(runnerId, folder, Limits);
        if ((folder.DecidedEnd ?? await ReasonToEnd(gone, watched.Exceeded, started)) is { } reason && folder.TryDecideEnd(reason))
        {
            await local.Main.End(runnerId, gone, reason, folder, serverStops);
        }

        usage = await gone;
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

        usage = IsContainer ? null : ResourceUsage.Best(usage, watched.Seen);
        return await Conclude(isAdopted);
    }

    /// <summary>Waits until main has ended by itself, or has to be ended.</summary>
    private async Task<EndReason?> ReasonToEnd(Task gone, Task<EndReason> exceeded, DateTime started)
    {
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(serverStops);
        var timeout = spec.TimeoutSeconds is { } seconds
            ? Task.Delay(Max(started.AddSeconds(seconds) - local.Now, TimeSpan.Zero), local.Clock, decided.Token)
            : Task.Delay(Timeout.InfiniteTimeSpan, decided.Token);
        var first = await Task.WhenAny(gone, timeout, killRequest.Task, exceeded);
        serverStops.ThrowIfCancellationRequested();
        await decided.CancelAsync();
        return first == gone ? null : first == timeout ? EndReason.Timeout : first == exceeded ? await exceeded : EndReason.Killed;
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
        folder.CutLogs(local.Options.LogLimit);
        var exit = folder.Exit();
        var decided = folder.DecidedEnd;
        var runtime = local.Runtimes.Find(spec.Image);
        if (runtime is not null && (decided is not null || exit is null))
        {
            await runtime.End(spec, serverStops);
        }

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

        var error = decided is { } reason ? ErrorOf(reason) : await ErrorOf(exit, runtime);
        steps.Add(new StepFacts(
            "main", started, started, decided is null ? exit?.Ended ?? local.Now : folder.EndDecided,
            decided == EndReason.Timeout, decided is not null ? "KILLED" : error is null ? "FINISHED" : "FAILED", exit?.ExitCode));
        if (error is not null)
        {
            return Failed(error);
        }

        var captured = await Step("post", local.Now, ModelStep.Post, cancel => local.Post.Capture(spec, new LocalOutputFolder(folder.Outputs), cancel), local.Options.StepLimit);
        return captured.Error is { } failure ? Failed(failure) : Report(ExecutionOutcome.Completed) with { Outputs = captured.Value! };
    }

    private StepError ErrorOf(EndReason reason) => reason switch
    {
        EndReason.Timeout => Mapped(ErrorMapping.OfTimeout(ModelStep.Main, false, spec.Manifest.Name), $"main ran longer than {spec.TimeoutSeconds} s"),
        EndReason.OutOfMemory => StepError.Builtin(BuiltinErrors.OutOfMemory, $"main used more than its {spec.Resources["mem"]} MiB of memory"),
        EndReason.TooManyProcesses => StepError.Builtin(BuiltinErrors.AlgorithmUnknown, $"main had more than {local.Options.ProcessLimit} processes at once"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "is no error of main"),
    };

    private async Task<StepError?> ErrorOf(ExecutionExit? exit, IImageRuntime? runtime)
    {
        if (exit is null)
        {
            return Mapped(ErrorMapping.OfMissingExitCode(runtime is { IsContainer: true }), "main ended without an exit code: it was killed from outside");
        }

        if (runtime is not null)
        {
            var known = exit.ExitCode == 0 ? null : await runtime.ErrorOf(spec, folder, exit.ExitCode, serverStops);
            await runtime.Release(spec, serverStops);
            if (known is not null)
            {
                return known;
            }
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
        Usage = usage,
    };

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
