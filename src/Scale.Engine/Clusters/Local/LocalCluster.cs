using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Scale.Engine.Executions;
using Scale.Engine.Logs;
using Scale.Engine.Workspaces;
using Scale.Model.Errors;
using Scale.Model.Scheduling;
using Scale.Store.Databases;

namespace Scale.Engine.Clusters.Local;

/// <summary>This machine. Executions go on when the server ends; the next one adopts them from their folders.</summary>
public sealed class LocalCluster : ICluster, IAsyncDisposable
{
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(10);

    private readonly EngineOptions options;
    private readonly IReportSink reports;
    private readonly PackedLogs logs;
    private readonly ILogger<LocalCluster> log;
    private readonly TimeProvider clock;
    private readonly LocalSteps steps;
    private readonly TaskFactory beginning = InterleavingScheduler.NewFactory();
    private readonly TaskFactory cleaning = InterleavingScheduler.NewFactory();
    private readonly LimitWatch watch;
    private readonly ConcurrentDictionary<long, LocalExecution> executions = new();
    private readonly ConcurrentDictionary<long, byte> freeFolders = new();
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<Task, byte> work = new();
    private readonly ClusterNode node;

    public LocalCluster(EngineOptions options, WorkspaceBrokers brokers, IReportSink reports, PackedLogs logs, TimeProvider clock, ILogger<LocalCluster> log)
    {
        this.options = options;
        this.reports = reports;
        this.logs = logs;
        this.log = log;
        this.clock = clock;
        steps = new LocalSteps(
            new PreStep(brokers), new PostStep(brokers), new ImageRuntimes(options, DotnetRoot(), clock, log),
            new MainProcess(options.ExecutionsFolder, DotnetRoot(), clock), GpuPool.Detect(), new SpareFolders(options.ExecutionsFolder), new MainRoom(Environment.ProcessorCount), options, clock);
        watch = new LimitWatch(executions, clock, log, stop.Token);
        node = new ClusterNode(Environment.MachineName, Capacity(options.DataFolder, steps.Gpus.Count));
        log.LogInformation("Executions run on this machine ({Cpus} cpus) with runtime {Runtime}.", node.Resources["cpus"], steps.Runtimes.Names);
    }

    public string Name => "local";

    public bool StartsInTurn => true;

    public Task<IReadOnlyList<ClusterNode>> Discover(CancellationToken cancel) => Task.FromResult<IReadOnlyList<ClusterNode>>([node]);

    public Task Launch(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel)
    {
        foreach (var spec in executions)
        {
            Begin(spec, execution => execution.Run());
        }

        return Task.CompletedTask;
    }

    public Task Kill(IReadOnlyList<ExecutionKey> keys, CancellationToken cancel)
    {
        foreach (var key in keys)
        {
            if (executions.TryGetValue(key.ExecutionId, out var execution))
            {
                execution.RequestKill();
            }
            else
            {
                reports.Post(new ExecutionReport { Key = key, Outcome = ExecutionOutcome.Lost, Ended = Time.Now(clock) });
            }
        }

        return Task.CompletedTask;
    }

    public Task Adopt(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel)
    {
        foreach (var spec in executions)
        {
            steps.Gpus.Adopt(spec.Key.ExecutionId, FolderOf(spec));
            Begin(spec, execution => execution.Adopt());
        }

        // What is not settled by now is so by leftovers.
        freeFolders.Clear();
        SettleLeftovers(executions.Select(e => e.Key.ExecutionId).ToHashSet());
        Track(Task.Run(RemoveEarlier, CancellationToken.None));
        List<ExecutionSpec> kept = [.. executions, .. this.executions.Values.Select(e => e.Spec)];
        Track(Task.Run(() => steps.Runtimes.RemoveLeftOvers(kept, stop.Token), CancellationToken.None));
        return Task.CompletedTask;
    }

    public Task Settle(IReadOnlyList<ExecutionKey> keys, CancellationToken cancel)
    {
        Track(Clean(keys));
        return Task.CompletedTask;
    }

    /// <summary>What <see cref="Settle"/> begins; completes when the folders are gone and their logs packed.</summary>
    public Task Clean(IReadOnlyList<ExecutionKey> keys) => Task.WhenAll(keys.Select(key => cleaning.StartNew(() => Clean(key.ExecutionId))));

    /// <summary>Lets go of what runs; nothing is reported any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        steps.Main.LetGo();
        foreach (var (_, execution) in executions)
        {
            execution.LetGo();
        }

