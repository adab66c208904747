using Scale.Model.Jobs;

namespace Scale.Store.Jobs;

/// <summary>How many jobs of a type are in a status. Triggers add these rows; on PostgreSQL a count may be spread over several.</summary>
public sealed class JobTotalRow
{
    public long Id { get; set; }
    public long JobTypeId { get; set; }
    public JobStatus Status { get; set; }

    /// <summary>0 without.</summary>
    public long ErrorId { get; set; }

    /// <summary>0 for none.</summary>
    public long BatchId { get; set; }
    public bool IsSuperseded { get; set; }
    public long Jobs { get; set; }
}
