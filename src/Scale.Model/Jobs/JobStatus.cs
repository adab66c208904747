namespace Scale.Model.Jobs;

/// <summary>Where a job stands. The numbers are stored; never renumber.</summary>
public enum JobStatus : short
{
    Pending = 0,
    Blocked = 1,
    Queued = 2,
    Running = 3,
    Failed = 4,
    Completed = 5,
    Canceled = 6,
}

/// <summary>Where an execution stands; one without a stored end is running. The numbers are those of <see cref="JobStatus"/>.</summary>
public enum ExecutionStatus : short
{
    Running = 3,
    Failed = 4,
    Completed = 5,
    Canceled = 6,
}
