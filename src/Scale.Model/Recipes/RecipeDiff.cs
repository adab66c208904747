using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

public enum NodeChange { Unchanged, Changed, New, Deleted }

public sealed record NodeDiff(string Name, NodeChange Status, ImmutableArray<Problem> Changes, bool ReprocessNewNode, bool ForceReprocess);

/// <summary>What changed between two definitions and what has to run again (recipes.md §7).</summary>
public sealed class RecipeDiff
{
    private readonly RecipeGraph previous;
    private readonly RecipeGraph next;

    private RecipeDiff(RecipeGraph previous, RecipeGraph next)
    {
        this.previous = previous;
        this.next = next;
    }

    public static RecipeDiff Compute(RecipeDefinition previous, RecipeDefinition next, ForcedNodes forced)
    {
        var reasons = InputReasons(previous.Graph, next.Graph);
        var nodes = new NodeComparison(previous.Graph, next.Graph, forced, canBeReprocessed: reasons.IsEmpty).Run();
        var set = new Func<Func<NodeDiff, bool>, ImmutableSortedSet<string>>(wanted =>
            reasons.IsEmpty ? nodes.Values.Where(wanted).Select(n => n.Name).ToImmutableSortedSet(StringComparer.Ordinal) : []);
        var byName = next.Graph.Nodes.ToDictionary(n => n.Name, StringComparer.Ordinal);
        return new RecipeDiff(previous.Graph, next.Graph)
        {
            CanBeReprocessed = reasons.IsEmpty,
            Reasons = reasons,
            Nodes = nodes,
            Copy = set(n => n.Status != NodeChange.Deleted && !n.ReprocessNewNode),
            Supersede = set(n => n.Status is NodeChange.Deleted or NodeChange.Changed || (n.Status == NodeChange.Unchanged && n.ForceReprocess)),
            Unpublish = set(n => n.Status == NodeChange.Deleted),
            Full = set(n => byName.TryGetValue(n.Name, out var node) && node.Type is NodeType.Recipe && IsFull(node, n, next.Graph, nodes)),
        };
    }

    public required bool CanBeReprocessed { get; init; }
    public required ImmutableArray<Problem> Reasons { get; init; }
    public required ImmutableSortedDictionary<string, NodeDiff> Nodes { get; init; }

    /// <summary>Nodes the new recipe shares with the old one.</summary>
    public required ImmutableSortedSet<string> Copy { get; init; }

    /// <summary>Nodes of the old recipe that are superseded.</summary>
    public required ImmutableSortedSet<string> Supersede { get; init; }

    /// <summary>Nodes of the old recipe whose products are unpublished: the deleted ones.</summary>
    public required ImmutableSortedSet<string> Unpublish { get; init; }

    /// <summary>Sub-recipe nodes in which everything runs again.</summary>
    public required ImmutableSortedSet<string> Full { get; init; }

    public JsonObject ToJson() => new()
    {
        ["can_be_reprocessed"] = CanBeReprocessed,
        ["reasons"] = ToJson(Reasons),
        ["nodes"] = new JsonObject(next.Nodes.Concat(previous.Nodes.Where(p => Nodes[p.Name].Status == NodeChange.Deleted))
            .Select(node => KeyValuePair.Create(node.Name, (JsonNode?)ToJson(node)))),
    };

    private JsonObject ToJson(GraphNode node)
    {
        var diff = Nodes[node.Name];
        var graph = diff.Status == NodeChange.Deleted ? previous : next;
        var before = diff.Status is NodeChange.Changed or NodeChange.Unchanged ? previous.Nodes[previous.IndexOf(node.Name)].Type : null;
        var json = new JsonObject
        {
            ["status"] = diff.Status.ToString().ToUpperInvariant(),
            ["changes"] = ToJson(diff.Changes),
            ["reprocess_new_node"] = diff.ReprocessNewNode,
            ["force_reprocess"] = diff.ForceReprocess,
            ["dependencies"] = new JsonArray([.. node.Parents.Select(p => (JsonNode)new JsonObject { ["name"] = graph.Nodes[p.Index].Name })]),
        };
        if (before is not null && before.GetType() != node.Type.GetType())
        {
            json["prev_node_type"] = KindOf(before);
            before = null;
        }

        json["node_type"] = ToJson(node.Type, before);
        return json;
    }

    private static JsonObject ToJson(NodeType type, NodeType? before)
    {
        var json = new JsonObject { ["node_type"] = KindOf(type) };
        switch (type, before)
        {
            case (NodeType.Job job, var old):
                Add("job_type_name", job.Name, (old as NodeType.Job)?.Name);
                Add("job_type_version", job.Version, (old as NodeType.Job)?.Version);
                Add("job_type_revision", job.Revision, (old as NodeType.Job)?.Revision);
                break;
            case (NodeType.Recipe recipe, var old):
                Add("recipe_type_name", recipe.Name, (old as NodeType.Recipe)?.Name);
                Add("recipe_type_revision", recipe.Revision, (old as NodeType.Recipe)?.Revision);
                break;
        }

        return json;

        void Add<T>(string name, T value, object? old)
        {
            json[name] = JsonValue.Create(value);
            if (old is not null && !old.Equals(value))
            {
                json["prev_" + name] = JsonValue.Create(old);
            }
        }
    }

    private static JsonArray ToJson(IEnumerable<Problem> changes) =>
        new([.. changes.Select(c => (JsonNode)new JsonObject { ["name"] = c.Name, ["description"] = c.Description })]);

    private static string KindOf(NodeType type) => type switch
    {
        NodeType.Job => "job",
        NodeType.Recipe => "recipe",
        _ => "condition",
    };

    private static ImmutableArray<Problem> InputReasons(RecipeGraph previous, RecipeGraph next)
    {
        var (errors, _) = next.Input.CheckConnection(previous.Input);
        return errors.Count == 0
            ? []
            : [new Problem("INPUT_CHANGE", "", $"the new input does not accept the old one: {string.Join("; ", errors.Select(e => e.Description))}")];
    }

    private static bool IsFull(GraphNode node, NodeDiff diff, RecipeGraph graph, ImmutableSortedDictionary<string, NodeDiff> nodes) =>
        node.Parents.Any(p => nodes[graph.Nodes[p.Index].Name].ReprocessNewNode)
        || diff.Changes.Any(c => c.Name is not (NodeComparison.RecipeTypeChange or NodeComparison.RecipeTypeRevisionChange));
}
