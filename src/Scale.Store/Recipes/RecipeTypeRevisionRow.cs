namespace Scale.Store.Recipes;

/// <summary>A frozen definition of a recipe type.</summary>
public sealed class RecipeTypeRevisionRow
{
    public long Id { get; set; }
    public long RecipeTypeId { get; set; }
    public RecipeTypeRow RecipeType { get; set; } = null!;
    public int RevisionNum { get; set; }
    public required string Definition { get; set; }
    public DateTime Created { get; set; }
}
