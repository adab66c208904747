using System.Collections.Immutable;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

/// <summary>Compares the nodes of two definitions by name, parents first, so that a change reaches all descendants (recipes.md §7).</summary>
internal sealed class NodeComparison(RecipeGraph previous, RecipeGraph next, ForcedNodes forced, bool canBeReprocessed)
{
    public const string RecipeTypeChange = "RECIPE_TYPE_CHANGE";
    public const string RecipeTypeRevisionChange = "RECIPE_TYPE_REVISION_CHANGE";

    private readonly Dictionary<string, NodeDiff> diffs = new(StringComparer.Ordinal);
    private readonly HashSet<string> forcedNames = new(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, NodeDiff> Run()
    {
        var old = previous.Nodes.ToDictionary(n => n.Name, StringComparer.Ordinal);
        foreach (var node in next.Nodes)
        {
            // Forcing a node forces what comes after it.
            if (forced.Forces(node.Name) || node.Parents.Any(p => forcedNames.Contains(next.Nodes[p.Index].Name)))
            {
                forcedNames.Add(node.Name);
            }

            var changes = old.TryGetValue(node.Name, out var before) ? Changes(before, node) : [];
            var status = before is null ? NodeChange.New : changes.IsEmpty ? NodeChange.Unchanged : NodeChange.Changed;
            var isForced = forcedNames.Contains(node.Name);
            diffs[node.Name] = new NodeDiff(node.Name, status, changes, canBeReprocessed && (status != NodeChange.Unchanged || isForced), isForced);
        }

        foreach (var node in previous.Nodes.Where(n => !diffs.ContainsKey(n.Name)))
        {
            diffs[node.Name] = new NodeDiff(node.Name, NodeChange.Deleted, [], ReprocessNewNode: false, ForceReprocess: false);
        }

        return diffs.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    private ImmutableArray<Problem> Changes(GraphNode before, GraphNode node)
    {
        var changes = ImmutableArray.CreateBuilder<Problem>();
        AddTypeChanges(before.Type, node.Type, changes);
        AddParentChanges(before, node, changes);
        AddInputChanges(before, node, changes);
        return changes.ToImmutable();
    }

    private static void AddTypeChanges(NodeType before, NodeType now, ImmutableArray<Problem>.Builder changes)
    {
        switch (before, now)
        {
            case (NodeType.Job old, NodeType.Job job):
                Add("JOB_TYPE_CHANGE", "job type", old.Name, job.Name);
                Add("JOB_TYPE_VERSION_CHANGE", "version", old.Version, job.Version);
                Add("JOB_TYPE_REVISION_CHANGE", "revision", old.Revision, job.Revision);
                break;
            case (NodeType.Recipe old, NodeType.Recipe recipe):
                Add(RecipeTypeChange, "recipe type", old.Name, recipe.Name);
                Add(RecipeTypeRevisionChange, "revision", old.Revision, recipe.Revision);
                break;
            case (NodeType.Condition old, NodeType.Condition condition):
                if (!old.Filter.IsSameAs(condition.Filter) || !old.Interface.IsSameAs(condition.Interface))
                {
                    changes.Add(new Problem("FILTER_CHANGE", "", "the condition tests something else"));
                }

                break;
            default:
                changes.Add(new Problem("NODE_TYPE_CHANGE", "", $"{before.GetType().Name.ToLowerInvariant()} -> {now.GetType().Name.ToLowerInvariant()}"));
                break;
        }

        void Add<T>(string name, string what, T old, T value)
        {
            if (!EqualityComparer<T>.Default.Equals(old, value))
            {
                changes.Add(new Problem(name, "", $"{what} {old} -> {value}"));
            }
        }
    }

    private void AddParentChanges(GraphNode before, GraphNode node, ImmutableArray<Problem>.Builder changes)
    {
        var oldParents = before.Parents.ToDictionary(p => previous.Nodes[p.Index].Name, p => p.Acceptance, StringComparer.Ordinal);
        var parents = node.Parents.ToDictionary(p => next.Nodes[p.Index].Name, p => p.Acceptance, StringComparer.Ordinal);
        foreach (var name in parents.Keys)
        {
            if (!oldParents.ContainsKey(name))
            {
                changes.Add(new Problem("PARENT_NEW", "", $"parent {name} is new"));
            }
            else if (diffs[name].Status == NodeChange.Changed)
            {
                changes.Add(new Problem("PARENT_CHANGED", "", $"parent {name} changed"));
            }
        }

        changes.AddRange(oldParents.Keys.Where(name => !parents.ContainsKey(name)).Select(name => new Problem("PARENT_REMOVED", "", $"parent {name} was removed")));
        changes.AddRange(parents.Where(p => oldParents.TryGetValue(p.Key, out var acceptance) && acceptance != p.Value)
            .Select(p => new Problem("PARENT_ACCEPTANCE_CHANGED", "", $"acceptance of parent {p.Key} is now {(p.Value ? "true" : "false")}")));
    }

    private void AddInputChanges(GraphNode before, GraphNode node, ImmutableArray<Problem>.Builder changes)
    {
        var oldInputs = before.Connections.ToDictionary(c => c.Input, c => SourceOf(previous, c), StringComparer.Ordinal);
        var inputs = node.Connections.ToDictionary(c => c.Input, c => SourceOf(next, c), StringComparer.Ordinal);
        foreach (var (input, source) in inputs)
        {
            if (!oldInputs.TryGetValue(input, out var oldSource))
            {
                changes.Add(new Problem("INPUT_NEW", "", $"input {input} is new"));
            }
            else if (oldSource != source)
            {
                changes.Add(new Problem("INPUT_CHANGE", "", $"input {input} comes from {Text(source)} instead of {Text(oldSource)}"));
            }
        }

        changes.AddRange(oldInputs.Keys.Where(name => !inputs.ContainsKey(name)).Select(name => new Problem("INPUT_REMOVED", "", $"input {name} was removed")));
    }

    private static (string? Node, string Source) SourceOf(RecipeGraph graph, GraphConnection connection) =>
        (connection.Node is { } index ? graph.Nodes[index].Name : null, connection.Source);

    private static string Text((string? Node, string Source) source) => source.Node is { } node ? $"{node}.{source.Source}" : $"recipe input {source.Source}";
}
