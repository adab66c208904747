using Scale.Model.Jobs;

namespace Scale.Model.Recipes;

/// <summary>Jobs by status, as recipes, batches and batch nodes count them (recipes.md §10.5); differences may be negative.</summary>
public readonly record struct JobCounts(int Pending, int Blocked, int Queued, int Running, int Failed, int Completed, int Canceled)
{
    public static readonly JobCounts Zero;

    public int Total => Pending + Blocked + Queued + Running + Failed + Completed + Canceled;

    public int this[JobStatus status] => status switch
    {
        JobStatus.Pending => Pending,
        JobStatus.Blocked => Blocked,
        JobStatus.Queued => Queued,
        JobStatus.Running => Running,
        JobStatus.Failed => Failed,
        JobStatus.Completed => Completed,
        JobStatus.Canceled => Canceled,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Unknown job status."),
    };

    /// <summary><paramref name="count"/> jobs of one status.</summary>
    public static JobCounts Of(JobStatus status, int count = 1) => status switch
    {
        JobStatus.Pending => Zero with { Pending = count },
        JobStatus.Blocked => Zero with { Blocked = count },
        JobStatus.Queued => Zero with { Queued = count },
        JobStatus.Running => Zero with { Running = count },
        JobStatus.Failed => Zero with { Failed = count },
        JobStatus.Completed => Zero with { Completed = count },
        JobStatus.Canceled => Zero with { Canceled = count },
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Unknown job status."),
    };

    public static JobCounts operator +(JobCounts left, JobCounts right) => new(
        left.Pending + right.Pending,
        left.Blocked + right.Blocked,
        left.Queued + right.Queued,
        left.Running + right.Running,
        left.Failed + right.Failed,
        left.Completed + right.Completed,
        left.Canceled + right.Canceled);

    public static JobCounts operator -(JobCounts left, JobCounts right) => left + -right;

    public static JobCounts operator -(JobCounts counts) => new(
        -counts.Pending, -counts.Blocked, -counts.Queued, -counts.Running, -counts.Failed, -counts.Completed, -counts.Canceled);
}
