using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scale.Engine.Clusters.Local;
using Scale.Engine.Clusters.Simulated;
using Scale.Engine.Logs;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Clusters;

public static class ClusterServices
{
    /// <summary>The cluster of the options, workspace brokers and logs.</summary>
    public static IServiceCollection AddScaleCluster(this IServiceCollection services, EngineOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(options);
        services.AddSingleton<WorkspaceBrokers>();
        services.AddSingleton<PackedLogs>();
        services.AddSingleton<ExecutionLogs>();
        if (options.Cluster == ClusterKind.Local)
        {
            services.AddSingleton<ICluster, LocalCluster>();
            return services;
        }

        services.AddSingleton(provider => new SimulatedCluster(
            provider.GetRequiredService<WorkspaceBrokers>(), provider.GetRequiredService<IReportSink>(), provider.GetRequiredService<TimeProvider>(), options.SimulatedNodes));
        services.AddSingleton<ICluster>(provider => provider.GetRequiredService<SimulatedCluster>());
        services.AddHostedService<SimulatedClusterDriver>();
        return services;
    }
}
