using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Scale.Engine.Executions;
using Scale.Engine.Workspaces;
using Scale.Model.Errors;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Scheduling;
using Scale.Store.Databases;
using Step = Scale.Model.Jobs.ExecutionStep;
using StepFacts = Scale.Engine.Executions.ExecutionStep;

namespace Scale.Engine.Clusters.Simulated;

/// <summary>
/// A cluster that runs no process but is like one in everything before and after it: inputs are looked for, outputs are captured into their workspaces,
/// exit codes and timeouts become errors. Executions end at a due time of the clock and are reported by <see cref="RunDue"/>, which somebody has to call.
/// </summary>
public sealed class SimulatedCluster(WorkspaceBrokers brokers, IReportSink reports, TimeProvider clock, int nodeCount = 4) : ICluster
{
    public const double NodeCpus = 16;
    public const double NodeMemoryMiB = 65_536;
    public const double NodeDiskMiB = 1 << 20;

    private readonly PreStep pre = new(brokers);
    private readonly PostStep post = new(brokers);
    private readonly ConditionalWeakTable<SeedManifest, SimulatedProgram> programs = [];
    private readonly Lock gate = new();
    private readonly Dictionary<long, Running> running = [];
    private readonly PriorityQueue<Running, DateTime> due = new();

    private sealed class Running(ExecutionSpec spec, DateTime started, DateTime ends)
    {
        public ExecutionSpec Spec { get; } = spec;
        public DateTime Started { get; } = started;
        public DateTime Ends { get; } = ends;
        public bool IsKilled { get; set; }
    }

    public bool StartsInTurn => false;

    public string Name => "simulated";

    /// <summary>Called when something new is due earlier than anything before.</summary>
    public Action? Changed { get; set; }

    /// <summary>When <see cref="RunDue"/> has something to do; null while nothing runs.</summary>
    public DateTime? NextDue
    {
        get
        {
            lock (gate)
            {
                return due.TryPeek(out _, out var ends) ? ends : null;
            }
        }
    }

    /// <summary>Executions that run now.</summary>
    public IReadOnlyList<ExecutionKey> Live
    {
        get
        {
            lock (gate)
            {
                return [.. running.Values.Select(r => r.Spec.Key)];
            }
        }
    }

    public Task<IReadOnlyList<ClusterNode>> Discover(CancellationToken cancel) => Task.FromResult<IReadOnlyList<ClusterNode>>(
        [.. Enumerable.Range(1, nodeCount).Select(i => new ClusterNode($"simulated-{i}", Resources.Of(NodeCpus, NodeMemoryMiB, NodeDiskMiB)))]);

    public Task Launch(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel)
    {
        lock (gate)
        {
            foreach (var spec in executions)
            {
                Start(spec);
            }
        }

        Changed?.Invoke();
        return Task.CompletedTask;
    }

    public Task Kill(IReadOnlyList<ExecutionKey> keys, CancellationToken cancel)
    {
        foreach (var key in keys)
        {
            lock (gate)
            {
                if (running.TryGetValue(key.ExecutionId, out var execution))
                {
                    execution.IsKilled = true;
                    due.Enqueue(execution, Time.Now(clock));
                    continue;
                }
            }

            reports.Post(new ExecutionReport { Key = key, Outcome = ExecutionOutcome.Lost, Ended = Time.Now(clock) });
        }

        Changed?.Invoke();
        return Task.CompletedTask;
    }

    /// <summary>Nothing of a simulated execution survives its server, so what this cluster did not start itself is lost.</summary>
    public Task Adopt(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel)
    {
        foreach (var spec in executions)
        {
            lock (gate)
            {
                if (running.ContainsKey(spec.Key.ExecutionId))
                {
                    continue;
                }
            }

            reports.Post(new ExecutionReport { Key = spec.Key, Outcome = ExecutionOutcome.Lost, Ended = Time.Now(clock) });
        }

        return Task.CompletedTask;
    }

