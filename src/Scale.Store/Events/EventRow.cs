namespace Scale.Store.Events;

/// <summary>What a user or the system set off.</summary>
public sealed class EventRow
{
    public long Id { get; set; }
    public required string Type { get; set; }
    public required string Description { get; set; }
    public DateTime Occurred { get; set; }
}
