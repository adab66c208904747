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
        var forced = DocumentReader.Open(json, errorName, problems, nullIsAbsent: true) is { } reader ? Read(reader, errorName) : null;
        return new Parsed<ForcedNodes>(problems.Count == 0 ? forced : null, problems, []);
    }

    public JsonObject ToJson() => new()
    {
        ["all"] = All,
        ["nodes"] = new JsonArray([.. Nodes.Select(n => (JsonNode)n)]),
        ["sub_recipes"] = new JsonObject(SubRecipes.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value.ToJson()))),
    };

    /// <summary>Whether the node itself is named, here or by having an entry in <see cref="SubRecipes"/>.</summary>
    public bool Forces(string nodeName) => All || Nodes.Contains(nodeName) || SubRecipes.ContainsKey(nodeName);

    /// <summary>What is forced inside the sub-recipe at that node.</summary>
    public ForcedNodes Inside(string nodeName) => All ? Everything : SubRecipes.GetValueOrDefault(nodeName) ?? None;

    private static ForcedNodes Read(DocumentReader reader, string errorName)
    {
        DocumentVersion.Check(reader, errorName);
        if (reader.Any("all") is null)
        {
            reader.Report("all", "is required");
        }

        var all = reader.Boolean("all", absent: false);
        var nodes = reader.Strings("nodes");
        var subRecipes = NoSubRecipes.ToBuilder();
        if (reader.Object("sub_recipes") is { } entries)
        {
            foreach (var name in entries.MemberNames())
            {
                if (entries.Object(name) is { } inside)
                {
                    subRecipes[name] = Read(inside, errorName);
                }
            }
        }

        reader.Close();
        return new ForcedNodes(all, NoNodes.Union(nodes), subRecipes.ToImmutable());
    }
}
