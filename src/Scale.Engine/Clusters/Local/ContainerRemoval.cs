using System.ComponentModel;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// Removes containers that have ended, many with one command, behind the executions' backs: a removal costs as much as a third of a start.
/// What a server does not get to, the next one finds by its label.
/// </summary>
internal sealed class ContainerRemoval : IAsyncDisposable
{
    private const int MostAtOnce = 25;

    private readonly ContainerEngine engine;
    private readonly ILogger log;
    private readonly Channel<string> ended = Channel.CreateUnbounded<string>();
    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    public ContainerRemoval(ContainerEngine engine, ILogger log)
    {
        this.engine = engine;
        this.log = log;
        loop = Task.Run(Loop);
    }

    /// <summary>Some time soon.</summary>
    public void Later(string container) => ended.Writer.TryWrite(container);

    /// <summary>Ends and removes a container; returns when there is none of the name.</summary>
    /// <exception cref="IOException">The engine refuses.</exception>
    public async Task Now(string container, IReadOnlyList<string> volumes, CancellationToken cancel)
    {
        var removed = await engine.Call(["rm", "--force", "--volumes", container], cancel);
        if (!removed.IsGood && (await engine.Call(["container", "inspect", "--format", "{{.Id}}", container], cancel)).IsGood)
        {
            throw new IOException($"container {container} could not be removed: {removed.Reason}");
        }

        if (volumes.Count > 0)
        {
            await engine.Call(["volume", "rm", "--force", .. volumes], cancel);
        }
    }

    /// <summary>Removes all containers and volumes with the owner's label, but those of the executions that are kept.</summary>
    /// <param name="kept">Names of their containers.</param>
    public async Task LeftOvers(string owner, IReadOnlySet<string> kept, CancellationToken cancel)
    {
        var label = $"label={ContainerCommand.OwnerLabel}={owner}";
        var containers = Lines(await engine.Call(["ps", "--all", "--filter", label, "--format", "{{.Names}}"], cancel)).Where(name => !kept.Contains(name));
        foreach (var some in containers.Chunk(MostAtOnce))
        {
            await Remove(["rm", "--force", "--volumes", .. some], cancel);
        }

        var volumes = Lines(await engine.Call(["volume", "ls", "--quiet", "--filter", label], cancel)).Where(name => !kept.Contains(ContainerVolumes.ContainerOf(name)));
        foreach (var some in volumes.Chunk(MostAtOnce))
        {
            await Remove(["volume", "rm", "--force", .. some], cancel);
        }
    }

    /// <summary>Stops; what waits is left to the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    private async Task Loop()
    {
        try
        {
            while (await ended.Reader.WaitToReadAsync(stop.Token))
            {
                var some = new List<string>();
                while (some.Count < MostAtOnce && ended.Reader.TryRead(out var container))
                {
                    some.Add(container);
                }

                await Remove(["rm", "--force", "--volumes", .. some], stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private async Task Remove(IReadOnlyList<string> command, CancellationToken cancel)
    {
        try
        {
            if (await engine.Call(command, cancel) is { IsGood: false } answer)
            {
                log.LogWarning("{Engine} {Command} did not remove everything, the next start tries again: {Reason}", engine.Program, command[0], answer.Reason);
            }
        }
        catch (Exception e) when (e is TimeoutException or Win32Exception)
        {
            log.LogWarning("Ended containers can't be removed now, the next start tries again: {Reason}", e.Message);
        }
    }

    private static string[] Lines(EngineAnswer answer) => answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
