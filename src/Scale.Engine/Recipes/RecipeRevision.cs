using System.Collections.Immutable;
using Scale.Model.Data;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>A recipe type revision, read once and ready for evaluation.</summary>
/// <param name="Targets">What each node of the graph makes, by node index; null at conditions.</param>
public sealed record RecipeRevision(
    long Id, long RecipeTypeId, string TypeName, int Number, RecipeDefinition Definition, ImmutableArray<NodeTarget?> Targets)
{
    public RecipeGraph Graph => Definition.Graph;

    public bool HasConditions { get; } = Definition.Graph.Nodes.Any(n => n.Type is NodeType.Condition);

    public bool HasSubRecipes { get; } = Definition.Graph.Nodes.Any(n => n.Type is NodeType.Recipe);
}

/// <summary>What a node makes: jobs or recipes of one exact revision.</summary>
public abstract record NodeTarget
{
    public sealed record Job(long JobTypeId, long RevisionId, SeedManifest Manifest, DataInterface Inputs) : NodeTarget;

    public sealed record Recipe(long RecipeTypeId, long RevisionId, DataInterface Inputs) : NodeTarget;
}
