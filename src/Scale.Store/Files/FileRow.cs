using Scale.Store.Batches;
using Scale.Store.JobTypes;
using Scale.Store.Recipes;

namespace Scale.Store.Files;

/// <summary>A source or product file. Lists and objects are JSON text, geometry is well-known text.</summary>
public sealed class FileRow
{
    public long Id { get; set; }
    public required string FileName { get; set; }
    public long WorkspaceId { get; set; }
    public WorkspaceRow Workspace { get; set; } = null!;
    public required string FilePath { get; set; }
    public FileType FileType { get; set; }
    public required string MediaType { get; set; }
    public long FileSize { get; set; }
    public required string Uuid { get; set; }
    public string? Checksum { get; set; }
    public string DataTypeTags { get; set; } = "[]";
    public string Countries { get; set; } = "[]";
    public string MetaData { get; set; } = "{}";
    public string? Geometry { get; set; }
    public string? CenterPoint { get; set; }
    public DateTime? DataStarted { get; set; }
    public DateTime? DataEnded { get; set; }
    public DateTime? SourceStarted { get; set; }
    public DateTime? SourceEnded { get; set; }
    public string? SourceSensorClass { get; set; }
    public string? SourceSensor { get; set; }
    public string? SourceCollection { get; set; }
    public string? SourceTask { get; set; }
    public long? JobId { get; set; }
    public long? JobExeId { get; set; }
    public long? JobTypeId { get; set; }
    public JobTypeRow? JobType { get; set; }
    public string? JobOutput { get; set; }
    public long? RecipeId { get; set; }
    public long? RecipeTypeId { get; set; }
    public RecipeTypeRow? RecipeType { get; set; }
    public string? RecipeNode { get; set; }
    public long? BatchId { get; set; }
    public BatchRow? Batch { get; set; }
    public bool IsDeleted { get; set; }
    public bool IsSuperseded { get; set; }
    public bool IsPublished { get; set; }
    public bool HasBeenPublished { get; set; }
    public bool IsParsed { get; set; }
    public DateTime? Deleted { get; set; }
    public DateTime? Superseded { get; set; }
    public DateTime? Published { get; set; }
    public DateTime? Unpublished { get; set; }
    public DateTime? Parsed { get; set; }
    public DateTime Created { get; set; }
    public DateTime LastModified { get; set; }
}
