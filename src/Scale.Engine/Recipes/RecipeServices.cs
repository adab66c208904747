using Microsoft.Extensions.DependencyInjection;
using Scale.Engine.Batches;
using Scale.Engine.Commands;
using Scale.Engine.Jobs;

namespace Scale.Engine.Recipes;

public static class RecipeServices
{
    /// <summary>Registers recipe evaluation, reprocessing and batch creation; needs <see cref="IJobTransitions"/> besides.</summary>
    public static IServiceCollection AddScaleRecipes(this IServiceCollection services)
    {
        services.AddSingleton<RecipeTypeCatalog>();
        services.AddSingleton(provider => new RecipeEvaluation(provider.GetRequiredService<RecipeTypeCatalog>(), () => provider.GetRequiredService<IJobTransitions>()));
        services.AddSingleton<IRecipeEvaluation>(provider => provider.GetRequiredService<RecipeEvaluation>());
        services.AddSingleton(provider => new RecipeReprocess(
            provider.GetRequiredService<RecipeTypeCatalog>(), provider.GetRequiredService<RecipeEvaluation>(), () => provider.GetRequiredService<IJobTransitions>()));
        services.AddSingleton<BatchCreation>();
        services.AddSingleton<ICommandHandler, CreateBatchRecipes>();
        return services;
    }
}
