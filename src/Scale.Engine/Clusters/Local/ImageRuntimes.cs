using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Scale.Engine.Executions;

namespace Scale.Engine.Clusters.Local;

/// <summary>The server can't run jobs the way it was told to; says what is missing.</summary>
public sealed class RuntimeMissingException(string message) : Exception(message);

/// <summary>Chooses for each image what runs it.</summary>
internal sealed class ImageRuntimes : IAsyncDisposable
{
    private readonly UnpackedImageRuntime? unpacked;
    private readonly ContainerRuntime? containers;
    private readonly string noContainers;

    /// <exception cref="RuntimeMissingException">The options ask for a runtime that does not work here.</exception>
    public ImageRuntimes(EngineOptions options, string? dotnetRoot, TimeProvider clock, ILogger log)
    {
        var images = new ImageFolders(options.ImageRoots);
        unpacked = options.Runtime switch
        {
            RuntimeKind.Container => null,
            RuntimeKind.Process => new UnpackedImageRuntime(new ProcessRuntime(), images, dotnetRoot),
            RuntimeKind.Sandbox => new UnpackedImageRuntime(
                SandboxRuntime.Detect(dotnetRoot) ?? throw new RuntimeMissingException("Runtime sandbox needs bubblewrap (bwrap), installed and allowed by the kernel; install it or use --runtime process."), images, dotnetRoot),
            _ => new UnpackedImageRuntime((IRuntime?)SandboxRuntime.Detect(dotnetRoot) ?? new ProcessRuntime(), images, dotnetRoot),
        };
        noContainers = $"runtime {options.Runtime.ToString().ToLowerInvariant()} runs unpacked images only (dir:PATH); start the server with --runtime auto or container";
        if (options.Runtime is RuntimeKind.Process or RuntimeKind.Sandbox)
        {
            return;
        }

        if (ContainerEngine.Find(options.Containers, clock, out noContainers) is { } engine)
        {
            containers = new ContainerRuntime(engine, options.Containers, OwnerOf(options.ExecutionsFolder), options.ProcessLimit, clock, log);
        }
        else if (options.Runtime == RuntimeKind.Container)
        {
            throw new RuntimeMissingException($"Runtime container needs a container engine: {noContainers}.");
        }
        else
        {
            log.LogWarning("Jobs whose image is no unpacked one (dir:PATH) will fail, as there is no container engine: {Problem}.", noContainers);
        }
    }

    /// <summary>For people, as <c>sandbox, container</c>.</summary>
    public string Names => string.Join(", ", new[] { unpacked?.Name, containers?.Name }.OfType<string>());

    /// <exception cref="ImageException">Nothing here runs such an image.</exception>
    public IImageRuntime Of(string image)
    {
        if (image.StartsWith(ImageFolders.Prefix, StringComparison.Ordinal))
        {
            return unpacked ?? throw new ImageException($"image {image} is an unpacked one, and runtime container runs images of a container engine only; start the server with --runtime auto");
        }

        return containers ?? throw new ImageException($"image {image} needs a container engine: {noContainers}");
    }

    /// <summary>What runs an execution that another server may have started; null when nothing here does, so that there is nothing to be ended.</summary>
    public IImageRuntime? Find(string image) => image.StartsWith(ImageFolders.Prefix, StringComparison.Ordinal) ? unpacked : containers;

    /// <summary>Removes containers of this server that belong to none of the executions.</summary>
    public Task RemoveLeftOvers(IEnumerable<ExecutionSpec> kept, CancellationToken cancel) =>
        containers?.RemoveLeftOvers(kept.Select(e => e.ClusterId).ToHashSet(StringComparer.Ordinal), cancel) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => containers?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Short enough for a label, the same after every start, and another for every server of this machine.
    private static string OwnerOf(string executionsFolder) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(executionsFolder))))[..16];
}
