namespace Scale.Store.JobTypes;

/// <summary>An algorithm in one version; manifest and configuration are the current ones.</summary>
public sealed class JobTypeRow
{
    public long Id { get; set; }
    public required string Name { get; set; }
    public required string Version { get; set; }
    public required string VersionOrder { get; set; }
    public required string Title { get; set; }
    public required string Description { get; set; }
    public bool IsActive { get; set; } = true;
    public bool IsPaused { get; set; }
    public bool IsSystem { get; set; }
    public bool IsPublished { get; set; }
    public bool IsLongRunning { get; set; }
    public string? IconCode { get; set; }
    public int? MaxScheduled { get; set; }
    public int MaxTries { get; set; } = 3;
    public required string DockerImage { get; set; }
    public required string Manifest { get; set; }
    public string Configuration { get; set; } = "{}";
    public long RevisionId { get; set; }
    public int RevisionNum { get; set; }
    public string? UnmetResources { get; set; }
    public DateTime? UnmetSince { get; set; }
    public DateTime Created { get; set; }
    public DateTime? Deprecated { get; set; }
    public DateTime? Paused { get; set; }
    public DateTime LastModified { get; set; }
}
