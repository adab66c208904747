using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scale.Engine.Clusters;
using Scale.Engine.Commands;
using Scale.Engine.Ingest;
using Scale.Engine.Jobs;
using Scale.Engine.JobTypes;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Engine.Scheduling;
using Scale.Store.Files;
using Scale.Store.JobTypes;

namespace Scale.Engine;

public static class EngineServices
{
    /// <summary>
    /// Everything that turns the engine in this process. Needs the opened <see cref="Store.Databases.Database"/> as a service; the loop starts with the host.
    /// </summary>
    public static IServiceCollection AddScaleEngine(this IServiceCollection services, EngineOptions options)
    {
        services.AddSingleton(_ => SecretVault.Open(options.SecretKeyPath));
        services.AddScaleLeader();
        services.AddScaleRecipes();
        services.AddScaleIngest();
        services.AddScaleCluster(options);
        services.AddSingleton(options);
        services.AddSingleton<ILeaderLock>(_ => options.PostgresConnection is { } connection ? new PostgresLeaderLock(connection) : new FileLeaderLock(options.LeaderLockPath));
        services.AddSingleton<LeaderService>();
        services.AddHostedService(provider => provider.GetRequiredService<LeaderService>());
        return services;
    }

    /// <summary>The leader without its loop, lock, recipes, cluster and key file.</summary>
    public static IServiceCollection AddScaleLeader(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddSingleton<EngineSignal>();
        services.AddSingleton<ReportInbox>();
        services.AddSingleton<IReportSink>(provider => provider.GetRequiredService<ReportInbox>());
        services.TryAddSingleton(_ => SecretVault.InMemory());
        services.AddSingleton<Instance>();
        services.AddSingleton<JobTypeCatalog>();
        services.AddSingleton<WorkspaceCatalog>();
        services.AddSingleton<QueueIndex>();
        services.AddSingleton<RunningExecutions>();
        services.AddSingleton<JobPaces>();
        services.AddSingleton<ClusterNodes>();
        services.AddSingleton<ExecutionSpecs>();
        services.AddSingleton<ResultReuse>();

        // Evaluation moves jobs and moving jobs touches recipes, so one of the two has to be looked up late.
        services.AddSingleton<Func<IRecipeEvaluation>>(provider => provider.GetRequiredService<IRecipeEvaluation>);
        services.AddSingleton<JobTransitions>();
        services.AddSingleton<IJobTransitions>(provider => provider.GetRequiredService<JobTransitions>());
        services.AddSingleton<BulkCancel>();
        services.AddSingleton<EngineWriter>();
        services.AddSingleton<Completer>();
        services.AddSingleton<Scheduler>();
        services.AddSingleton<ExecutionWatch>();
        services.AddSingleton<JobCountUpkeep>();
        services.TryAddSingleton(JobOperationLimits.Default);
        services.AddSingleton<ICommandHandler, JobOperationHandler>();
        services.AddSingleton<ICommandHandler, NoteQueuedJobs>();
        services.AddSingleton<LoadSnapshots>();
        services.AddSingleton<CommandRunner>();
        services.AddSingleton<LeaderStart>();
        services.AddSingleton<Leader>();
        return services;
    }
}
