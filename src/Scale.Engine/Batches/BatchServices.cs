using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scale.Engine.Commands;

namespace Scale.Engine.Batches;

internal static class BatchServices
{
    /// <summary>Registers the making of batches and what may be ordered of them. Calling it again adds nothing.</summary>
    public static void AddScaleBatches(this IServiceCollection services)
    {
        services.TryAddSingleton<BatchCreation>();
        services.TryAddSingleton<LegacyBatchCreation>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICommandHandler, CreateBatchRecipes>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICommandHandler, CreateLegacyBatchRecipes>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICommandHandler, HoldBatchQueue>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICommandHandler, CancelBatch>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICommandHandler, RetryFailedJobs>());
    }
}
