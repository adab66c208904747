using Scale.Store.RecipeTypes;

namespace Scale.Api.V6.RecipeTypes;

/// <summary>The plain form of a recipe type (recipes.md §2).</summary>
public record RecipeTypeAnswer(
    long Id, string Name, string Title, string? Description, int RevisionNum, bool IsActive, bool IsSystem, DateTime Created, DateTime? Deprecated, DateTime LastModified)
{
    public static RecipeTypeAnswer Of(StoredRecipeType t) =>
        new(t.Id, t.Name, t.Title, t.Description, t.RevisionNum, t.IsActive, t.IsSystem, t.Created, t.Deprecated, t.LastModified);
}

public sealed record JobTypeVersion(string Name, string Version);
