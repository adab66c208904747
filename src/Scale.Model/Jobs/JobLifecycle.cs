namespace Scale.Model.Jobs;

/// <summary>Every legal move of a job (jobs-and-queue.md §13.1). Guards on input, executions and superseding are the caller's.</summary>
public static class JobLifecycle
{
    /// <summary>Whether a job may go from one status to another; QUEUED to QUEUED is a requeue.</summary>
    public static bool CanMove(JobStatus from, JobStatus to) => (from, to) switch
    {
        (JobStatus.Pending, JobStatus.Blocked or JobStatus.Queued or JobStatus.Canceled) => true,
        (JobStatus.Blocked, JobStatus.Pending or JobStatus.Queued or JobStatus.Canceled) => true,
        (JobStatus.Queued, JobStatus.Running or JobStatus.Queued or JobStatus.Canceled) => true,
        (JobStatus.Running, JobStatus.Completed or JobStatus.Failed or JobStatus.Queued or JobStatus.Canceled) => true,
        (JobStatus.Failed, JobStatus.Queued or JobStatus.Canceled) => true,
        (JobStatus.Canceled, JobStatus.Queued or JobStatus.Pending) => true,
        _ => false,
    };

    /// <summary>Whether nothing moves a job in this status but a person.</summary>
    public static bool HasEnded(JobStatus status) => status is JobStatus.Completed or JobStatus.Failed or JobStatus.Canceled;
}
