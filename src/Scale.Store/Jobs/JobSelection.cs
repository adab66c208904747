using Scale.Model.Errors;
using Scale.Model.Jobs;

namespace Scale.Store.Jobs;

/// <summary>Which jobs a request to cancel or requeue means (jobs-and-queue.md §7). All filters add up, an empty one filters nothing.</summary>
public sealed record JobSelection
{
    /// <summary>The request named filters of which nothing was left, so it means no job.</summary>
    public bool IsNothing { get; init; }

    /// <summary>Bounds of <c>last_modified</c>, both inclusive.</summary>
    public DateTime? Started { get; init; }

    public DateTime? Ended { get; init; }

    public IReadOnlyList<JobStatus> Statuses { get; init; } = [];

    /// <summary>Distinct, descending.</summary>
    public IReadOnlyList<long> JobIds { get; init; } = [];

    public IReadOnlyList<long> JobTypeIds { get; init; } = [];

    public IReadOnlyList<long> BatchIds { get; init; } = [];

    /// <summary>Recipes that created the jobs.</summary>
    public IReadOnlyList<long> RecipeIds { get; init; } = [];

    public IReadOnlyList<long> ErrorIds { get; init; } = [];

    public IReadOnlyList<string> JobTypeNames { get; init; } = [];

    public IReadOnlyList<ErrorCategory> ErrorCategories { get; init; } = [];

    public bool? IsSuperseded { get; init; }

    /// <summary>Whether jobs of a status that goes on by itself are asked for by id or by status.</summary>
    public bool Names(JobStatus status) => JobIds.Count > 0 || Statuses.Contains(status);
}

/// <summary>What a request does to the jobs it selects.</summary>
public enum JobAction
{
    Cancel,
    Requeue,
}
