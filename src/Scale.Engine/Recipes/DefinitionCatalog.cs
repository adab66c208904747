using System.Collections.Frozen;
using System.Text.Json;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>The job types and recipe types that a definition may refer to, as they are stored now: what validation looks things up in.</summary>
public sealed class DefinitionCatalog : IRecipeCatalog
{
    private readonly Dictionary<(string Name, string Version, int Revision), Lazy<SeedManifest>> jobTypes = [];
    private readonly Dictionary<(string Name, string Version), int> currentJobTypes = [];
    private readonly Dictionary<(string Name, int Revision), Lazy<RecipeDefinition>> recipeTypes = [];
    private readonly Dictionary<string, int> currentRecipeTypes = new(StringComparer.Ordinal);

    private DefinitionCatalog()
    {
    }

    /// <summary>Reads everything that a definition document, of whatever age and however broken, and the recipe types below it name.</summary>
    public static async Task<DefinitionCatalog> Load(Session session, JsonElement definition)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        CollectTexts(definition, names);
        return await Load(session, names, names);
    }

    public static async Task<DefinitionCatalog> Load(Session session, IReadOnlyCollection<string> jobTypeNames, IReadOnlyCollection<string> recipeTypeNames)
    {
        var catalog = new DefinitionCatalog();
        var jobNames = jobTypeNames.ToHashSet(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = recipeTypeNames.ToFrozenSet(StringComparer.Ordinal);
        while (next.Count > 0)
        {
            seen.UnionWith(next);
            var found = await catalog.AddRecipeTypes(session, [.. next]);
            var nodes = found.SelectMany(d => d.Graph.Nodes).Select(n => n.Type).ToList();
            jobNames.UnionWith(nodes.OfType<NodeType.Job>().Select(n => n.Name));
            next = nodes.OfType<NodeType.Recipe>().Select(n => n.Name).Where(n => !seen.Contains(n)).ToFrozenSet(StringComparer.Ordinal);
        }

        await catalog.AddJobTypes(session, [.. jobNames]);
        return catalog;
    }

    public SeedManifest? JobType(string name, string version, int revision) => jobTypes.GetValueOrDefault((name, version, revision))?.Value;

    public int? CurrentJobTypeRevision(string name, string version) => currentJobTypes.TryGetValue((name, version), out var revision) ? revision : null;

    public RecipeDefinition? RecipeType(string name, int revision) => recipeTypes.GetValueOrDefault((name, revision))?.Value;

    public RecipeDefinition? LatestRecipeType(string name) => currentRecipeTypes.TryGetValue(name, out var revision) ? RecipeType(name, revision) : null;

    private static void CollectTexts(JsonElement json, HashSet<string> texts)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(json.GetString()!);
                break;
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    CollectTexts(member.Value, texts);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    CollectTexts(item, texts);
                }

                break;
        }
    }

    private async Task<List<RecipeDefinition>> AddRecipeTypes(Session session, string[] names)
    {
        foreach (var row in await RecipeTypeReads.RecipeTypeRevisions(session, names))
        {
            recipeTypes[(row.Name, row.Number)] = new Lazy<RecipeDefinition>(() => RecipeDefinition.FromText(row.Definition));
            currentRecipeTypes[row.Name] = row.Current;
        }

        return [.. names.Select(LatestRecipeType).OfType<RecipeDefinition>()];
    }

    private async Task AddJobTypes(Session session, string[] names)
    {
        foreach (var row in await RecipeTypeReads.JobTypeRevisions(session, names))
        {
            jobTypes[(row.Name, row.Version, row.Number)] = new Lazy<SeedManifest>(() => SeedManifest.FromText(row.Manifest));
            currentJobTypes[(row.Name, row.Version)] = row.Current;
        }
    }
}
