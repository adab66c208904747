using Scale.Store.Files;

namespace Scale.Store.Datasets;

/// <summary>A file of a dataset, under the first parameter it came in by.</summary>
public sealed class DatasetFileRow
{
    public long Id { get; set; }
    public long DatasetId { get; set; }
    public long FileId { get; set; }
    public FileRow File { get; set; } = null!;
    public required string ParameterName { get; set; }
}
