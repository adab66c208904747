using Scale.Model.Jobs;

namespace Scale.Store.JobTypes;

/// <summary>How many jobs of a type last changed into a status within ten minutes. Triggers add these rows; a count may be spread over several.</summary>
public sealed class JobCountRow
{
    public long Id { get; set; }
    public long Bucket { get; set; }
    public long JobTypeId { get; set; }
    public JobStatus Status { get; set; }
    public long ErrorId { get; set; }

    /// <summary>0 for none.</summary>
    public long BatchId { get; set; }
    public bool IsSuperseded { get; set; }

    /// <summary>Of the last change of any kind, in the same steps.</summary>
    public long Changed { get; set; }
    public long Jobs { get; set; }

    /// <summary>When the sources of these jobs start at the latest, in microseconds; jobs that left may have widened it. Null where none says.</summary>
    public long? LatestSourceStart { get; set; }

    public long? EarliestSourceEnd { get; set; }
}
