namespace Scale.Store.Jobs;

/// <summary>How many jobs have a text of their source. Triggers add these rows; on PostgreSQL a count may be spread over several.</summary>
public sealed class JobSourceCountRow
{
    public long Id { get; set; }
    public JobSourceText Field { get; set; }
    public required string Value { get; set; }
    public long Jobs { get; set; }
}
