using Microsoft.Extensions.Hosting;
using Scale.Store.Databases;

namespace Scale.Engine.Clusters.Simulated;

/// <summary>Lets time pass for the simulated cluster of a real server.</summary>
public sealed class SimulatedClusterDriver(SimulatedCluster cluster, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changed = new SemaphoreSlim(0);
        cluster.Changed = () => changed.Release();
        try
        {
            while (true)
            {
                var wait = cluster.NextDue is { } next ? next - Time.Now(clock) : Longest;
                if (wait > TimeSpan.Zero)
                {
                    await changed.WaitAsync(wait < Longest ? wait : Longest, stoppingToken);
                }

                await cluster.RunDue(Environment.ProcessorCount, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends; its simulated executions end with it.
        }
    }
}
