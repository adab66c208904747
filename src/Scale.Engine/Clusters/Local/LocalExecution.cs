using System.Collections.Immutable;
using System.ComponentModel;
using Scale.Engine.Executions;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Step = Scale.Model.Jobs.ExecutionStep;
using StepFacts = Scale.Engine.Executions.ExecutionStep;

namespace Scale.Engine.Clusters.Local;

/// <summary>One execution on this machine from its inputs to its report.</summary>
internal sealed class LocalExecution(ExecutionSpec spec, ExecutionFolder folder, LocalSteps local, CancellationToken serverStops)
{
    private readonly TaskCompletionSource killRequest = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<StepFacts> steps = [];

    public ExecutionSpec Spec => spec;

    public void RequestKill() => killRequest.TrySetResult();

    /// <summary>Runs it from the start.</summary>
    /// <returns>Its report; null when the folder was claimed by somebody else, who reports.</returns>
    public async Task<ExecutionReport?> Run()
    {
        var launched = local.Now;
        folder.Prepare();
        folder.WriteSpec(spec);
        if (await Pull(launched) is { } pullError)
        {
            return Failed(pullError);
        }

        var pre = await Prepare(local.Now);
        if (pre.Error is { } error)
        {
            return Failed(error);
        }

        if (killRequest.Task.IsCompleted)
        {
            return folder.TryClaim() ? Report(ExecutionOutcome.Killed) : null;
        }

        serverStops.ThrowIfCancellationRequested();
        System.Diagnostics.Process process;
        try
        {
            process = local.Main.Start(folder, pre.Value!.Arguments, pre.Value.Environment);
        }
        catch (Win32Exception e)
        {
            return Failed(StepError.Builtin(BuiltinErrors.TaskLaunch, $"the runner can't be started: {e.Message}"));
        }

        using (process)
        {
            return await WaitFor(process.Id, process.WaitForExitAsync(serverStops), local.Now);
        }
    }

    /// <summary>Goes on with one that another server started, or makes sure that it can't start any more.</summary>
    public async Task<ExecutionReport?> Adopt()
    {
        if (folder.TryClaim())
        {
            return Report(ExecutionOutcome.Lost);
        }

        if (folder.Exit() is null && folder.Runner() is { } runner && Processes.IsAlive(runner))
        {
            return await WaitFor(runner.ProcessId, local.Main.WatchUntilGone(runner, serverStops), folder.MainStarted);
        }

        if (folder.Exit() is not null)
        {
            return await Finish(timedOut: false);
        }

        await local.Main.EndLeftovers(folder, serverStops);
        await EndContainer();
        return Report(ExecutionOutcome.Lost);
    }

    private async Task<StepError?> Pull(DateTime launched)
    {
        try
        {
            var runtime = local.Runtimes.Of(spec.Image);
            if (!runtime.HasPull)
            {
                return null;
            }

            var error = await runtime.Pull(spec, serverStops);
            steps.Add(new StepFacts("pull", launched, launched, local.Now, error?.Name == BuiltinErrors.PullTimeout, error is null ? "FINISHED" : "FAILED", ExitCodeOf(error)));
            return error;
        }
        catch (ImageException e)
        {
            return StepError.Builtin(BuiltinErrors.TaskLaunch, e.Message);
        }
    }

    private async Task<StepResult<ExecutionCommand>> Prepare(DateTime launched)
    {
        var result = await TryPrepare();
        steps.Add(new StepFacts("pre", launched, launched, local.Now, false, result.Error is null ? "FINISHED" : "FAILED", ExitCodeOf(result.Error)));
        return result;
    }

