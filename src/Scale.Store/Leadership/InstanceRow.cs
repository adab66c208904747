namespace Scale.Store.Leadership;

/// <summary>A named fact of this installation.</summary>
public sealed class InstanceRow
{
    public required string Name { get; set; }
    public required string Value { get; set; }
}
