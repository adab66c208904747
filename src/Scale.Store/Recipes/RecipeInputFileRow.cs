using Scale.Store.Files;

namespace Scale.Store.Recipes;

/// <summary>A file that went into a recipe under an input name.</summary>
public sealed class RecipeInputFileRow
{
    public long RecipeId { get; set; }
    public RecipeRow Recipe { get; set; } = null!;
    public required string InputName { get; set; }
    public long FileId { get; set; }
    public FileRow File { get; set; } = null!;
}
