using System.Buffers;
using System.Collections.Immutable;
using Scale.Model.Jobs;

namespace Scale.Model.Recipes;

/// <summary>A job at a node that came, went or moved; null is no job.</summary>
public readonly record struct NodeStateChange(int Index, JobStatus? Old, JobStatus? New);

/// <summary>
/// States of the nodes of one recipe as text, one character per graph node in graph order: <c>.</c> absent, <c>P</c> pending, <c>B</c> blocked,
/// <c>Q</c> queued, <c>R</c> running, <c>F</c> failed, <c>C</c> completed, <c>X</c> canceled, <c>s</c> sub-recipe, <c>b</c> sub-recipe in which something
/// blocks, <c>c</c> condition, <c>e</c> condition that can't be decided.
/// Stored with a recipe, the difference to its new states moves the counters of its batch without counting.
/// </summary>
public static class NodeStates
{
    public const char Absent = '.';
    public const char SubRecipe = 's';
    public const char BlockingSubRecipe = 'b';
    public const char Condition = 'c';
    public const char UndecidableCondition = 'e';

    private const string Jobs = "PBQRFCX";

    private static readonly SearchValues<char> Blocking = SearchValues.Create("BFXbe");
    private static readonly SearchValues<char> Ended = SearchValues.Create("CX.c");

    /// <exception cref="ArgumentException">There is not one state per node.</exception>
    public static string Encode(RecipeGraph graph, ReadOnlySpan<NodeState> nodes)
    {
        if (nodes.Length != graph.Nodes.Length)
        {
            throw new ArgumentException($"{graph.Nodes.Length} nodes but {nodes.Length} states.", nameof(nodes));
        }

        return string.Create(nodes.Length, new Source(graph, nodes), static (text, source) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = CharOf(source.Graph.Nodes[i].Type, source.Nodes[i]);
            }
        });
    }

    public static char CharOf(JobStatus status) => Jobs[(int)status];

    /// <returns>Status of the job behind that character, null when it stands for no job.</returns>
    /// <exception cref="ArgumentException">No such character.</exception>
    public static JobStatus? StatusOf(char state)
    {
        if (state is Absent or SubRecipe or BlockingSubRecipe or Condition or UndecidableCondition)
        {
            return null;
        }

        var status = Jobs.IndexOf(state);
        return status >= 0 ? (JobStatus)status : throw new ArgumentException($"'{state}' is no node state.", nameof(state));
    }

    /// <summary>Whether a recipe of these nodes blocks what comes after it in its container (recipes.md §10.3).</summary>
    public static bool Block(string states) => states.AsSpan().ContainsAny(Blocking);

    /// <summary>Whether all jobs completed or are canceled, without sub-recipes or conditions that have something of their own to say.</summary>
    public static bool HaveEnded(string states) => !states.AsSpan().ContainsAnyExcept(Ended);

    /// <summary>The jobs directly at the nodes; jobs inside sub-recipes are not in the text.</summary>
    public static JobCounts Count(string states)
    {
        var counts = JobCounts.Zero;
        foreach (var state in states)
        {
            if (StatusOf(state) is { } status)
            {
                counts += JobCounts.Of(status);
            }
        }

        return counts;
    }

    /// <summary>What happened to the jobs between two texts of one recipe; an empty old text is a recipe without nodes yet.</summary>
    /// <exception cref="ArgumentException">The texts are of different graphs.</exception>
    public static ImmutableArray<NodeStateChange> Delta(string old, string @new)
    {
        if (old.Length > 0 && old.Length != @new.Length)
        {
            throw new ArgumentException($"States of {old.Length} nodes cannot become states of {@new.Length}.", nameof(@new));
        }

        if (string.Equals(old, @new, StringComparison.Ordinal))
        {
            return [];
        }

        var changes = ImmutableArray.CreateBuilder<NodeStateChange>();
        for (var i = 0; i < @new.Length; i++)
        {
            var before = old.Length > 0 ? StatusOf(old[i]) : null;
            var after = StatusOf(@new[i]);
            if (before != after)
            {
                changes.Add(new NodeStateChange(i, before, after));
            }
        }

        return changes.DrainToImmutable();
    }

    private static char CharOf(NodeType type, NodeState state) => state.Exists
        ? type switch
        {
            NodeType.Job => CharOf(state.Status),
            NodeType.Recipe => state.Blocks || state.HasError ? BlockingSubRecipe : SubRecipe,
            _ => state is { HasError: true, IsProcessed: false } ? UndecidableCondition : Condition,
        }
        : Absent;

    private readonly ref struct Source(RecipeGraph graph, ReadOnlySpan<NodeState> nodes)
    {
        public RecipeGraph Graph { get; } = graph;
        public ReadOnlySpan<NodeState> Nodes { get; } = nodes;
    }
}
