using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Clusters.Local;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Executions;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Executions in containers of the machine that the tests share.</summary>
internal sealed class ContainerWorld(ContainerMachine machine) : IDisposable
{
    public const string Outputs = """{"files":[{"name":"OUT","pattern":"*.out","multiple":true}]}""";

    /// <summary>Says that it runs by a file, shows its secret there, and ends well when it finds another.</summary>
    private const string WaitingScript = "echo $KEY > $OUTPUT_DIR/waits; while ! test -e $OUTPUT_DIR/go; do sleep 0.1; done";

    public ExecutionWorld Files { get; } = new();

    public LocalCluster Cluster(ContainerOptions? options = null, RuntimeKind runtime = RuntimeKind.Container, Func<EngineOptions, EngineOptions>? change = null) =>
        Files.Cluster(runtime, change: engine => (change ?? (e => e))(engine with { Containers = options ?? machine.Options }));

    /// <summary>A job of one shell script.</summary>
    /// <param name="words">Further words of the command, as a manifest has them.</param>
    /// <param name="outputs">Of the manifest; without it, main's files are not captured.</param>
    public ExecutionSpec Script(
        string script,
        string words = "",
        Dictionary<string, IReadOnlyList<ExecutionInputFile>>? inputs = null,
        string outputs = "{}",
        string resources = "[]",
        string errors = "[]",
        int? timeout = null,
        string image = ContainerMachine.Image) =>
        Command($"/bin/sh -c '{script.Replace("'", "'\\''", StringComparison.Ordinal)}' sh {words}", inputs, outputs, resources, errors, timeout, image);

    public ExecutionSpec Command(
        string command,
        Dictionary<string, IReadOnlyList<ExecutionInputFile>>? inputs = null,
        string outputs = "{}",
        string resources = "[]",
        string errors = "[]",
        int? timeout = null,
        string image = ContainerMachine.Image)
    {
        var definition = new JsonObject
        {
            ["command"] = command,
            ["inputs"] = new JsonObject { ["files"] = new JsonArray([.. (inputs ?? []).Select(i => new JsonObject { ["name"] = i.Key, ["multiple"] = i.Value.Count > 1 })]) },
            ["outputs"] = JsonNode.Parse(outputs),
        };
        return WithJob(Files.Spec(definition.ToJsonString(), inputs, timeout, image: image, errors: errors), job => job["resources"] = new JsonObject { ["scalar"] = JsonNode.Parse(resources) });
    }

    public ExecutionSpec Waiting(string resources = "[]", int? timeout = null) => Script(WaitingScript, resources: resources, timeout: timeout);

    /// <summary>With settings, and mounts as the manifest's interface has them.</summary>
    public static ExecutionSpec WithSettings(ExecutionSpec spec, params (string Name, string Value)[] settings) =>
        WithJob(spec, job => job["interface"]!["settings"] = new JsonArray([.. settings.Select(s => new JsonObject { ["name"] = s.Name })])) with
        {
            Configuration = JobConfiguration.Empty with { Settings = settings.ToImmutableSortedDictionary(s => s.Name, s => s.Value, StringComparer.Ordinal) },
        };

    public static ExecutionSpec WithSecret(ExecutionSpec spec, string name, string value) =>
        WithJob(spec, job => job["interface"]!["settings"] = new JsonArray(new JsonObject { ["name"] = name, ["secret"] = true })) with
        {
            Secrets = ImmutableDictionary<string, string>.Empty.Add(name, value),
        };

    public static ExecutionSpec WithMounts(ExecutionSpec spec, string mounts, ImmutableSortedDictionary<string, MountConfiguration> configured) =>
        WithJob(spec, job => job["interface"]!["mounts"] = JsonNode.Parse(mounts)) with { Configuration = JobConfiguration.Empty with { Mounts = configured } };

    /// <summary>Runs an execution to its end; its folder stays until the test ends.</summary>
    public async Task<ExecutionReport> Run(ExecutionSpec spec, ContainerOptions? options = null)
    {
        await using var cluster = Cluster(options);
        await cluster.Launch([spec], TestContext.Current.CancellationToken);
        return await Files.Report();
    }

    /// <summary>Returns when main of a waiting job runs.</summary>
    public async Task IsWaiting(ExecutionSpec spec)
    {
        var waits = Path.Combine(Files.FolderOf(spec).Outputs, "waits");
        for (var limit = DateTime.UtcNow.AddMinutes(1); !File.Exists(waits); await Task.Yield())
        {
            Assert.True(DateTime.UtcNow < limit, $"Main does not start: {Log(spec)}");
        }
    }

    public void LetGo(ExecutionSpec spec) => File.WriteAllText(Path.Combine(Files.FolderOf(spec).Outputs, "go"), "");

    public string Content(CapturedFile file) => File.ReadAllText(Path.Combine(Files.WorkspaceFolder, file.FilePath));

    /// <summary>What stands in the job's standard error.</summary>
    public string Log(ExecutionSpec spec) => ReadOrNothing(Files.FolderOf(spec).StandardError);

    public async Task<bool> HasContainer(ExecutionSpec spec) => (await machine.Podman("ps", "--all", "--format", "{{.Names}}")).Split('\n').Contains(spec.ClusterId);

    public static string ReadOrNothing(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public void Dispose() => Files.Dispose();

    private static ExecutionSpec WithJob(ExecutionSpec spec, Action<JsonNode> change)
    {
        var manifest = JsonNode.Parse(spec.Manifest.NormalForm)!;
        change(manifest["job"]!);
        return spec with { Manifest = SeedManifest.Parse(JsonElement.Parse(manifest.ToJsonString())).Required() };
    }
}
