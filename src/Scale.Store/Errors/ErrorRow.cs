using Scale.Model.Errors;

namespace Scale.Store.Errors;

/// <summary>A builtin error or one of a manifest; <c>JobTypeName</c> is null for builtin ones.</summary>
public sealed class ErrorRow
{
    public long Id { get; set; }
    public required string Name { get; set; }
    public string? Title { get; set; }
    public string? Description { get; set; }
    public string? JobTypeName { get; set; }
    public ErrorCategory Category { get; set; }
    public bool IsBuiltin { get; set; }
    public bool ShouldBeRetried { get; set; }
    public DateTime Created { get; set; }
    public DateTime LastModified { get; set; }
}
