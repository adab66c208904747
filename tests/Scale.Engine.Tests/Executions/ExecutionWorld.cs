using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Scale.Engine.Clusters;
using Scale.Engine.Clusters.Local;
using Scale.Engine.Executions;
using Scale.Engine.Logs;
using Scale.Engine.Workspaces;
using Scale.Model.Data;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Scheduling;

namespace Scale.Engine.Tests.Executions;

/// <summary>A data folder with one workspace and one image folder, and executions to run in it.</summary>
internal sealed class ExecutionWorld : IReportSink, IDisposable
{
    private readonly Channel<ExecutionReport> reports = Channel.CreateUnbounded<ExecutionReport>();
    private long lastExecution;

    public ExecutionWorld()
    {
        Folder = Directory.CreateTempSubdirectory("scale-execution-").FullName;
        Options = new EngineOptions { DataFolder = Folder, ImageRoots = [Path.Combine(Folder, "images")], Runtime = RuntimeKind.Process, TurnLimit = TimeSpan.FromMinutes(5) };
        Directory.CreateDirectory(Path.Combine(Folder, "images", "tools"));
        Directory.CreateDirectory(WorkspaceFolder);
        Workspace = new ExecutionWorkspace(1, "files", true, JsonSerializer.Serialize(new { broker = new { type = "host", host_path = WorkspaceFolder } }));
    }

    public string Folder { get; }

    public EngineOptions Options { get; }

    public string WorkspaceFolder => Path.Combine(Folder, "workspace");

    public ExecutionWorkspace Workspace { get; }

    public WorkspaceBrokers Brokers { get; } = new();

    public void Post(ExecutionReport report) => reports.Writer.TryWrite(report);

    public LocalCluster Cluster(RuntimeKind runtime = RuntimeKind.Process, WorkspaceBrokers? brokers = null, Func<EngineOptions, EngineOptions>? change = null)
    {
        var options = Options with { Runtime = runtime };
        options = change?.Invoke(options) ?? options;
        return new LocalCluster(options, brokers ?? Brokers, this, new PackedLogs(options), TimeProvider.System, NullLogger<LocalCluster>.Instance);
    }

