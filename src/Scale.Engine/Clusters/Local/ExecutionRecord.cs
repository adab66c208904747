using System.Collections.Immutable;
using Scale.Engine.Executions;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using ModelStep = Scale.Model.Jobs.ExecutionStep;
using StepFacts = Scale.Engine.Executions.ExecutionStep;

namespace Scale.Engine.Clusters.Local;

/// <summary>What is known of an execution on this machine so far: its steps, what it used and, in the end, its report.</summary>
internal sealed class ExecutionRecord(ExecutionSpec spec, ExecutionFolder folder, LocalSteps local)
{
    private ImmutableArray<StepFacts> steps = [];
    private volatile RunningStep? running;

    /// <summary>The step before or after main that runs now.</summary>
    public RunningStep? Running => running;

    public ResourceUsage? Usage { get; set; }

    /// <summary>Runs a step before or after main.</summary>
    public async Task<StepResult<T>> Step<T>(ModelStep step, string name, TimeSpan limit, Func<Task<StepResult<T>>> run)
        where T : class
    {
        var started = local.Now;
        running = new RunningStep(step, name, started, limit);
        var result = await run();
        running = null;
        steps = steps.Add(new StepFacts(name, started, started, local.Now, false, result.Error is null ? "FINISHED" : "FAILED", ExitCodeOf(result.Error)));
        return result;
    }

    /// <summary>A step hangs, and is not waited for.</summary>
    public void Abandoned(RunningStep step, bool isKilled) => steps = steps.Add(new StepFacts(step.Name, step.Started, step.Started, local.Now, !isKilled, "KILLED", null));

    public void MainEnded(DateTime started, DateTime ended, string status, int? exitCode, bool timedOut = false) =>
        steps = steps.Add(new StepFacts("main", started, started, ended, timedOut, status, exitCode));

    public ExecutionReport Failed(StepError error)
    {
        // Our line must not fall into what is cut off a log that is too long.
        folder.CutLogs(local.Options.LogLimit);
        folder.Say($"{error.Name}: {error.Reason}");
        return Report(ExecutionOutcome.Failed) with { ErrorName = error.Name, IsBuiltinError = error.IsBuiltin };
    }

    public ExecutionReport Report(ExecutionOutcome outcome) => new()
    {
        Key = spec.Key,
        Outcome = outcome,
        Ended = local.Now,
        Steps = steps,
        Usage = Usage,
    };

    private static int ExitCodeOf(StepError? error) => error is null ? 0 : BuiltinErrors.Find(error.Name)?.ExitCode ?? 1;
}

/// <param name="Limit">How long it may take.</param>
internal sealed record RunningStep(ModelStep Step, string Name, DateTime Started, TimeSpan Limit);
