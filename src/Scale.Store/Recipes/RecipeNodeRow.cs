using Scale.Store.Jobs;

namespace Scale.Store.Recipes;

/// <summary>What stands at one node of a recipe: a job, a sub-recipe or a condition.</summary>
public sealed class RecipeNodeRow
{
    public long RecipeId { get; set; }
    public RecipeRow Recipe { get; set; } = null!;
    public required string NodeName { get; set; }
    public long? JobId { get; set; }
    public JobRow? Job { get; set; }
    public long? SubRecipeId { get; set; }
    public RecipeRow? SubRecipe { get; set; }
    public long? ConditionId { get; set; }
    public RecipeConditionRow? Condition { get; set; }
    public bool IsOriginal { get; set; } = true;
}
