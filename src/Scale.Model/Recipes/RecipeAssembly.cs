using System.Collections.Immutable;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

/// <summary>Builds the graph of a draft: resolves names and orders the nodes (stages 2 and 3 of recipes.md §4.2).</summary>
internal sealed class RecipeAssembly
{
    private readonly RecipeDraft draft;
    private readonly List<Problem> problems;
    private readonly Dictionary<string, int> indexes = new(StringComparer.Ordinal);

    private RecipeAssembly(RecipeDraft draft, List<Problem> problems)
    {
        this.draft = draft;
        this.problems = problems;
        for (var i = 0; i < draft.Nodes.Count; i++)
        {
            indexes.TryAdd(draft.Nodes[i].Name, i);
        }
    }

    /// <returns>The graph, null when <paramref name="problems"/> holds anything at the end.</returns>
    public static RecipeGraph? Assemble(RecipeDraft draft, List<Problem> problems, List<Problem> warnings)
    {
        var assembly = new RecipeAssembly(draft, problems);
        foreach (var node in draft.Nodes)
        {
            assembly.CheckReferences(node);
        }

        var order = assembly.Order();
        foreach (var node in draft.Nodes)
        {
            assembly.Warn(node, warnings);
        }

        return problems.Count == 0 && order is not null ? assembly.Build(order) : null;
    }

    private void CheckReferences(DraftNode node)
    {
        foreach (var dependency in node.Dependencies)
        {
            if (!indexes.ContainsKey(dependency.Node))
            {
                problems.Add(new Problem("UNKNOWN_NODE", dependency.Path + "/name", $"Node '{node.Name}' depends on '{dependency.Node}', which is no node"));
            }
        }

        foreach (var connection in node.Connections)
        {
            if (connection.Node is null)
            {
                if (draft.Input is { } input && !input.Has(connection.Source))
                {
                    problems.Add(new Problem("UNKNOWN_INPUT", connection.Path + "/input", $"Node '{node.Name}', input '{connection.Input}': the recipe has no input '{connection.Source}'"));
                }
            }
            else if (!indexes.TryGetValue(connection.Node, out var source))
            {
                problems.Add(new Problem("UNKNOWN_NODE", connection.Path + "/node", $"Node '{node.Name}', input '{connection.Input}': '{connection.Node}' is no node"));
            }
            else if (draft.Nodes[source].Type is NodeType.Recipe)
            {
                problems.Add(new Problem(
                    "CONNECTION_INVALID_NODE",
                    connection.Path + "/node",
                    $"Node '{node.Name}', input '{connection.Input}': '{connection.Node}' is a sub-recipe and has no outputs"));
            }
        }
    }

    private void Warn(DraftNode node, List<Problem> warnings)
    {
        foreach (var dependency in node.Dependencies)
        {
            if (!dependency.Acceptance && indexes.TryGetValue(dependency.Node, out var parent) && draft.Nodes[parent].Type is NodeType.Job or NodeType.Recipe)
            {
                warnings.Add(new Problem(
                    "ACCEPTANCE_IGNORED",
                    dependency.Path + "/acceptance",
                    $"Node '{node.Name}' depends on '{dependency.Node}' with acceptance false, but only a condition can be not accepted"));
            }
        }

        if (node.Type is NodeType.Condition condition)
        {
            warnings.AddRange(condition.Filter.Check(condition.Interface).Select(w => w with
            {
                Path = node.Path + "/node_type/data_filter" + w.Path,
                Description = $"Node '{node.Name}': {w.Description}",
            }));
        }
    }

    /// <summary>Parents first, otherwise as the document has it, so that a definition written out reads back in the same order.</summary>
    private List<int>? Order()
    {
        var waiting = new int[draft.Nodes.Count];
        var children = new List<int>[draft.Nodes.Count];
        for (var i = 0; i < waiting.Length; i++)
        {
            children[i] = [];
        }

        for (var i = 0; i < waiting.Length; i++)
        {
            foreach (var parent in ParentsOf(i).Keys)
            {
                waiting[i]++;
                children[parent].Add(i);
            }
        }

        var free = new PriorityQueue<int, int>(Enumerable.Range(0, waiting.Length).Where(i => waiting[i] == 0).Select(i => (i, i)));
        var order = new List<int>(waiting.Length);
        while (free.TryDequeue(out var next, out _))
        {
            order.Add(next);
            foreach (var child in children[next])
            {
                if (--waiting[child] == 0)
                {
                    free.Enqueue(child, child);
                }
            }
        }

        if (order.Count == waiting.Length)
        {
            return order;
        }

        ReportCycle(waiting);
        return null;
    }

    private void ReportCycle(int[] waiting)
    {
        // Every node that still waits has a parent that still waits, so going up must come back to a node already seen.
        var path = new List<int>();
        var node = Array.FindIndex(waiting, w => w > 0);
        while (!path.Contains(node))
        {
            path.Add(node);
            node = ParentsOf(node).Keys.First(p => waiting[p] > 0);
        }

        var cycle = path.Skip(path.IndexOf(node)).Append(node).Reverse().Select(i => $"'{draft.Nodes[i].Name}'");
        problems.Add(new Problem("CIRCULAR_DEPENDENCY", draft.Nodes[node].Path + "/dependencies", $"Nodes depend on each other in a circle: {string.Join(" -> ", cycle)}"));
    }

    /// <summary>Known parents in document order; of two dependencies on one node the last counts.</summary>
    private OrderedDictionary<int, bool> ParentsOf(int node)
    {
        var parents = new OrderedDictionary<int, bool>();
        foreach (var dependency in draft.Nodes[node].Dependencies)
        {
            if (indexes.TryGetValue(dependency.Node, out var parent))
            {
                parents[parent] = dependency.Acceptance;
            }
        }

        return parents;
    }

    private RecipeGraph Build(List<int> order)
    {
        var place = new int[order.Count];
        for (var i = 0; i < place.Length; i++)
        {
            place[order[i]] = i;
        }

        var nodes = order.Select((drafted, index) =>
        {
            var node = draft.Nodes[drafted];
            return new GraphNode(
                index,
                node.Name,
                node.Type!,
                [.. ParentsOf(drafted).Select(p => new GraphParent(place[p.Key], p.Value))],
                [.. node.Connections.Select(c => new GraphConnection(c.Input, c.Node is null ? null : place[indexes[c.Node]], c.Source))]);
        });
        return new RecipeGraph(draft.Input ?? DataInterface.Empty, [.. nodes]);
    }
}