    private async Task<StepResult<ExecutionCommand>> TryPrepare()
    {
        try
        {
            var runtime = local.Runtimes.Of(spec.Image);
            var inputs = await local.Pre.Check(spec, runtime.CanMount, serverStops);
            if (inputs.Error is not null)
            {
                return inputs.Error;
            }

            await InputStaging.Stage(spec, inputs.Value!, folder, runtime.PathsOf(folder).InputDirectory, serverStops);
            return await local.CommandOf(runtime, spec, folder, inputs.Value!, serverStops);
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

    private async Task<ExecutionReport?> WaitFor(int runnerId, Task gone, DateTime started)
    {
        var timeout = spec.TimeoutSeconds is { } seconds
            ? Task.Delay(Max(started.AddSeconds(seconds) - local.Now, TimeSpan.Zero), local.Clock, serverStops)
            : Task.Delay(Timeout.InfiniteTimeSpan, serverStops);
        var first = await Task.WhenAny(gone, timeout, killRequest.Task);
        if (first != gone)
        {
            serverStops.ThrowIfCancellationRequested();
            await local.Main.End(runnerId, gone, folder, serverStops);
            await EndContainer();
        }

        await gone;
        if (folder.IsClaimed || (folder.Runner() is { } runner && runner.ProcessId != runnerId))
        {
            return null;
        }

        // What main left running in the background would go on writing to files that are captured now.
        Processes.SignalGroup(runnerId, Processes.Kill);
        return first == killRequest.Task && folder.Exit() is null
            ? Killed()
            : await Finish(timedOut: first == timeout);
    }

    private ExecutionReport Killed()
    {
        steps.Add(new StepFacts("main", folder.MainStarted, folder.MainStarted, local.Now, false, "KILLED", null));
        return Report(ExecutionOutcome.Killed);
    }

    private async Task<ExecutionReport?> Finish(bool timedOut)
    {
        var exit = folder.Exit();
        var started = exit?.Started ?? folder.MainStarted;
        var ended = exit?.Ended ?? local.Now;
        var runtime = local.Runtimes.Find(spec.Image);
        var known = timedOut || runtime is null ? null : await runtime.ErrorOf(spec, folder, exit?.ExitCode, serverStops);
        if (!timedOut && runtime is not null)
        {
            await runtime.Release(spec, serverStops);
        }

        var error = known is not null ? known
            : timedOut ? Mapped(ErrorMapping.OfTimeout(Step.Main, false, spec.Manifest.Name), $"main ran longer than {spec.TimeoutSeconds} s")
            : exit is null ? Mapped(ErrorMapping.OfMissingExitCode(false), "main ended without an exit code: it was killed from outside")
            : ErrorMapping.OfMain(spec.Manifest, exit.ExitCode) is { } mapped ? Mapped(mapped, $"main ended with exit code {exit.ExitCode}")
            : null;
        steps.Add(new StepFacts("main", started, started, ended, timedOut, timedOut ? "KILLED" : error is null ? "FINISHED" : "FAILED", exit?.ExitCode));
        if (error is not null)
        {
            return Failed(error);
        }

        var captureStarted = local.Now;
        var captured = await local.Post.Capture(spec, new LocalOutputFolder(folder.Outputs), serverStops);
        steps.Add(new StepFacts("post", captureStarted, captureStarted, local.Now, false, captured.Error is null ? "FINISHED" : "FAILED", ExitCodeOf(captured.Error)));
        return captured.Error is { } failure ? Failed(failure) : Report(ExecutionOutcome.Completed) with { Outputs = captured.Value! };
    }

    private Task EndContainer() => local.Runtimes.Find(spec.Image)?.End(spec, serverStops) ?? Task.CompletedTask;

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

/// <summary>What all executions of this machine share.</summary>
internal sealed record LocalSteps(PreStep Pre, PostStep Post, ImageRuntimes Runtimes, MainProcess Main, TimeProvider Clock)
{
    public DateTime Now => Time.Now(Clock);

    /// <summary>What the runner is started with.</summary>
    public Task<StepResult<ExecutionCommand>> CommandOf(IImageRuntime runtime, ExecutionSpec spec, ExecutionFolder folder, CheckedInputs inputs, CancellationToken cancel)
    {
        var settings = new Dictionary<string, string>(spec.Secrets, StringComparer.Ordinal);
        foreach (var (name, value) in spec.Configuration.Settings ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            settings.TryAdd(name, value);
        }

        var command = ExecutionEnvironment.Build(
            spec.Manifest,
            spec.Input,
            inputs.Files.ToDictionary(f => f.Key, f => (IReadOnlyList<LocalFile>)[.. f.Value.Select(file => new LocalFile(file.File.FileId, file.File.FileName))]),
            settings,
            RequiredResources.OfMain(spec.Manifest, spec.InputMiB),
            RequiredResources.SharedMemory(spec.Manifest, spec.InputMiB),
            new ExecutionIds(spec.Key.JobId, spec.Key.ExeNum, spec.RecipeId, spec.BatchId),
            runtime.PathsOf(folder));
        return runtime.Prepare(new ImageRequest(spec, folder, command, inputs), cancel);
    }
}
