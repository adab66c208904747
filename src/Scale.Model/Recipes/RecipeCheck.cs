using System.Collections;
using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.Recipes;

/// <summary>Holds a graph against what it refers to: lookup, interfaces and recursion (recipes.md §4.2, §4.3).</summary>
internal sealed class RecipeCheck
{
    private readonly RecipeGraph graph;
    private readonly IRecipeCatalog catalog;
    private readonly SeedManifest?[] manifests;
    private readonly RecipeDefinition?[] definitions;
    private readonly BitArray[] ancestors;
    private readonly ILookup<int, int> acceptingChildren;
    private readonly List<Problem> errors = [];
    private readonly List<Problem> warnings = [];

    public RecipeCheck(RecipeGraph graph, IRecipeCatalog catalog)
    {
        this.graph = graph;
        this.catalog = catalog;
        manifests = new SeedManifest?[graph.Nodes.Length];
        definitions = new RecipeDefinition?[graph.Nodes.Length];
        acceptingChildren = graph.Nodes.SelectMany(n => n.Parents.Where(p => p.Acceptance).Select(p => (Parent: p.Index, Child: n.Index))).ToLookup(p => p.Parent, p => p.Child);
        ancestors = new BitArray[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            var above = ancestors[node.Index] = new BitArray(graph.Nodes.Length);
            foreach (var parent in node.Parents)
            {
                above[parent.Index] = true;
                above.Or(ancestors[parent.Index]);
            }
        }
    }

    public (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Run(string? ownName)
    {
        foreach (var node in graph.Nodes)
        {
            LookUp(node);
        }

        foreach (var node in graph.Nodes)
        {
            CheckInterface(node);
        }

        if (ownName is not null)
        {
            CheckRecursion(ownName);
        }

        return (errors, warnings);
    }

    /// <returns>The problem of a node that refers to a type or revision that is not there; null when it is.</returns>
    public static Problem? Missing(string node, string path, NodeType? type, IRecipeCatalog catalog) => type switch
    {
        NodeType.Job job when catalog.JobType(job.Name, job.Version, job.Revision) is null => new Problem(
            "JOB_TYPE_DOES_NOT_EXIST",
            path + "/node_type",
            $"Node '{node}': there is no revision {job.Revision} of job type '{job.Name}' of version '{job.Version}'"),
        NodeType.Recipe recipe when catalog.RecipeType(recipe.Name, recipe.Revision) is null => new Problem(
            "RECIPE_TYPE_DOES_NOT_EXIST",
            path + "/node_type",
            $"Node '{node}': there is no revision {recipe.Revision} of recipe type '{recipe.Name}'"),
        _ => null,
    };

    private static string PathOf(GraphNode node) => "/nodes/" + DocumentReader.Escape(node.Name);

    private void LookUp(GraphNode node)
    {
        switch (node.Type)
        {
            case NodeType.Job job:
                manifests[node.Index] = catalog.JobType(job.Name, job.Version, job.Revision);
                break;
            case NodeType.Recipe recipe:
                definitions[node.Index] = catalog.RecipeType(recipe.Name, recipe.Revision);
                break;
        }

        if (Missing(node.Name, PathOf(node), node.Type, catalog) is { } missing)
        {
            errors.Add(missing);
        }
    }

    private void CheckInterface(GraphNode node)
    {
        var target = node.Type switch
        {
            NodeType.Job => manifests[node.Index]?.InputInterface,
            NodeType.Recipe => definitions[node.Index]?.Graph.Input,
            NodeType.Condition condition => condition.Interface,
            _ => null,
        };
        var files = new List<FileParameter>();
        var json = new List<JsonParameter>();
        var unjudged = new HashSet<string>(StringComparer.Ordinal);
        foreach (var connection in node.Connections)
        {
            if (Sender(node, connection) is not { } sender)
            {
                unjudged.Add(connection.Input);
            }
            else if (sender.FindFile(connection.Source) is { } file)
            {
                files.Add(file with { Name = connection.Input });
            }
            else if (sender.FindJson(connection.Source) is { } value)
            {
                json.Add(value with { Name = connection.Input });
            }
            else
            {
                unjudged.Add(connection.Input);
                Report(node, connection.Input, $"input '{connection.Input}': node '{graph.Nodes[connection.Node!.Value].Name}' has no output '{connection.Source}'");
            }
        }

        if (target is null)
        {
            return;
        }

        // A parameter whose connection was already refused, or could not be looked up, is not missing as well.
        var judged = new DataInterface(
            target.Files.Where(f => !unjudged.Contains(f.Name)).ToList(),
            target.Json.Where(j => !unjudged.Contains(j.Name)).ToList());
        var (problems, mismatches) = judged.CheckConnection(new DataInterface(files, json));
        foreach (var problem in problems)
        {
            Report(node, null, problem.Description);
        }

        warnings.AddRange(mismatches.Select(w => w with { Path = PathOf(node) + "/input", Description = $"Node '{node.Name}': {w.Description}" }));
    }

    /// <summary>What a connection may take values from; null when that is unknown or not allowed (then reported).</summary>
    private DataInterface? Sender(GraphNode node, GraphConnection connection)
    {
        if (connection.Node is not { } source)
        {
            return graph.Input;
        }

        var from = graph.Nodes[source];
        if (!ancestors[node.Index][source])
        {
            Report(node, connection.Input, $"input '{connection.Input}' takes output '{connection.Source}' of node '{from.Name}' without depending on it");
            return null;
        }

        return from.Type switch
        {
            NodeType.Job => manifests[source]?.OutputInterface,
            NodeType.Condition condition => PassedThrough(condition, source, node.Index),
            _ => null,
        };
    }

    /// <summary>Outputs of a condition. Where it is known to have accepted, every parameter that all its filters need is there.</summary>
    private DataInterface PassedThrough(NodeType.Condition condition, int source, int node)
    {
        if (!condition.Filter.All || !acceptingChildren[source].Any(child => child == node || ancestors[node][child]))
        {
            return condition.Interface;
        }

        var tested = condition.Filter.Items.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        return new DataInterface(
            condition.Interface.Files.Select(f => tested.Contains(f.Name) ? f with { Required = true } : f).ToList(),
            condition.Interface.Json.Select(j => tested.Contains(j.Name) ? j with { Required = true } : j).ToList());
    }

    private void Report(GraphNode node, string? input, string description) => errors.Add(new Problem(
        "NODE_INTERFACE",
        PathOf(node) + "/input" + (input is null ? "" : "/" + DocumentReader.Escape(input)),
        $"Node '{node.Name}': {description}"));

    private void CheckRecursion(string ownName)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Queue<(string In, RecipeGraph Graph)>([(ownName, graph)]);
        while (pending.TryDequeue(out var next))
        {
            foreach (var sub in next.Graph.Nodes.Select(n => n.Type).OfType<NodeType.Recipe>())
            {
                if (sub.Name == ownName)
                {
                    errors.Add(new Problem("RECURSIVE_SUBRECIPES", "/nodes", $"Recipe type '{ownName}' would contain itself: it is found in recipe type '{next.In}'"));
                    return;
                }

                if (seen.Add(sub.Name) && catalog.LatestRecipeType(sub.Name) is { } latest)
                {
                    pending.Enqueue((sub.Name, latest.Graph));
                }
            }
        }
    }
}
