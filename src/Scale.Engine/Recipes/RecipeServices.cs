using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Scale.Engine.Batches;
using Scale.Engine.Commands;
using Scale.Engine.Jobs;

namespace Scale.Engine.Recipes;

public static class RecipeServices
{
    /// <summary>Registers recipe evaluation, reprocessing and batch creation; needs <see cref="IJobTransitions"/> besides. Calling it again adds nothing.</summary>
    public static IServiceCollection AddScaleRecipes(this IServiceCollection services)
    {
        services.TryAddSingleton<RecipeTypeCatalog>();
        services.TryAddSingleton(provider => new RecipeEvaluation(provider.GetRequiredService<RecipeTypeCatalog>(), () => provider.GetRequiredService<IJobTransitions>()));
        services.TryAddSingleton<IRecipeEvaluation>(provider => provider.GetRequiredService<RecipeEvaluation>());
        services.TryAddSingleton(provider => new RecipeReprocess(
            provider.GetRequiredService<RecipeTypeCatalog>(), provider.GetRequiredService<RecipeEvaluation>(), () => provider.GetRequiredService<IJobTransitions>()));
        services.AddScaleBatches();
        services.TryAddSingleton<ReprocessPlanner>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICommandHandler, ReprocessRecipe>());
        return services;
    }
}
