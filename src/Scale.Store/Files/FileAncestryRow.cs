namespace Scale.Store.Files;

/// <summary>One step of provenance: a file that went into a job, and a product that came of it.</summary>
public sealed class FileAncestryRow
{
    public long Id { get; set; }
    public long AncestorId { get; set; }
    public long? DescendantId { get; set; }
    public long JobId { get; set; }
    public long? JobExeId { get; set; }
    public long? RecipeId { get; set; }
    public long? BatchId { get; set; }
    public DateTime Created { get; set; }
}
