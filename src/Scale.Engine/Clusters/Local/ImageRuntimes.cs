using Microsoft.Extensions.Logging;
using Scale.Engine.Executions;

namespace Scale.Engine.Clusters.Local;

/// <summary>The server can't run jobs the way it was told to; says what is missing.</summary>
public sealed class RuntimeMissingException(string message) : Exception(message);

/// <summary>Chooses for each image what runs it.</summary>
internal sealed class ImageRuntimes : IAsyncDisposable
{
    private readonly EngineOptions options;
    private readonly UnpackedImageRuntime? unpacked;
    private readonly TimeProvider clock;
    private readonly ILogger log;
    private readonly Lock finding = new();
    private ContainerRuntime? containers;

    /// <exception cref="RuntimeMissingException">The options ask for a runtime that does not work here.</exception>
    public ImageRuntimes(EngineOptions options, string? dotnetRoot, TimeProvider clock, ILogger log)
    {
        this.options = options;
        this.clock = clock;
        this.log = log;
        var images = new ImageFolders(options.ImageRoots, clock);
        unpacked = options.Runtime switch
        {
            RuntimeKind.Container => null,
            RuntimeKind.Process => new UnpackedImageRuntime(new ProcessRuntime(), images, dotnetRoot),
            RuntimeKind.Sandbox => new UnpackedImageRuntime(
                SandboxRuntime.Detect(dotnetRoot) ?? throw new RuntimeMissingException("Runtime sandbox needs bubblewrap (bwrap), installed and allowed by the kernel; install it or use --runtime process."), images, dotnetRoot),
            _ => new UnpackedImageRuntime((IRuntime?)SandboxRuntime.Detect(dotnetRoot) ?? new ProcessRuntime(), images, dotnetRoot),
        };

        // An engine is asked when the first image needs it: most servers never see one, and the answer takes longer than all else at the start.
        if (options.Runtime == RuntimeKind.Container && FindContainers(mustAnswer: true, out var problem) is null)
        {
            throw new RuntimeMissingException($"Runtime container needs a container engine: {problem}.");
        }

        if (options.Runtime == RuntimeKind.Auto && !ContainerEngine.IsInstalled(options.Containers))
        {
            FindContainers(mustAnswer: true, out problem);
            log.LogWarning("There is no container engine: jobs whose image is no unpacked one (dir:PATH) will fail. {Problem}.", problem);
        }
    }

    /// <summary>For people: how unpacked images run, and whether others do.</summary>
    public string Names => unpacked is null ? "container" : options.Runtime == RuntimeKind.Auto ? $"{unpacked.Name} (unpacked images) and container (others)" : unpacked.Name;

    /// <exception cref="ImageException">Nothing here runs such an image.</exception>
    public IImageRuntime Of(string image)
    {
        if (image.StartsWith(ImageFolders.Prefix, StringComparison.Ordinal))
        {
            return unpacked ?? throw new ImageException($"image {image} is an unpacked one, and runtime container runs images of a container engine only; start the server with --runtime auto");
        }

        return FindContainers(mustAnswer: true, out var problem) ?? throw new ImageException($"image {image} needs a container engine: {problem}");
    }

    /// <summary>What runs an execution that another server may have started; null when nothing here ever did, so that there is nothing to be ended.</summary>
    public IImageRuntime? Find(string image) => image.StartsWith(ImageFolders.Prefix, StringComparison.Ordinal) ? unpacked : Earlier();

    /// <summary>Removes containers of this server that belong to none of the executions.</summary>
    public Task RemoveLeftOvers(IEnumerable<ExecutionSpec> kept, CancellationToken cancel) =>
        Earlier()?.RemoveLeftOvers(kept.Select(e => e.ClusterId).ToHashSet(StringComparer.Ordinal), cancel) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => containers?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Where containers were run before, an engine that does not answer now must not pass for one that has none.
    private ContainerRuntime? Earlier() => containers ?? (ContainerRuntime.WasUsed(options.ExecutionsFolder) ? FindContainers(mustAnswer: false, out _) : null);

    /// <summary>The engine, asked again every time until there is one.</summary>
    private ContainerRuntime? FindContainers(bool mustAnswer, out string problem)
    {
        problem = $"runtime {options.Runtime.ToString().ToLowerInvariant()} runs unpacked images only (dir:PATH); start the server with --runtime auto or container";
        lock (finding)
        {
            if (containers is null && options.Runtime is RuntimeKind.Auto or RuntimeKind.Container && ContainerEngine.Find(options.Containers, clock, out problem, mustAnswer) is { } engine)
            {
                log.LogInformation("Images run in containers of {Engine}.", engine.Program);
                containers = new ContainerRuntime(engine, options.Containers, options.ExecutionsFolder, options.ProcessLimit, clock, log);
            }

            return containers;
        }
    }
}
