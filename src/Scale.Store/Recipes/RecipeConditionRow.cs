namespace Scale.Store.Recipes;

/// <summary>A condition of a recipe.</summary>
public sealed class RecipeConditionRow
{
    public long Id { get; set; }
    public long RecipeId { get; set; }
    public long RootRecipeId { get; set; }
    public long? BatchId { get; set; }
    public string? Data { get; set; }
    public bool IsProcessed { get; set; }
    public bool IsAccepted { get; set; }
    public string? Error { get; set; }
    public DateTime Created { get; set; }
    public DateTime? Processed { get; set; }
    public DateTime LastModified { get; set; }
}
