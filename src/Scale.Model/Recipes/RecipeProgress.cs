using System.Collections.Immutable;
using System.Runtime.InteropServices;
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

    /// <summary>Sub-recipe nodes: complete; anything in it is failed, canceled, blocked or can't go on; its jobs are BLOCKED because of a node before it.</summary>
    public bool IsCompleted { get; init; }
    public bool Blocks { get; init; }
    public bool IsHeldBack { get; init; }

    /// <summary>Condition nodes.</summary>
    public bool IsProcessed { get; init; }
    public bool IsAccepted { get; init; }

    /// <summary>Condition and sub-recipe nodes: the input did not fit, so it never starts.</summary>
    public bool HasError { get; init; }
}

/// <summary>Everything to do for one recipe now, by node index in topological order (recipes.md §10.6).</summary>
/// <param name="Create">Nodes to create, blocked ones included.</param>
/// <param name="CreateBlocked">Job nodes of <paramref name="Create"/> that start BLOCKED, and sub-recipe nodes whose jobs do.</param>
/// <param name="Queue">Job nodes to give input and queue; never also in <paramref name="CreateBlocked"/>, <paramref name="Block"/> or <paramref name="Unblock"/>.</param>
/// <param name="GiveInput">Sub-recipe nodes to give input.</param>
/// <param name="Decide">Condition nodes whose filter is to be evaluated.</param>
/// <param name="Block">Existing job nodes that go from PENDING to BLOCKED.</param>
/// <param name="Unblock">Existing job nodes that go from BLOCKED to PENDING.</param>
/// <param name="HoldBack">Existing sub-recipe nodes without input whose jobs are to be BLOCKED.</param>
/// <param name="Release">Existing sub-recipe nodes that are held back no longer.</param>
/// <param name="Pruned">Nodes that will never exist.</param>
/// <param name="IsDone">The recipe is complete (§10.4).</param>
public sealed record RecipeStep(
    ImmutableArray<int> Create,
    ImmutableArray<int> CreateBlocked,
    ImmutableArray<int> Queue,
    ImmutableArray<int> GiveInput,
    ImmutableArray<int> Decide,
    ImmutableArray<int> Block,
    ImmutableArray<int> Unblock,
    ImmutableArray<int> HoldBack,
    ImmutableArray<int> Release,
    ImmutableArray<int> Pruned,
    bool IsDone)
{
    internal static readonly RecipeStep Nothing = new([], [], [], [], [], [], [], [], [], [], false);

    internal static readonly RecipeStep Done = Nothing with { IsDone = true };
}

public static class RecipeProgress
{
    // Graphs up to this size are evaluated without touching the heap.
    private const int StackNodes = 256;

    [Flags]
    private enum Mark : ushort
    {
        Create = 1,
        CreateBlocked = 2,
        Queue = 4,
        GiveInput = 8,
        Decide = 16,
        Block = 32,
        Unblock = 64,
        Pruned = 128,
        HoldBack = 256,
        Release = 512,
        Listed = 1023,

        Waits = 1024,
        Blocks = 2048,
    }

    /// <summary>One pure pass over one recipe: gates, blocking, readiness and completion of recipes.md §10.2-§10.4.</summary>
    /// <param name="hasInput">Input data of the recipe was set. Without it nothing is ready and the recipe is not done, so that an
    /// empty sub-recipe is not done before the nodes in front of it.</param>
    /// <param name="nodes">One state per node of <paramref name="graph"/>, same order.</param>
    /// <param name="isHeldBack">A node before this recipe in its container blocks, and so does everything that starts this recipe.</param>
    /// <returns>
    /// <c>Create</c> lists the nodes to create unblocked or blocked alike (<c>CreateBlocked</c> is the subset that starts BLOCKED);
    /// a node in <c>Create</c> that is ready too is also in <c>Queue</c> (jobs), <c>GiveInput</c> (sub-recipes) or <c>Decide</c> (conditions).
    /// After conditions were decided the caller updates their states and calls again.
    /// </returns>
    /// <exception cref="ArgumentException">There is not one state per node.</exception>
    public static RecipeStep Advance(RecipeGraph graph, bool hasInput, ReadOnlySpan<NodeState> nodes, bool isHeldBack = false)
    {
        var compiled = graph.Nodes.AsSpan();
        if (nodes.Length != compiled.Length)
        {
            throw new ArgumentException($"{compiled.Length} nodes but {nodes.Length} states.", nameof(nodes));
        }

        Span<Mark> marks = compiled.Length <= StackNodes ? stackalloc Mark[StackNodes] : new Mark[compiled.Length];
        marks = marks[..compiled.Length];
        var all = default(Mark);
        var isDone = hasInput;
        for (var i = 0; i < compiled.Length; i++)
        {
            var mark = Evaluate(compiled, nodes, marks, i, hasInput, isHeldBack);
            marks[i] = mark;
            all |= mark;
            isDone &= nodes[i].Exists ? IsFinished(compiled[i].Type, nodes[i]) : (mark & Mark.Pruned) != 0;
        }

        if ((all & Mark.Listed) == 0)
        {
            return isDone ? RecipeStep.Done : RecipeStep.Nothing;
        }

        return new RecipeStep(
            Indexes(marks, all, Mark.Create),
            Indexes(marks, all, Mark.CreateBlocked),
            Indexes(marks, all, Mark.Queue),
            Indexes(marks, all, Mark.GiveInput),
            Indexes(marks, all, Mark.Decide),
            Indexes(marks, all, Mark.Block),
            Indexes(marks, all, Mark.Unblock),
            Indexes(marks, all, Mark.HoldBack),
            Indexes(marks, all, Mark.Release),
            Indexes(marks, all, Mark.Pruned),
            isDone);
    }

