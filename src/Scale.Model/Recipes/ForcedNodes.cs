using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

/// <summary>Nodes to run again although unchanged (recipes.md §6).</summary>
public sealed record ForcedNodes(bool All, ImmutableSortedSet<string> Nodes, ImmutableSortedDictionary<string, ForcedNodes> SubRecipes)
{
    public static readonly ForcedNodes None = new(false, [], ImmutableSortedDictionary<string, ForcedNodes>.Empty);

    public static readonly ForcedNodes Everything = new(true, [], ImmutableSortedDictionary<string, ForcedNodes>.Empty);

    /// <param name="errorName">Name given to problems: <c>INVALID_FORCED_NODES</c>, or a batch's <c>INVALID_BATCH_DEFINITION</c>.</param>
    public static Parsed<ForcedNodes> Parse(JsonElement json, string errorName = "INVALID_FORCED_NODES") => throw new NotImplementedException();

    public JsonObject ToJson() => throw new NotImplementedException();

    /// <summary>Whether the node itself is named, here or by having an entry in <see cref="SubRecipes"/>.</summary>
    public bool Forces(string nodeName) => throw new NotImplementedException();

    /// <summary>What is forced inside the sub-recipe at that node.</summary>
    public ForcedNodes Inside(string nodeName) => throw new NotImplementedException();
}
