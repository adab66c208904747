using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Scale.Engine;
using Scale.Engine.Clusters;
using Scale.Engine.Clusters.Local;
using Scale.Engine.Executions;
using Scale.Engine.Logs;
using Scale.Engine.Workspaces;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;

namespace Scale.JobTypes;

/// <param name="Data">The job's output data as JSON, with paths for files.</param>
internal sealed record DeskResult(ExecutionReport Report, string Log, string Data);

/// <summary>Runs one execution by the local cluster itself, with a throw-away data folder and the author's folders as workspaces.</summary>
internal sealed class DeskRun : IReportSink, IDisposable
{
    private const int ExecutionId = 1;
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Channel<ExecutionReport> reports = Channel.CreateUnbounded<ExecutionReport>();
    private readonly string data = Directory.CreateTempSubdirectory("scale-job-type-").FullName;
    private readonly string outputs;
    private readonly string image;
    private readonly EngineOptions options;

    private DeskRun(string image, string outputs, RuntimeKind runtime, IReadOnlyList<string> imageRoots, ContainerOptions containers)
    {
        this.image = image;
        this.outputs = outputs;
        options = new EngineOptions { DataFolder = data, Runtime = runtime, ImageRoots = imageRoots, Containers = containers };
    }

    /// <param name="folder">The unpacked image, without a slash at its end.</param>
    public static DeskRun OfFolder(string folder, string outputs, RuntimeKind runtime) =>
        new(ImageFolders.Prefix + Path.GetFileName(folder), outputs, runtime, [Path.GetDirectoryName(folder) ?? "/"], new ContainerOptions());

    /// <param name="image">One that is here, as it was when its manifest was read.</param>
    public static DeskRun OfImage(string image, string outputs, ContainerOptions containers) =>
        new(image, outputs, RuntimeKind.Container, [], containers with { Pull = ImagePull.Absent, RemovesAtOnce = true });

    private string Products => Path.Combine(data, "products");

    public void Post(ExecutionReport report) => reports.Writer.TryWrite(report);

    public async Task<DeskResult> Run(SeedManifest manifest, DeskInput input, CancellationToken cancel)
    {
        Directory.CreateDirectory(outputs);
        Directory.CreateDirectory(Products);
        var brokers = new WorkspaceBrokers();
        await using var cluster = new LocalCluster(options, brokers, this, new PackedLogs(options), TimeProvider.System, NullLogger<LocalCluster>.Instance);
        var spec = Spec(manifest, input);
        await cluster.Launch([spec], cancel);
        ExecutionReport report;
        try
        {
            report = await reports.Reader.ReadAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            // Whoever gives up waiting wants it to end, too.
            await cluster.Kill([spec.Key], CancellationToken.None);
            report = await reports.Reader.ReadAsync(CancellationToken.None);
        }

        var folder = new ExecutionFolder(options.ExecutionsFolder, ExecutionId);
        var log = string.Concat(new[] { folder.StandardOutput, folder.StandardError }.Where(File.Exists).Select(File.ReadAllText));
        return new DeskResult(report, log, Data(report.Outputs));
    }

    public void Dispose() => Directory.Delete(data, recursive: true);

    private ExecutionSpec Spec(SeedManifest manifest, DeskInput input)
    {
        long lastId = 0;
        var files = input.Files.ToDictionary(i => i.Key, i => (IReadOnlyList<ExecutionInputFile>)[.. i.Value.Select(path => InputFile(++lastId, path))]);
        var bytes = files.Values.SelectMany(f => f).Sum(f => f.FileSize);
        var size = Math.Ceiling(bytes / 1_048_576.0);
        var products = Workspace(++lastId, "outputs", Products);
        return new ExecutionSpec
        {
            Key = new ExecutionKey(ExecutionId, 1, 1),
            ClusterId = $"scale_job_desk{Environment.ProcessId}_1x1",
            NodeId = 1,
            Hostname = Environment.MachineName,
            JobTypeId = 1,
            Image = image,
            Manifest = manifest,
            Input = new DataValues(DataValues.NoFiles.SetItems(files.Select(f => KeyValuePair.Create(f.Key, f.Value.Select(file => file.FileId).ToImmutableArray()))), input.Json),
            InputFiles = files,
            OutputWorkspaces = manifest.FileOutputs.ToDictionary(o => o.Name, _ => products),
            Configuration = input.Configuration,
            Secrets = input.Secrets,
            Resources = RequiredResources.Compute(manifest, size),
            InputMiB = size,
            TimeoutSeconds = manifest.Timeout,
            RecipeId = null,
            BatchId = null,
            RecipeTypeName = null,
            RecipeTypeRevision = null,
            SourceStarted = null,
            Started = Time.Now(TimeProvider.System),
        };
    }

    private static ExecutionInputFile InputFile(long id, string path) => new(
        id, Path.GetFileName(path), Path.GetFileName(path), "application/octet-stream", new FileInfo(path).Length, IsSource: true, IsDeleted: false,
        Workspace(id, $"inputs-{id}", Path.GetDirectoryName(path)!));

    private static ExecutionWorkspace Workspace(long id, string name, string folder) =>
        new(id, name, true, new JsonObject { ["broker"] = new JsonObject { ["type"] = "host", ["host_path"] = folder } }.ToJsonString());

    /// <summary>Moves captured files to where they were asked for, as they lay below OUTPUT_DIR.</summary>
    private string Data(CapturedOutputs captured)
    {
        var files = new JsonObject();
        foreach (var output in captured.Files.GroupBy(f => f.Output))
        {
            files[output.Key] = new JsonArray([.. output.Select(f => (JsonNode)Move(f.FilePath))]);
        }

        var json = new JsonObject(captured.Json.Select(j => KeyValuePair.Create(j.Key, JsonNode.Parse(j.Value.GetRawText()))));
        return new JsonObject { ["files"] = files, ["json"] = json }.ToJsonString(Readable);
    }

    private string Move(string productPath)
    {
        var marker = $"/job_exe_{ExecutionId}/";
        var target = Path.Combine(outputs, productPath[(productPath.IndexOf(marker, StringComparison.Ordinal) + marker.Length)..]);
        var from = Path.Combine(Products, productPath);
        if (File.Exists(from))
        {
            // Not there any more when another output has the same file.
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(from, target, overwrite: true);
        }

        return target;
    }
}