    public async Task<ExecutionReport> Report() => await reports.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(2));

    public bool HasReport => reports.Reader.TryPeek(out _);

    /// <summary>Writes a shell program into the image; it sees only its arguments and environment.</summary>
    public void Program(string name, string script)
    {
        var path = Path.Combine(Folder, "images", "tools", name);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
    }

    public ExecutionInputFile Input(long id, string name, string content = "content", bool isDeleted = false)
    {
        File.WriteAllText(Path.Combine(WorkspaceFolder, name), content);
        return new ExecutionInputFile(id, name, name, "text/plain", content.Length, true, isDeleted, Workspace);
    }

    /// <param name="interfaceJson">The manifest's interface.</param>
    public ExecutionSpec Spec(
        string interfaceJson = "{}",
        IReadOnlyDictionary<string, IReadOnlyList<ExecutionInputFile>>? inputs = null,
        int? timeout = null,
        JobConfiguration? configuration = null,
        string image = "dir:tools",
        string errors = "[]")
    {
        var manifest = SeedManifest.Parse(JsonElement.Parse($$$"""
            {"seedVersion":"1.0.0","job":{"name":"try","jobVersion":"1.0.0","packageVersion":"1.0.0","title":"Try","description":"Tries",
             "maintainer":{"name":"A","email":"a@b.c"},"timeout":{{{timeout ?? 60}}},"interface":{{{interfaceJson}}},"errors":{{{errors}}}
            }}
            """)).Required();
        var id = ++lastExecution;
        inputs ??= ImmutableDictionary<string, IReadOnlyList<ExecutionInputFile>>.Empty;
        var values = DataValues.Empty with { Files = inputs.ToImmutableSortedDictionary(i => i.Key, i => i.Value.Select(f => f.FileId).ToImmutableArray(), StringComparer.Ordinal) };
        return new ExecutionSpec
        {
            Key = new ExecutionKey(id, 100 + id, 1),
            ClusterId = $"scale_job_{Path.GetFileName(Folder)["scale-execution-".Length..]}_{100 + id}x1",
            NodeId = 1,
            Hostname = "here",
            JobTypeId = 1,
            Image = image,
            Manifest = manifest,
            Input = values,
            InputFiles = inputs,
            OutputWorkspaces = manifest.FileOutputs.ToDictionary(o => o.Name, _ => Workspace),
            Configuration = configuration ?? JobConfiguration.Empty,
            Secrets = ImmutableDictionary<string, string>.Empty,
            Resources = Resources.Of(1, 128, 1),
            InputMiB = 1,
            TimeoutSeconds = timeout ?? 60,
            RecipeId = null,
            BatchId = null,
            RecipeTypeName = null,
            RecipeTypeRevision = null,
            SourceStarted = null,
            Started = new DateTime(2026, 5, 4, 3, 2, 1, DateTimeKind.Utc),
        };
    }

    /// <summary>Another execution of the same.</summary>
    public ExecutionSpec Next(ExecutionSpec spec)
    {
        var id = ++lastExecution;
        return spec with { Key = new ExecutionKey(id, 100 + id, 1), ClusterId = $"scale_job_test_{100 + id}x1" };
    }

    public ExecutionFolder FolderOf(ExecutionSpec spec) => new(Options.ExecutionsFolder, spec.Key.ExecutionId);

    /// <summary>A job that says it runs by a file, and ends well when it finds another.</summary>
    public (ExecutionSpec Spec, Task Waiting) Waiting(double cpus = 1)
    {
        Program("wait", "echo runs; echo > waits; while ! test -e go; do sleep 0.02; done");
        var spec = Spec("""{"command":"wait"}""") with { Resources = Resources.Of(cpus, 128, 1) };
        return (spec, Made(spec, "waits"));
    }

    public void LetGo(ExecutionSpec spec) => File.WriteAllText(Path.Combine(FolderOf(spec).Scratch, "go"), "");

    /// <summary>Completes when a file of that name is made somewhere in the execution's folder; to be called before it starts.</summary>
    public Task Made(ExecutionSpec spec, string name)
    {
        var folder = FolderOf(spec);
        Directory.CreateDirectory(folder.Root);
        var made = new TaskCompletionSource();
        var watch = new FileSystemWatcher(folder.Root) { IncludeSubdirectories = true, EnableRaisingEvents = true };
        watch.Created += (_, change) =>
        {
            // What is made in a new folder before that is watched too is told by nobody.
            if (Path.GetFileName(change.Name) == name || (Directory.Exists(change.FullPath) && File.Exists(Path.Combine(change.FullPath, name))))
            {
                made.TrySetResult();
            }
        };
        watch.Renamed += (_, change) => Look(change.Name);
        return WaitAndDispose();

        void Look(string? changed)
        {
            if (Path.GetFileName(changed) == name)
            {
                made.TrySetResult();
            }
        }

        async Task WaitAndDispose()
        {
            using (watch)
            {
                await made.Task.WaitAsync(TimeSpan.FromMinutes(1));
            }
        }
    }

    /// <summary>Completes when the execution's folder goes.</summary>
    public async Task Cleaned(ExecutionSpec spec)
    {
        var folder = FolderOf(spec).Root;
        var gone = new TaskCompletionSource();
        using var watch = new FileSystemWatcher(Path.GetDirectoryName(folder)!) { EnableRaisingEvents = true };
        watch.Deleted += (_, change) =>
        {
            if (change.FullPath == folder)
            {
                gone.TrySetResult();
            }
        };
        await gone.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>What runs of an execution: every process whose environment names its folder.</summary>
    public List<string> ProcessesOf(ExecutionSpec spec)
    {
        var mark = FolderOf(spec).Root;
        return [.. Directory.EnumerateDirectories("/proc").Where(p => char.IsDigit(Path.GetFileName(p)[0])).Select(Environment).Where(e => e.Contains(mark + "/", StringComparison.Ordinal))];

        static string Environment(string process)
        {
            try
            {
                return File.ReadAllText($"{process}/environ");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