    public Task Settle(IReadOnlyList<ExecutionKey> executions, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>Ends what is due now.</summary>
    /// <param name="degree">How many at once; 1 keeps everything in the caller's thread and in order.</param>
    public async Task RunDue(int degree, CancellationToken cancel)
    {
        var now = Time.Now(clock);
        var ended = new List<Running>();
        lock (gate)
        {
            while (due.TryPeek(out var execution, out var ends) && ends <= now)
            {
                due.Dequeue();
                if (running.Remove(execution.Spec.Key.ExecutionId))
                {
                    ended.Add(execution);
                }
            }
        }

        if (degree > 1 && ended.Count > 1)
        {
            await Parallel.ForEachAsync(ended, new ParallelOptions { MaxDegreeOfParallelism = degree, CancellationToken = cancel }, async (execution, stop) => reports.Post(await TryEnd(execution, now, stop)));
            return;
        }

        foreach (var execution in ended)
        {
            reports.Post(await TryEnd(execution, now, cancel));
        }
    }

    private void Start(ExecutionSpec spec)
    {
        if (running.ContainsKey(spec.Key.ExecutionId))
        {
            return;
        }

        var started = Time.Now(clock);
        var duration = ProgramOf(spec).Duration;
        var limit = spec.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        var execution = new Running(spec, started, started + (duration < limit ? duration : limit));
        running[spec.Key.ExecutionId] = execution;
        due.Enqueue(execution, execution.Ends);
    }

    private SimulatedProgram ProgramOf(ExecutionSpec spec) => programs.GetValue(spec.Manifest, manifest => new SimulatedProgram(manifest));

    /// <summary>One execution that can't be ended as it should must not hold up the others: it failed.</summary>
    private async Task<ExecutionReport> TryEnd(Running execution, DateTime now, CancellationToken cancel)
    {
        try
        {
            return await End(execution, now, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var name = e is IOException or UnauthorizedAccessException ? BuiltinErrors.FilesystemIo : BuiltinErrors.Unknown;
            return Report(execution.Spec, now, [], StepError.Builtin(name, e.Message));
        }
    }

    private async Task<ExecutionReport> End(Running execution, DateTime now, CancellationToken cancel)
    {
        var spec = execution.Spec;
        var program = ProgramOf(spec);
        var checkedInputs = await pre.Check(spec, MountSupport.Simulated, cancel);
        var steps = new List<StepFacts> { Facts("pre", execution.Started, execution.Started, checkedInputs.Error) };
        if (checkedInputs.Error is { } inputError)
        {
            return Report(spec, now, steps, inputError);
        }

        if (execution.IsKilled)
        {
            steps.Add(new StepFacts("main", execution.Started, execution.Started, now, false, "KILLED", null));
            return Report(spec, now, steps, null) with { Outcome = ExecutionOutcome.Killed };
        }

        if (program.IsLost)
        {
            return Report(spec, now, [], null) with { Outcome = ExecutionOutcome.Lost };
        }

        if (spec.TimeoutSeconds is { } limit && program.Duration >= TimeSpan.FromSeconds(limit))
        {
            steps.Add(new StepFacts("main", execution.Started, execution.Started, execution.Ends, true, "KILLED", null));
            var timeout = ErrorMapping.OfTimeout(Step.Main, false, spec.Manifest.Name);
            return Report(spec, now, steps, StepError.Mapped(timeout, $"main ran longer than {limit} s"));
        }

        var mapped = ErrorMapping.OfMain(spec.Manifest, program.ExitCode);
        steps.Add(new StepFacts("main", execution.Started, execution.Started, execution.Ends, false, mapped is null ? "FINISHED" : "FAILED", program.ExitCode));
        if (mapped is not null)
        {
            return Report(spec, now, steps, StepError.Mapped(mapped, $"main ended with exit code {program.ExitCode}"));
        }

        var captured = await post.Capture(spec, new VirtualOutputFolder(program.Outputs(spec.ClusterId)), cancel);
        steps.Add(Facts("post", execution.Ends, now, captured.Error));
        return captured.Error is { } error
            ? Report(spec, now, steps, error)
            : Report(spec, now, steps, null) with { Outputs = captured.Value! };
    }

    private static StepFacts Facts(string type, DateTime started, DateTime ended, StepError? error) =>
        new(type, started, started, ended, false, error is null ? "FINISHED" : "FAILED", error is null ? 0 : BuiltinErrors.Find(error.Name)?.ExitCode ?? 1);

    private static ExecutionReport Report(ExecutionSpec spec, DateTime now, IReadOnlyList<StepFacts> steps, StepError? error) => new()
    {
        Key = spec.Key,
        Outcome = error is null ? ExecutionOutcome.Completed : ExecutionOutcome.Failed,
        ErrorName = error?.Name,
        IsBuiltinError = error?.IsBuiltin ?? true,
        Ended = now,
        Steps = [.. steps],
    };
}
