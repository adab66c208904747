namespace Scale.Store.Recipes;

/// <summary>A graph of jobs, conditions and sub-recipes; the definition is the current one.</summary>
public sealed class RecipeTypeRow
{
    public long Id { get; set; }
    public required string Name { get; set; }
    public required string Title { get; set; }
    public string? Description { get; set; }
    public bool IsActive { get; set; } = true;
    public bool IsSystem { get; set; }
    public required string Definition { get; set; }
    public long RevisionId { get; set; }
    public int RevisionNum { get; set; }
    public DateTime Created { get; set; }
    public DateTime? Deprecated { get; set; }
    public DateTime LastModified { get; set; }
    public string? UpdateError { get; set; }
}
