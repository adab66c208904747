using System.Collections.Immutable;
using Scale.Model.Data;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

/// <summary>Small graphs for tests: parents by name, <c>!name</c> for a parent that must not accept.</summary>
internal sealed class GraphBuilder
{
    private readonly List<GraphNode> nodes = [];

    public GraphBuilder Job(string name, params string[] parents) => Add(name, new NodeType.Job(name, "1.0.0", 1), parents);

    public GraphBuilder Recipe(string name, params string[] parents) => Add(name, new NodeType.Recipe(name, 1), parents);

    public GraphBuilder Condition(string name, params string[] parents) => Add(name, new NodeType.Condition(DataInterface.Empty, DataFilter.AcceptAll), parents);

    public RecipeGraph Build() => new(DataInterface.Empty, [.. nodes]);

    private GraphBuilder Add(string name, NodeType type, string[] parents)
    {
        var edges = parents.Select(p => new GraphParent(nodes.FindIndex(n => n.Name == p.TrimStart('!')), !p.StartsWith('!')));
        nodes.Add(new GraphNode(nodes.Count, name, type, edges.ToImmutableArray(), []));
        return this;
    }
}
