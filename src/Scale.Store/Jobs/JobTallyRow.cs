namespace Scale.Store.Jobs;

/// <summary>A kept count of jobs, or a difference to it: the rows of one kind of job add up. Triggers of the job table write it.</summary>
public sealed class JobTallyRow
{
    public long Id { get; set; }
    public long JobTypeId { get; set; }
    public Model.Jobs.JobStatus Status { get; set; }
    public bool IsSuperseded { get; set; }

    /// <summary>0 for none.</summary>
    public long BatchId { get; set; }
    public long Jobs { get; set; }
}
