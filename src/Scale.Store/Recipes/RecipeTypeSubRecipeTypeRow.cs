namespace Scale.Store.Recipes;

/// <summary>A recipe type used by the current definition of another.</summary>
public sealed class RecipeTypeSubRecipeTypeRow
{
    public long RecipeTypeId { get; set; }
    public long SubRecipeTypeId { get; set; }
}
