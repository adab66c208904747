using System.Collections.Frozen;
using System.Collections.Immutable;
using Scale.Model.Data;

namespace Scale.Model.Recipes;

/// <summary>A recipe definition compiled for evaluation: nodes in topological order, edges by index. One per revision, cached.</summary>
/// <remarks>Every parent stands before its children, and <c>Nodes[i].Index == i</c>.</remarks>
public sealed record RecipeGraph
{
    private readonly FrozenDictionary<string, int> indexes;

    public RecipeGraph(DataInterface input, ImmutableArray<GraphNode> nodes)
    {
        Input = input;
        Nodes = nodes;
        indexes = nodes.ToFrozenDictionary(n => n.Name, n => n.Index, StringComparer.Ordinal);
    }

    public DataInterface Input { get; }

    public ImmutableArray<GraphNode> Nodes { get; }

    /// <returns>Index of the node, -1 when the graph has no node of that name.</returns>
    public int IndexOf(string nodeName) => indexes.GetValueOrDefault(nodeName, -1);

    public void Deconstruct(out DataInterface input, out ImmutableArray<GraphNode> nodes) => (input, nodes) = (Input, Nodes);
}

/// <param name="Type">What the definition says the node is (pinned job type revision, sub recipe type revision or condition).</param>
public sealed record GraphNode(int Index, string Name, NodeType Type, ImmutableArray<GraphParent> Parents, ImmutableArray<GraphConnection> Connections);

public readonly record struct GraphParent(int Index, bool Acceptance);

/// <summary>One input of a node: from the recipe's input (<paramref name="Node"/> is null) or from an ancestor's output.</summary>
/// <param name="Source">Name of the recipe input or of the ancestor's output.</param>
public sealed record GraphConnection(string Input, int? Node, string Source);

public abstract record NodeType
{
    public sealed record Job(string Name, string Version, int Revision) : NodeType;

    public sealed record Recipe(string Name, int Revision) : NodeType;

    public sealed record Condition(DataInterface Interface, DataFilter Filter) : NodeType;
}
