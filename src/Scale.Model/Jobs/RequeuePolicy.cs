namespace Scale.Model.Jobs;

public enum RequeueAction
{
    /// <summary>The job stays as it is.</summary>
    Skip,

    /// <summary>The job is queued anew with the next execution number and fresh tries.</summary>
    Queue,

    /// <summary>The job, canceled before it was ever queued, becomes PENDING again.</summary>
    Uncancel,
}

/// <summary>What a requeue request does to a job (jobs-and-queue.md §7, §13.6).</summary>
public static class RequeuePolicy
{
    /// <param name="isNamed">Whether the request names this job's id or its status; only then QUEUED and RUNNING jobs start again.</param>
    public static RequeueAction Decide(JobStatus status, int executions, bool hasInput, bool isSuperseded, bool isNamed)
    {
        if (isSuperseded || status == JobStatus.Completed || (status is JobStatus.Queued or JobStatus.Running && !isNamed))
        {
            return RequeueAction.Skip;
        }

        if (executions == 0)
        {
            return status == JobStatus.Canceled ? RequeueAction.Uncancel : RequeueAction.Skip;
        }

        return hasInput && JobLifecycle.CanMove(status, JobStatus.Queued) && status is not (JobStatus.Pending or JobStatus.Blocked)
            ? RequeueAction.Queue
            : RequeueAction.Skip;
    }

    /// <summary>Tries allowed after a requeue: the job type's number on top of what was used, as far as an integer goes.</summary>
    public static int MaxTries(int executions, int jobTypeMaxTries) => (int)Math.Min(int.MaxValue, (long)executions + jobTypeMaxTries);
}
