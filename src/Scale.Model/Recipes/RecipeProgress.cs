using System.Collections.Immutable;
using Scale.Model.Jobs;

namespace Scale.Model.Recipes;

/// <summary>What is stored about one node of a recipe; <c>default</c> means the node does not exist yet.</summary>
public readonly record struct NodeState
{
    public bool Exists { get; init; }

    /// <summary>Job nodes only.</summary>
    public JobStatus Status { get; init; }
    public int ExecutionCount { get; init; }

    /// <summary>Job and sub-recipe nodes: input data was set (possibly with no values in it).</summary>
    public bool HasInput { get; init; }

    /// <summary>Sub-recipe nodes: complete; and whether any of its jobs is failed, canceled or blocked.</summary>
    public bool IsCompleted { get; init; }
    public bool HoldsBlockingJobs { get; init; }

    /// <summary>Condition nodes.</summary>
    public bool IsProcessed { get; init; }
    public bool IsAccepted { get; init; }
    public bool HasError { get; init; }
}

/// <summary>Everything to do for one recipe now, by node index in topological order (recipes.md §10.6).</summary>
public sealed record RecipeStep(
    ImmutableArray<int> Create,
    ImmutableArray<int> CreateBlocked,
    ImmutableArray<int> Queue,
    ImmutableArray<int> GiveInput,
    ImmutableArray<int> Decide,
    ImmutableArray<int> Block,
    ImmutableArray<int> Unblock,
    ImmutableArray<int> Pruned,
    bool IsDone);

public static class RecipeProgress
{
    /// <summary>One pure pass over one recipe: gates, blocking, readiness and completion of recipes.md §10.2-§10.4.</summary>
    /// <param name="hasInput">Input data of the recipe was set.</param>
    /// <param name="nodes">One state per node of <paramref name="graph"/>, same order.</param>
    /// <returns>
    /// <c>Create</c> lists the nodes to create unblocked or blocked alike (<c>CreateBlocked</c> is the subset that starts BLOCKED);
    /// a node in <c>Create</c> that is ready too is also in <c>Queue</c> (jobs), <c>GiveInput</c> (sub-recipes) or <c>Decide</c> (conditions).
    /// After conditions were decided the caller updates their states and calls again.
    /// </returns>
    public static RecipeStep Advance(RecipeGraph graph, bool hasInput, ReadOnlySpan<NodeState> nodes) => throw new NotImplementedException();
}
