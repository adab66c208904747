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

    /// <summary>Ends and removes a container; returns when there is none of the name, however long the engine takes to say so.</summary>
    public async Task Now(string container, IReadOnlyList<string> volumes, CancellationToken cancel)
    {
        // Both engines count a container that is not there as no failure when they are told to force it, but not in every version.
        await engine.CallUntil(["rm", "--force", "--volumes", container], answer => answer.IsGood || answer.SaysNoSuch, log, cancel);
        if (volumes.Count > 0)
        {
            await Remove(["volume", "rm", "--force", .. volumes], cancel);
        }
    }

    /// <summary>Removes all containers and volumes with the owner's label, but those of the executions that are kept.</summary>
    /// <param name="kept">Names of their containers.</param>
    public async Task LeftOvers(string owner, IReadOnlySet<string> kept, CancellationToken cancel)
    {
        try
        {
            await RemoveLeftOvers(owner, kept, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
        catch (Exception e) when (e is TimeoutException or Win32Exception)
        {
            log.LogWarning("Containers that an earlier server left can't be looked for now, the next start tries again: {Reason}", e.Message);
        }
    }

    /// <summary>Stops; what waits is left to the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    private async Task RemoveLeftOvers(string owner, IReadOnlySet<string> kept, CancellationToken cancel)
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
