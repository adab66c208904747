namespace Scale.Store.Recipes;

/// <summary>A job type used by the current definition of a recipe type.</summary>
public sealed class RecipeTypeJobTypeRow
{
    public long RecipeTypeId { get; set; }
    public long JobTypeId { get; set; }
}
