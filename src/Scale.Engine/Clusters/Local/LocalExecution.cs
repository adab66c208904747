using System.ComponentModel;
using Scale.Engine.Executions;
using Scale.Launcher;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using ModelStep = Scale.Model.Jobs.ExecutionStep;

namespace Scale.Engine.Clusters.Local;

/// <summary>One execution on this machine from its inputs to its report.</summary>
/// <param name="report">Takes its report; only the first one counts. Null when somebody else reports.</param>
internal sealed class LocalExecution(ExecutionSpec spec, ExecutionFolder folder, LocalSteps local, Action<LocalExecution, ExecutionReport?> report, CancellationToken serverStops)
{
    private const double Mebibyte = 1 << 20;
    private const int BlockSize = 512;

    private readonly TaskCompletionSource<EndReason> reasonToEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ExecutionRecord record = new(spec, folder, local);
    private readonly MainErrors errors = new(spec, folder, local);
    private volatile MainTurn? turn;
    private volatile bool isKillRequested;
    private volatile bool isAbandoned;
    private bool mayHaveStatusFile = true;
    private bool areProcessesGone;

    public ExecutionSpec Spec => spec;

    public ExecutionFolder Folder => folder;

    /// <summary>Once it is reported: whether no process and no step uses the folder any more.</summary>
    public bool IsFolderFree => areProcessesGone && !isAbandoned;

    /// <summary>Main while it runs.</summary>
    public WatchedMain? Main { get; private set; }

    public void RequestKill()
    {
        isKillRequested = true;
        reasonToEnd.TrySetResult(EndReason.Killed);
        turn?.GiveUp();
    }

    /// <summary>Stops waiting for main, which goes on.</summary>
    public void LetGo()
    {
        reasonToEnd.TrySetCanceled();
        turn?.GiveUp();
    }

    /// <summary>Main uses more than it may.</summary>
    public void Exceeds(EndReason limit) => reasonToEnd.TrySetResult(limit);

    /// <summary>Runs it from the start; one that was started before is adopted instead.</summary>
    public async Task Run()
    {
        if (!folder.Make(local.Spares, spec.InputFiles.Keys) && folder.IsTaken)
        {
            await Adopt();
            return;
        }

        IImageRuntime runtime;
        try
        {
            runtime = local.Runtimes.Of(spec.Image);
        }
        catch (ImageException e)
        {
            report(this, record.Failed(StepError.Builtin(BuiltinErrors.TaskLaunch, e.Message)));
            return;
        }

        var pull = runtime.IsContainer ? await record.Step(ModelStep.Pull, "pull", ContainerImages.PullLimit, () => runtime.Pull(spec, serverStops)) : null;
        var pre = pull?.Error is null && !isKillRequested && !isAbandoned
            ? await record.Step(ModelStep.Pre, "pre", local.Options.StepLimit, () => Prepare(runtime))
            : null;
        if (isAbandoned)
        {
            return;
        }

        if (!isKillRequested && (pull?.Error ?? pre?.Error) is { } error)
        {
            report(this, record.Failed(error));
        }
        else if (!isKillRequested && await ComeToTurn() is { } ownTurn)
        {
            await Start(pre!.Value!, ownTurn);
        }
        else
        {
            serverStops.ThrowIfCancellationRequested();
            report(this, folder.TryClaim() ? record.Report(isKillRequested ? ExecutionOutcome.Killed : ExecutionOutcome.NotStarted) : null);
        }
    }

    /// <summary>Waits until main has its room; null when it is not to start any more.</summary>
    private async Task<MainTurn?> ComeToTurn()
    {
        var waiting = turn = local.Room.Ask(Cpus, local.Now);
        if (isKillRequested || serverStops.IsCancellationRequested)
        {
            waiting.GiveUp();
        }

        return await waiting.Came ? waiting : null;
    }

    /// <summary>Goes on with one that another server started, or makes sure that it can't start any more.</summary>
    public async Task Adopt()
    {
        if (folder.TryClaim())
        {
            report(this, record.Report(folder.DecidedEnd == EndReason.Killed ? ExecutionOutcome.Killed : ExecutionOutcome.Lost));
        }
        else if (folder.Exit() is null && await local.Main.Find(folder, serverStops) is { } main)
        {
            var decided = await WatchAdopted(main);
            await local.Main.EndLeftovers([folder], serverStops);
            await ConcludeAdopted(decided);
        }
        else
        {
            await local.Main.EndLeftovers([folder], serverStops);
            await ConcludeAdopted(folder.DecidedEnd);
        }
    }

