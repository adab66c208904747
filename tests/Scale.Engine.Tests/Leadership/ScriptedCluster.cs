using System.Collections.Immutable;
using System.Text.Json;
using Scale.Engine.Clusters;
using Scale.Engine.Executions;
using Scale.Model.Files;
using Scale.Model.Scheduling;

namespace Scale.Engine.Tests.Leadership;

/// <summary>
/// A cluster whose executions do what the test says, when it says so. It outlives leaders, keeps its own record of what lives, and complains about everything
/// that must never happen to it.
/// </summary>
internal sealed class ScriptedCluster : ICluster
{
    private readonly Dictionary<ExecutionKey, ExecutionSpec> live = [];
    private readonly Dictionary<ExecutionKey, ExecutionReport> ended = [];
    private readonly HashSet<ExecutionKey> started = [];
    private readonly HashSet<ExecutionKey> disowned = [];

    public string Name => "scripted";

    public bool StartsInTurn { get; set; }

    /// <summary>Where reports go now.</summary>
    public IReportSink? Sink { get; set; }

    public List<ClusterNode> Nodes { get; } = [new("node-1", Resources.Of(cpus: 4, mem: 8_192, disk: 100_000))];

    /// <summary>What runs, by the cluster's own record.</summary>
    public IReadOnlyDictionary<ExecutionKey, ExecutionSpec> Live => live;

    public List<ExecutionSpec> Launched { get; } = [];

    public List<ExecutionKey> Settled { get; } = [];

    /// <summary>Executions it was asked to end and that have not.</summary>
    public HashSet<ExecutionKey> Killed { get; } = [];

    /// <summary>What was asked of it that never may be.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Killed executions end at once; otherwise when the test ends them.</summary>
    public bool KillsAtOnce { get; set; } = true;

    /// <summary>What becomes of a report on its way: nothing, itself, several.</summary>
    public Func<ExecutionReport, IEnumerable<ExecutionReport>> Deliver { get; set; } = report => [report];

    public Func<DateTime> Now { get; set; } = () => DateTime.UnixEpoch;

    /// <summary>What a completed execution leaves; by default one file for each file output.</summary>
    public Func<ExecutionSpec, CapturedOutputs> Outputs { get; set; } = OneFileEach;

    public Task<IReadOnlyList<ClusterNode>> Discover(CancellationToken cancel) => Task.FromResult<IReadOnlyList<ClusterNode>>([.. Nodes]);

    public Task Launch(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel)
    {
        foreach (var execution in executions)
        {
            if (!started.Add(execution.Key) || disowned.Contains(execution.Key))
            {
                Violations.Add($"{execution.Key} was launched twice, or after it was reported as lost");
            }

            if (live.Keys.Any(k => k.JobId == execution.Key.JobId))
            {
                Violations.Add($"{execution.Key} was launched while another execution of its job lives");
            }

            live[execution.Key] = execution;
            Launched.Add(execution);
        }

        return Task.CompletedTask;
    }

    public Task Kill(IReadOnlyList<ExecutionKey> executions, CancellationToken cancel)
    {
        foreach (var key in executions)
        {
            if (ended.TryGetValue(key, out var report))
            {
                Post(report);
            }
            else if (!live.ContainsKey(key))
            {
                Disown(key);
            }
            else if (KillsAtOnce)
            {
                End(key, ExecutionOutcome.Killed);
            }
            else
            {
                Killed.Add(key);
            }
        }

        return Task.CompletedTask;
    }

    public Task Adopt(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel)
    {
        foreach (var key in executions.Select(e => e.Key).Where(k => !live.ContainsKey(k)))
        {
            if (ended.TryGetValue(key, out var report))
            {
                Post(report);
            }
            else
            {
                Disown(key);
            }
        }

        return Task.CompletedTask;
    }

    public Task Settle(IReadOnlyList<ExecutionKey> executions, CancellationToken cancel)
    {
        Settled.AddRange(executions);
        foreach (var key in executions)
        {
            if (live.ContainsKey(key))
            {
                Violations.Add($"{key} was settled while it lives");
            }

            ended.Remove(key);
        }

        return Task.CompletedTask;
    }

    /// <summary>Ends a living execution and reports it.</summary>
    public ExecutionReport End(ExecutionKey key, ExecutionOutcome outcome, string? errorName = null, bool isBuiltin = true, bool isReported = true)
    {
        var spec = live[key];
        live.Remove(key);
        Killed.Remove(key);
        var report = new ExecutionReport
        {
            Key = key,
            Outcome = outcome,
            ErrorName = errorName,
            IsBuiltinError = isBuiltin,
            Ended = Now(),
            Steps = [new ExecutionStep("main", spec.Started, spec.Started, Now(), false, outcome == ExecutionOutcome.Completed ? "FINISHED" : "FAILED", outcome == ExecutionOutcome.Completed ? 0 : 1)],
            Outputs = outcome == ExecutionOutcome.Completed ? Outputs(spec) : CapturedOutputs.None,
        };
        ended[key] = report;
        if (isReported)
        {
            Post(report);
        }

        return report;
    }

    /// <summary>The execution of a job that lives.</summary>
    public ExecutionKey LiveOf(long jobId) => live.Keys.Single(k => k.JobId == jobId);

    /// <summary>An execution disappears without a trace: nothing of it runs, and nothing is known of it.</summary>
    public void Forget(ExecutionKey key)
    {
        live.Remove(key);
        ended.Remove(key);
    }

    private static CapturedOutputs OneFileEach(ExecutionSpec spec) => new(
        [.. spec.Manifest.FileOutputs.Select(o => FileOf(spec, o.Name, o.Name + ".bin"))],
        ImmutableSortedDictionary<string, JsonElement>.Empty,
        ImmutableSortedDictionary<string, FileMetadata>.Empty);

    public static CapturedFile FileOf(ExecutionSpec spec, string output, string fileName, FileMetadata? metadata = null) => new(
        output, fileName, spec.OutputWorkspaces[output].Id, $"jobs/job_exe_{spec.Key.ExecutionId}/{fileName}", 10, "image/tiff", null, metadata);

    private void Disown(ExecutionKey key)
    {
        disowned.Add(key);
        Post(new ExecutionReport { Key = key, Outcome = ExecutionOutcome.Lost, Ended = Now() });
    }

    private void Post(ExecutionReport report)
    {
        foreach (var delivered in Deliver(report))
        {
            Sink?.Post(delivered);
        }
    }
}
