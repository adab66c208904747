namespace Scale.Model.Recipes;

/// <param name="IsPruned">It will never exist; otherwise it waits.</param>
/// <param name="Reason">For people; names the node or condition that decides.</param>
public sealed record AbsentNode(GraphNode Node, bool IsPruned, string Reason);

/// <summary>Why nodes of a recipe do not exist: the gates of recipes.md §10.2 in words.</summary>
public static class AbsentNodes
{
    /// <param name="nodes">One state per node of <paramref name="graph"/>, same order.</param>
    /// <returns>One entry per node that does not exist, parents first.</returns>
    public static IReadOnlyList<AbsentNode> Explain(RecipeGraph graph, ReadOnlySpan<NodeState> nodes)
    {
        var absent = new Dictionary<int, AbsentNode>();
        foreach (var node in graph.Nodes)
        {
            if (!nodes[node.Index].Exists)
            {
                absent[node.Index] = Explain(graph, nodes, node, absent);
            }
        }

        return [.. absent.OrderBy(a => a.Key).Select(a => a.Value)];
    }

    private static AbsentNode Explain(RecipeGraph graph, ReadOnlySpan<NodeState> nodes, GraphNode node, Dictionary<int, AbsentNode> absent)
    {
        string? waiting = null;
        foreach (var (index, acceptance) in node.Parents)
        {
            var name = graph.Nodes[index].Name;
            if (absent.TryGetValue(index, out var parent))
            {
                if (parent.IsPruned)
                {
                    return new AbsentNode(node, true, $"'{name}' before it will never exist");
                }

                waiting ??= $"'{name}' before it does not exist yet";
            }
            else if (graph.Nodes[index].Type is NodeType.Condition)
            {
                var condition = nodes[index];
                if (condition.IsProcessed && condition.IsAccepted != acceptance)
                {
                    return new AbsentNode(node, true, $"condition '{name}' was {(condition.IsAccepted ? "" : "not ")}accepted");
                }

                waiting ??= condition.IsProcessed ? null : condition.HasError ? $"condition '{name}' can't be decided" : $"condition '{name}' is not decided yet";
            }
        }

        return new AbsentNode(node, false, waiting ?? "the recipe is not evaluated yet");
    }
}