    private async Task<EndReason?> WatchAdopted(AdoptedMain main)
    {
        var taken = local.Room.Take(Cpus, local.Now);
        try
        {
            return await Watch(main.Gone, folder.MainStarted, folder.DecidedEnd);
        }
        finally
        {
            local.Room.Leave(taken);
        }
    }

    /// <summary>Looks at the clock from outside: a step that hangs (in a file system that does not answer) can't do it itself.</summary>
    public void CheckTime(DateTime now)
    {
        if (record.Running is { } step && (now - step.Started > step.Limit || (isKillRequested && step.Step != ModelStep.Post)))
        {
            Abandon(step);
        }
        else if (turn is { } waiting && now - waiting.Since > local.Options.TurnLimit)
        {
            // Once its turn has come this does nothing.
            waiting.GiveUp();
        }

        if (spec.TimeoutSeconds is { } seconds && Main is { } main && now - main.Started > TimeSpan.FromSeconds(seconds))
        {
            reasonToEnd.TrySetResult(EndReason.Timeout);
        }
    }

    /// <summary>Reports a step that hangs as ended. Should it go on one day nobody waits for it any more.</summary>
    private void Abandon(RunningStep step)
    {
        // Who has the folder is the one who may start main there: if it has been started, the step was over just now.
        if (step.Step != ModelStep.Post && !folder.TryClaim())
        {
            return;
        }

        isAbandoned = true;
        var isKilled = isKillRequested && step.Step != ModelStep.Post;
        record.Abandoned(step, isKilled);
        report(this, isKilled
            ? record.Report(ExecutionOutcome.Killed)
            : record.Failed(StepError.Mapped(ErrorMapping.OfTimeout(step.Step, false, spec.Manifest.Name), $"{step.Name} took longer than {step.Limit}")));
    }

    private async Task<StepResult<MainCommand>> Prepare(IImageRuntime runtime)
    {
        try
        {
            folder.Prepare();
            folder.WriteSpec(spec);
            var inputs = await local.Pre.Check(spec, runtime.Mounts, serverStops);
            if (inputs.Error is not null)
            {
                folder.RemoveInputMetadata();
                return inputs.Error;
            }

            await InputStaging.Stage(spec, inputs.Value!, folder, runtime.PathsOf(folder).InputDirectory, serverStops);
            var gpus = local.Gpus.Take(spec.Key.ExecutionId, folder, (int)Math.Ceiling(spec.Resources["gpus"]));
            return await local.CommandOf(runtime, spec, folder, inputs.Value!, gpus, serverStops);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return StepError.Builtin(BuiltinErrors.FilesystemIo, e.Message);
        }
    }

    private async Task Start(MainCommand command, MainTurn ownTurn)
    {
        mayHaveStatusFile = command.StatusFile is not null;
        Task<LaunchReply?> gone;
        EndReason? decided;
        try
        {
            serverStops.ThrowIfCancellationRequested();
            gone = local.Main.Start(folder, command);
            decided = await Watch(gone, local.Now, null);
        }
        catch (Win32Exception e)
        {
            report(this, CanNotStart($"the launcher can't be started: {e.Message}", null));
            return;
        }
        finally
        {
            local.Room.Leave(ownTurn);
        }

        if (await gone is not { } reply)
        {
            // The launcher was killed: what it was about to do nobody knows.
            await Adopt();
            return;
        }

        switch (reply.Outcome)
        {
            case LaunchOutcome.Taken when decided is null || !folder.IsClaimed:
                // It is somebody else's.
                report(this, null);
                return;
            case LaunchOutcome.Taken or LaunchOutcome.NotClaimed or LaunchOutcome.NotStarted:
                report(this, CanNotStart(new Win32Exception((int)reply.Error).Message, decided));
                return;
        }

        areProcessesGone = reply.IsClear != 0 && decided is null && !IsContainer;

        // What the launcher measured of a container is its engine's client.
        record.Usage = IsContainer ? record.Usage : ResourceUsage.Best(UsageOf(reply.Usage), record.Usage);
        await Conclude(new DateTime(reply.End.StartTicks, DateTimeKind.Utc), new ExecutionExit((int)reply.End.ExitCode, new DateTime(reply.End.EndTicks, DateTimeKind.Utc)), isAdopted: false, decided);
    }

