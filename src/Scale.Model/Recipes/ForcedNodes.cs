using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

/// <summary>Nodes to run again although unchanged (recipes.md §6).</summary>
public sealed record ForcedNodes(bool All, ImmutableSortedSet<string> Nodes, ImmutableSortedDictionary<string, ForcedNodes> SubRecipes)
{
    private static readonly ImmutableSortedSet<string> NoNodes = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    private static readonly ImmutableSortedDictionary<string, ForcedNodes> NoSubRecipes = ImmutableSortedDictionary.Create<string, ForcedNodes>(StringComparer.Ordinal);

    public static readonly ForcedNodes None = new(false, NoNodes, NoSubRecipes);

    public static readonly ForcedNodes Everything = new(true, NoNodes, NoSubRecipes);

    /// <param name="errorName">Name given to problems: <c>INVALID_FORCED_NODES</c>, or a batch's <c>INVALID_BATCH_DEFINITION</c>.</param>
    public static Parsed<ForcedNodes> Parse(JsonElement json, string errorName = "INVALID_FORCED_NODES")
    {
        var problems = new List<Problem>();
        var forced = DocumentReader.Open(json, errorName, problems) is { } reader ? Read(reader, errorName) : null;
        return problems.Count == 0 ? new Parsed<ForcedNodes>(forced, [], []) : new Parsed<ForcedNodes>(null, problems, []);
    }

    /// <summary>Reads an object inside another document; problems go to that document's reader.</summary>
    internal static ForcedNodes Read(DocumentReader reader, string errorName)
    {
        DocumentVersion.Check(reader, errorName);
        if (!reader.Has("all"))
        {
            reader.Report("all", "is required: true forces every node, false the listed ones");
        }

        var all = reader.Boolean("all", absent: false);
        var nodes = reader.Strings("nodes").ToImmutableSortedSet(StringComparer.Ordinal);
        var subRecipes = NoSubRecipes.ToBuilder();
        if (reader.Object("sub_recipes") is { } subs)
        {
            foreach (var name in subs.MemberNames())
            {
                if (subs.Object(name, required: true) is { } sub)
                {
                    subRecipes[name] = Read(sub, errorName);
                }
            }

            subs.Close();
        }

        reader.Close();
        return new ForcedNodes(all, nodes, subRecipes.ToImmutable());
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    public static ForcedNodes FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    public JsonObject ToJson() => new()
    {
        ["all"] = All,
        ["nodes"] = new JsonArray([.. Nodes.Select(n => (JsonNode)n)]),
        ["sub_recipes"] = new JsonObject(SubRecipes.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.ToJson()))),
    };

    /// <summary>Whether nothing is forced.</summary>
    public bool IsEmpty => !All && Nodes.IsEmpty && SubRecipes.IsEmpty;

    /// <summary>Whether the node itself is named, here or by having an entry in <see cref="SubRecipes"/>.</summary>
    public bool Forces(string nodeName) => All || Nodes.Contains(nodeName) || SubRecipes.ContainsKey(nodeName);

    /// <summary>What is forced inside the sub-recipe at that node.</summary>
    public ForcedNodes Inside(string nodeName) => All ? Everything : SubRecipes.GetValueOrDefault(nodeName) ?? None;

    /// <summary>Holds the names against a definition (recipes.md §6): unknown nodes and entries for nodes that are no sub-recipes are errors.</summary>
    /// <returns>Errors INVALID_FORCED_NODES; warnings NOTHING_FORCED_INSIDE (a sub-recipe without entry) and FORCED_BY_SUB_RECIPE (an entry not in <see cref="Nodes"/>).</returns>
    public (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Check(RecipeDefinition definition, IRecipeCatalog catalog)
    {
        var errors = new List<Problem>();
        var warnings = new List<Problem>();
        Check(definition, catalog, "", errors, warnings);
        return (errors, warnings);
    }

    private void Check(RecipeDefinition definition, IRecipeCatalog catalog, string path, List<Problem> errors, List<Problem> warnings)
    {
        if (All)
        {
            return;
        }

        var types = definition.Graph.Nodes.ToDictionary(n => n.Name, n => n.Type, StringComparer.Ordinal);
        foreach (var name in Nodes)
        {
            if (!types.TryGetValue(name, out var type))
            {
                errors.Add(new Problem("INVALID_FORCED_NODES", $"{path}/nodes", $"the recipe has no node '{name}'"));
            }
            else if (type is NodeType.Recipe && !SubRecipes.ContainsKey(name))
            {
                warnings.Add(new Problem("NOTHING_FORCED_INSIDE", $"{path}/nodes", $"sub-recipe '{name}' is made anew, but nothing unchanged in it runs again; add it to sub_recipes"));
            }
        }

        foreach (var (name, inner) in SubRecipes)
        {
            var place = $"{path}/sub_recipes/{DocumentReader.Escape(name)}";
            if (types.GetValueOrDefault(name) is not NodeType.Recipe sub)
            {
                errors.Add(new Problem("INVALID_FORCED_NODES", place, types.ContainsKey(name) ? $"node '{name}' is no sub-recipe" : $"the recipe has no node '{name}'"));
            }
            else
            {
                if (!Nodes.Contains(name))
                {
                    warnings.Add(new Problem("FORCED_BY_SUB_RECIPE", place, $"sub-recipe '{name}' is not in nodes, but is forced by what is forced inside"));
                }

                if (catalog.RecipeType(sub.Name, sub.Revision) is { } pinned)
                {
                    inner.Check(pinned, catalog, place, errors, warnings);
                }
            }
        }
    }
}
