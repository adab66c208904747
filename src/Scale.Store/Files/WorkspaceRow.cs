namespace Scale.Store.Files;

/// <summary>A place where files are kept.</summary>
public sealed class WorkspaceRow
{
    public long Id { get; set; }
    public required string Name { get; set; }
    public required string Title { get; set; }
    public string? Description { get; set; }
    public string? BaseUrl { get; set; }
    public bool IsActive { get; set; } = true;
    public bool IsMoveEnabled { get; set; } = true;
    public required string Configuration { get; set; }
    public DateTime Created { get; set; }
    public DateTime? Deprecated { get; set; }
    public DateTime LastModified { get; set; }
}