    /// <summary>Watches main until how it ended is written down, and ends it when it is to.</summary>
    /// <param name="decided">Why another server has begun to end it.</param>
    /// <returns>Why it was ended; null when it ended by itself.</returns>
    private async Task<EndReason?> Watch(Task gone, DateTime started, EndReason? decided)
    {
        var main = new WatchedMain(folder, started, Limits, IsContainer);
        Main = main;
        if (decided is null && await Task.WhenAny(gone, reasonToEnd.Task) != gone)
        {
            serverStops.ThrowIfCancellationRequested();
            decided = folder.TryDecideEnd(await reasonToEnd.Task) ? folder.DecidedEnd : null;
        }

        if (decided is { } reason)
        {
            await local.Main.End(gone, reason, folder, serverStops);
        }

        await gone.WaitAsync(serverStops);
        serverStops.ThrowIfCancellationRequested();
        Main = null;
        record.Usage = main.Seen;
        return decided;
    }

    private ExecutionReport CanNotStart(string reason, EndReason? decided)
    {
        // Whatever is reported, it must not start any more.
        _ = folder.TryClaim();
        return decided == EndReason.Killed ? record.Report(ExecutionOutcome.Killed) : record.Failed(StepError.Builtin(BuiltinErrors.TaskLaunch, $"main can't be started: {reason}"));
    }

    private static ResourceUsage UsageOf(MainUsage usage) =>
        new(usage.CpuMicroseconds / 1e6, usage.PeakKiB < 0 ? null : usage.PeakKiB / 1024.0, usage.BlocksRead * BlockSize, usage.BlocksWritten * BlockSize);

    /// <summary>What another server's launcher wrote down is all that is known.</summary>
    private Task ConcludeAdopted(EndReason? decided) => Conclude(folder.MainStarted, folder.Exit(), isAdopted: true, decided);

    private async Task Conclude(DateTime started, ExecutionExit? exit, bool isAdopted, EndReason? decided)
    {
        var runtime = local.Runtimes.Find(spec.Image);
        if (runtime is not null && (decided is not null || exit is null))
        {
            await runtime.End(spec, serverStops);
        }

        if (decided is null && exit is null && isAdopted)
        {
            report(this, record.Report(ExecutionOutcome.Lost));
            return;
        }

        var ended = decided is null ? exit?.Ended ?? local.Now : folder.EndDecided;
        if (decided == EndReason.Killed)
        {
            record.MainEnded(started, ended, "KILLED", exit?.ExitCode);
            report(this, record.Report(ExecutionOutcome.Killed));
            return;
        }

        var error = decided is { } reason ? errors.Of(reason) : await errors.Of(exit, runtime, mayHaveStatusFile, serverStops);
        record.MainEnded(started, ended, decided is not null ? "KILLED" : error is null ? "FINISHED" : "FAILED", exit?.ExitCode, decided == EndReason.Timeout);
        if (error is not null)
        {
            report(this, record.Failed(error));
            return;
        }

        var captured = await record.Step(ModelStep.Post, "post", local.Options.StepLimit, () => local.Post.Capture(spec, new LocalOutputFolder(folder.Outputs), serverStops));
        report(this, captured.Error is { } failure ? record.Failed(failure) : record.Report(ExecutionOutcome.Completed) with { Outputs = captured.Value! });
    }

    // What runs here of a container is the engine's client; the kernel keeps the container itself to its limits. A job that was given no memory at all is one without that limit.
    private MainLimits Limits => IsContainer
        ? new MainLimits(long.MaxValue, int.MaxValue, local.Options.LogLimit)
        : new MainLimits(spec.Resources["mem"] is > 0 and var memory ? (long)(memory * Mebibyte) : long.MaxValue, local.Options.ProcessLimit, local.Options.LogLimit);

    private double Cpus => spec.Resources["cpus"];

    private bool IsContainer => local.Runtimes.Find(spec.Image) is { IsContainer: true };
}
