using Microsoft.Extensions.DependencyInjection;
using Scale.Engine;
using Scale.Engine.Clusters;
using Scale.Engine.Executions;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Model.Scheduling;
using Scale.Store.Databases;

namespace Scale.Api.Tests.Hosting;

/// <summary>A leader that does whatever requests left for it, on a cluster where executions start and go on for ever.</summary>
public sealed class JobLeader : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private JobLeader(ServiceProvider services) => this.services = services;

    public static async Task<JobLeader> Start(Database database, TimeProvider? clock = null)
    {
        var collection = new ServiceCollection().AddSingleton(clock ?? TimeProvider.System).AddSingleton(database).AddSingleton<ICluster, EndlessCluster>();
        var leader = new JobLeader(collection.AddScaleLeader().AddScaleRecipes().BuildServiceProvider());
        await leader.Leader.Start(await LeaderLease.Raise(database, clock ?? TimeProvider.System, "test", default), default);
        return leader;
    }

    private Leader Leader => services.GetRequiredService<Leader>();

    /// <summary>Steps until there is nothing to do.</summary>
    public async Task Settle()
    {
        Leader.LookAgain();
        while (await Leader.Step(default))
        {
        }
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();

    private sealed class EndlessCluster : ICluster
    {
        public string Name => "endless";

        public bool StartsInTurn => false;

        public Task<IReadOnlyList<ClusterNode>> Discover(CancellationToken cancel) =>
            Task.FromResult<IReadOnlyList<ClusterNode>>([new ClusterNode("node-1", Resources.Of(cpus: 4, mem: 8_192, disk: 100_000))]);

        public Task Launch(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel) => Task.CompletedTask;

        public Task Kill(IReadOnlyList<ExecutionKey> executions, CancellationToken cancel) => Task.CompletedTask;

        public Task Adopt(IReadOnlyList<ExecutionSpec> executions, CancellationToken cancel) => Task.CompletedTask;

        public Task Settle(IReadOnlyList<ExecutionKey> executions, CancellationToken cancel) => Task.CompletedTask;
    }
}
