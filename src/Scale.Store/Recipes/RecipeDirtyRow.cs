namespace Scale.Store.Recipes;

/// <summary>A recipe to evaluate again.</summary>
public sealed class RecipeDirtyRow
{
    public long Seq { get; set; }
    public long RecipeId { get; set; }
}
