namespace Scale.Store.Jobs;

/// <summary>How many jobs have a source that starts and ends in two hours. Triggers add these rows; on PostgreSQL a count may be spread over several.</summary>
public sealed class JobSourceHoursRow
{
    public long Id { get; set; }

    /// <summary>Hours since the year 1; -1 when it is not known.</summary>
    public long Started { get; set; }

    /// <summary>As the start.</summary>
    public long Ended { get; set; }
    public long Jobs { get; set; }
}
