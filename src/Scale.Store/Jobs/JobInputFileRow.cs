using Scale.Store.Files;

namespace Scale.Store.Jobs;

/// <summary>A file that went into a job under an input name.</summary>
public sealed class JobInputFileRow
{
    public long JobId { get; set; }
    public JobRow Job { get; set; } = null!;
    public required string InputName { get; set; }
    public long FileId { get; set; }
    public FileRow File { get; set; } = null!;
}