    private static Mark Evaluate(ReadOnlySpan<GraphNode> graph, ReadOnlySpan<NodeState> nodes, ReadOnlySpan<Mark> marks, int index, bool hasInput, bool isHeldBack)
    {
        var type = graph[index].Type;
        var state = nodes[index];
        bool isClosed = false, isUndecided = false, isReady = hasInput, parentBlocks = isHeldBack;
        foreach (var parent in graph[index].Parents)
        {
            var parentState = nodes[parent.Index];
            var parentMark = marks[parent.Index];
            parentBlocks |= (parentMark & Mark.Blocks) != 0;
            if (graph[parent.Index].Type is NodeType.Condition)
            {
                var isDecided = parentState is { Exists: true, IsProcessed: true };
                var isOpen = isDecided && parentState.IsAccepted == parent.Acceptance;
                isReady &= isOpen;
                isClosed |= (isDecided && !isOpen) || (parentMark & Mark.Pruned) != 0;
                isUndecided |= !isDecided;
            }
            else
            {
                isReady &= parentState.Exists && IsFinished(graph[parent.Index].Type, parentState);
                isClosed |= (parentMark & Mark.Pruned) != 0;
                isUndecided |= (parentMark & Mark.Waits) != 0;
            }
        }

        var mark = parentBlocks || (state.Exists && HoldsBack(type, state)) ? Mark.Blocks : 0;
        if (state.Exists)
        {
            return mark | Move(type, state, isReady, parentBlocks);
        }

        if (isClosed)
        {
            return mark | Mark.Pruned;
        }

        if (isUndecided)
        {
            return mark | Mark.Waits;
        }

        mark |= Mark.Create;
        if (isReady)
        {
            return mark | Start(type);
        }

        return parentBlocks && type is not NodeType.Condition ? mark | Mark.CreateBlocked : mark;
    }

    private static Mark Move(NodeType type, NodeState state, bool isReady, bool parentBlocks)
    {
        switch (type)
        {
            case NodeType.Job when state is { ExecutionCount: 0, Status: JobStatus.Pending or JobStatus.Blocked }:
                return isReady ? Mark.Queue
                    : parentBlocks && state.Status == JobStatus.Pending ? Mark.Block
                    : !parentBlocks && state.Status == JobStatus.Blocked ? Mark.Unblock
                    : 0;
            // What could not start stays as it is: the values that did not fit will not change.
            case NodeType.Recipe when state is { HasInput: false, HasError: false }:
                return (isReady ? Mark.GiveInput : 0) | (parentBlocks == state.IsHeldBack ? 0 : parentBlocks ? Mark.HoldBack : Mark.Release);
            case NodeType.Condition when state is { IsProcessed: false, HasError: false }:
                return isReady ? Mark.Decide : 0;
            default:
                return 0;
        }
    }

    private static Mark Start(NodeType type) => type switch
    {
        NodeType.Job => Mark.Queue,
        NodeType.Recipe => Mark.GiveInput,
        _ => Mark.Decide,
    };

    private static bool IsFinished(NodeType type, NodeState state) => type switch
    {
        NodeType.Job => state.Status == JobStatus.Completed,
        NodeType.Recipe => state.IsCompleted,
        _ => state.IsProcessed,
    };

    private static bool HoldsBack(NodeType type, NodeState state) => type switch
    {
        NodeType.Job => state.Status is JobStatus.Failed or JobStatus.Canceled,
        NodeType.Recipe => state.Blocks || state.HasError,
        _ => state.HasError && !state.IsProcessed,
    };

    private static ImmutableArray<int> Indexes(ReadOnlySpan<Mark> marks, Mark all, Mark wanted)
    {
        if ((all & wanted) == 0)
        {
            return [];
        }

        var count = 0;
        foreach (var mark in marks)
        {
            count += (mark & wanted) != 0 ? 1 : 0;
        }

        var indexes = new int[count];
        for (int i = 0, next = 0; i < marks.Length; i++)
        {
            if ((marks[i] & wanted) != 0)
            {
                indexes[next++] = i;
            }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(indexes);
    }
}
