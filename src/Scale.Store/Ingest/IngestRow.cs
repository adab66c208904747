using Scale.Store.Files;

namespace Scale.Store.Ingest;

/// <summary>One file on its way from a workspace into the catalog.</summary>
public sealed class IngestRow
{
    public long Id { get; set; }
    public required string FileName { get; set; }
    public long? ScanId { get; set; }
    public ScanRow? Scan { get; set; }
    public long? StrikeId { get; set; }
    public short Status { get; set; }
    public long? BytesTransferred { get; set; }
    public DateTime? TransferStarted { get; set; }
    public DateTime? TransferEnded { get; set; }
    public required string MediaType { get; set; }
    public long? FileSize { get; set; }
    public string DataTypeTags { get; set; } = "[]";
    public required string FilePath { get; set; }
    public long WorkspaceId { get; set; }
    public WorkspaceRow Workspace { get; set; } = null!;
    public string NewFilePath { get; set; } = "";
    public long? NewWorkspaceId { get; set; }
    public WorkspaceRow? NewWorkspace { get; set; }
    public long? JobId { get; set; }
    public long? SourceFileId { get; set; }
    public string? Error { get; set; }
    public DateTime? IngestStarted { get; set; }
    public DateTime? IngestEnded { get; set; }
    public DateTime? DataStarted { get; set; }
    public DateTime? DataEnded { get; set; }
    public DateTime Created { get; set; }
    public DateTime LastModified { get; set; }
}
