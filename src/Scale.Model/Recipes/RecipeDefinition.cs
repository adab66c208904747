using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.Recipes;

/// <summary>What a definition may refer to. Pure callers give dictionaries, the store gives cached rows.</summary>
public interface IRecipeCatalog
{
    /// <summary>Manifest of that exact revision, null when name, version or revision is unknown.</summary>
    SeedManifest? JobType(string name, string version, int revision);

    /// <summary>Current revision of a job type, null when unknown (v1 definitions pin it).</summary>
    int? CurrentJobTypeRevision(string name, string version);

    /// <summary>Definition of that exact revision, null when unknown.</summary>
    RecipeDefinition? RecipeType(string name, int revision);

    /// <summary>Latest definition, null when unknown (recursion check).</summary>
    RecipeDefinition? LatestRecipeType(string name);
}

/// <summary>A recipe definition, v6/v7 or converted from v1 (recipes.md §4).</summary>
public sealed record RecipeDefinition
{
    public required RecipeGraph Graph { get; init; }

    /// <summary>Grammar, graph build and order (stages 1-3 of recipes.md §4.2). v1 documents need the catalog for current revisions.</summary>
    public static Parsed<RecipeDefinition> Parse(JsonElement json, IRecipeCatalog? catalog = null) => throw new NotImplementedException();

    public static RecipeDefinition FromText(string text) => throw new NotImplementedException();

    /// <summary>Lookup, interfaces and recursion (the later stages of §4.2).</summary>
    /// <param name="ownName">Name of the recipe type when it is known; enables the recursion check.</param>
    public (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Check(IRecipeCatalog catalog, string? ownName = null) => throw new NotImplementedException();

    /// <summary>Stored text, with version 7.</summary>
    public string ToText() => throw new NotImplementedException();

    /// <summary>Output form of §4.4: no top-level version.</summary>
    public JsonObject ToJson() => throw new NotImplementedException();
}
