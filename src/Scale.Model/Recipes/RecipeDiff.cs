using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

public enum NodeChange { Unchanged, Changed, New, Deleted }

public sealed record NodeDiff(string Name, NodeChange Status, ImmutableArray<Problem> Changes, bool ReprocessNewNode, bool ForceReprocess);

/// <summary>What changed between two definitions and what has to run again (recipes.md §7).</summary>
public sealed class RecipeDiff
{
    public static RecipeDiff Compute(RecipeDefinition previous, RecipeDefinition next, ForcedNodes forced) => throw new NotImplementedException();

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

    public JsonObject ToJson() => throw new NotImplementedException();
}