        // A step that hangs is left behind: it ends with the process.
        await Task.WhenAny(Task.WhenAll(work.Keys), Task.Delay(DisposeLimit));
        await steps.Runtimes.DisposeAsync();
        stop.Dispose();
    }

    /// <summary>Carries an execution to its report; one that is carried already goes on as it is.</summary>
    private void Begin(ExecutionSpec spec, Func<LocalExecution, Task> run)
    {
        var execution = new LocalExecution(spec, FolderOf(spec), steps, Finish, stop.Token);
        if (executions.TryAdd(spec.Key.ExecutionId, execution))
        {
            watch.Wake();
            Track(beginning.StartNew(() => Carry(execution, run)).Unwrap());
        }
    }

    private async Task Carry(LocalExecution execution, Func<LocalExecution, Task> run)
    {
        try
        {
            await run(execution);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The next server adopts it.
        }
        catch (Exception e)
        {
            log.LogError(e, "Execution {Execution} of job {Job} ended by an error of the cluster.", execution.Spec.ClusterId, execution.Spec.Key.JobId);
            Finish(execution, new ExecutionReport
            {
                Key = execution.Spec.Key,
                Outcome = ExecutionOutcome.Failed,
                ErrorName = e is IOException or UnauthorizedAccessException ? BuiltinErrors.FilesystemIo : BuiltinErrors.Unknown,
                Ended = Time.Now(clock),
            });
        }
    }

    /// <summary>Passes on the first report of an execution.</summary>
    private void Finish(LocalExecution execution, ExecutionReport? report)
    {
        if (!executions.TryRemove(KeyValuePair.Create(execution.Spec.Key.ExecutionId, execution)))
        {
            return;
        }

        steps.Gpus.GiveBack(execution.Spec.Key.ExecutionId);
        if (report is not null && !stop.IsCancellationRequested)
        {
            if (execution.IsFolderFree)
            {
                freeFolders[execution.Spec.Key.ExecutionId] = 0;
            }

            reports.Post(report);
        }
    }

    /// <summary>Ends and cleans executions whose end was committed right before a crash: nobody waits for them any more.</summary>
    private void SettleLeftovers(HashSet<long> unsettled)
    {
        if (!Directory.Exists(options.ExecutionsFolder))
        {
            return;
        }

        var leftovers = Directory.EnumerateDirectories(options.ExecutionsFolder)
            .Where(shard => long.TryParse(Path.GetFileName(shard), CultureInfo.InvariantCulture, out _))
            .SelectMany(Directory.EnumerateDirectories)
            .Select(folder => long.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && !unsettled.Contains(id) && !executions.ContainsKey(id))
            .ToList();
        if (leftovers.Count > 0)
        {
            Track(Task.Run(() => SettleLeftovers(leftovers), CancellationToken.None));
        }
    }

    private async Task SettleLeftovers(List<long> leftovers)
    {
        try
        {
            await steps.Main.EndForgotten([.. leftovers.Select(id => new ExecutionFolder(options.ExecutionsFolder, id))], stop.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("What runs of executions that have ended can't be ended now, the next start tries again: {Reason}", e.Message);
            return;
        }

        leftovers.ForEach(Clean);
    }

    private void Clean(long executionId)
    {
        try
        {
            var folder = new ExecutionFolder(options.ExecutionsFolder, executionId);
            logs.Pack(executionId, folder);
            if (!freeFolders.TryRemove(executionId, out _) || !steps.Spares.TryKeep(folder.Root))
            {
                folder.Delete();
            }
        }
        catch (Exception e)
        {
            log.LogWarning("The folder of execution {Execution} can't be cleaned now, the next start tries again: {Reason}", executionId, e.Message);
        }
    }

    private void RemoveEarlier()
    {
        try
        {
            steps.Spares.RemoveEarlier();
            steps.Main.RemoveEarlierClaims();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("What earlier servers kept can't be removed now, the next start tries again: {Reason}", e.Message);
        }
    }

    private ExecutionFolder FolderOf(ExecutionSpec spec) => new(options.ExecutionsFolder, spec.Key.ExecutionId);

    private void Track(Task task)
    {
        work[task] = 0;
        _ = task.ContinueWith(done => work.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Where .NET is, for algorithms that are .NET programs: programs without it ignore the variable.</summary>
    private static string? DotnetRoot()
    {
        var shared = Path.GetDirectoryName(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/'));
        var root = shared is null ? null : Path.GetDirectoryName(Path.GetDirectoryName(shared));
        return root is not null && File.Exists(Path.Combine(root, "dotnet")) ? root : null;
    }

    private static Resources Capacity(string dataFolder, int gpus)
    {
        const long Mebibyte = 1 << 20;
        return Resources.Of(
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Mebibyte,
            new DriveInfo(dataFolder).AvailableFreeSpace / Mebibyte,
            gpus);
    }
}
