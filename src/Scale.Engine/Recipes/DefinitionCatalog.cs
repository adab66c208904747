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
    private readonly Dictionary<(string Name, int Revision), RecipeDefinition> recipeTypes = [];
    private readonly Dictionary<string, int> currentRecipeTypes = new(StringComparer.Ordinal);

    private DefinitionCatalog()
    {
    }

    /// <summary>
    /// Reads what a definition document, of whatever age and however broken, refers to, and the recipe types below it. Of types with many revisions only
    /// the current one is read and those whose number stands somewhere in the document.
    /// </summary>
    public static async Task<DefinitionCatalog> Load(Session session, JsonElement definition)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<int>();
        Collect(definition, names, numbers);
        var catalog = new DefinitionCatalog();
        await catalog.AddJobTypes(session, [.. names], [.. numbers]);
        await catalog.AddRecipeTypes(session, names, numbers);
        return catalog;
    }

    /// <summary>Reads the recipe types at the nodes of a definition and below; no job types.</summary>
    public static async Task<DefinitionCatalog> LoadRecipeTypes(Session session, RecipeDefinition definition)
    {
        var catalog = new DefinitionCatalog();
        var pins = PinsOf([definition]);
        await catalog.AddRecipeTypes(session, pins.Select(p => p.Name), pins.Select(p => p.Revision));
        return catalog;
    }

    public SeedManifest? JobType(string name, string version, int revision) => jobTypes.GetValueOrDefault((name, version, revision))?.Value;

    public int? CurrentJobTypeRevision(string name, string version) => currentJobTypes.TryGetValue((name, version), out var revision) ? revision : null;

    public RecipeDefinition? RecipeType(string name, int revision) => recipeTypes.GetValueOrDefault((name, revision));

    public RecipeDefinition? LatestRecipeType(string name) => currentRecipeTypes.TryGetValue(name, out var revision) ? RecipeType(name, revision) : null;

    private static void Collect(JsonElement json, HashSet<string> texts, HashSet<int> numbers)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(json.GetString()!);
                break;
            case JsonValueKind.Number when json.TryGetInt32(out var number):
                numbers.Add(number);
                break;
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    Collect(member.Value, texts, numbers);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Collect(item, texts, numbers);
                }

                break;
        }
    }

    private static List<NodeType.Recipe> PinsOf(IEnumerable<RecipeDefinition> definitions) =>
        [.. definitions.SelectMany(d => d.Graph.Nodes).Select(n => n.Type).OfType<NodeType.Recipe>().Distinct()];

    /// <summary>One statement per level of sub-recipes.</summary>
    private async Task AddRecipeTypes(Session session, IEnumerable<string> names, IEnumerable<int> numbers)
    {
        var asked = new HashSet<NodeType.Recipe>();
        var (nextNames, nextNumbers) = (names.Distinct().ToArray(), numbers.Distinct().ToArray());
        while (nextNames.Length > 0)
        {
            var found = new List<RecipeDefinition>();
            foreach (var row in await RecipeTypeReads.RecipeTypeRevisions(session, nextNames, nextNumbers))
            {
                currentRecipeTypes[row.Name] = row.Current;
                if (!recipeTypes.ContainsKey((row.Name, row.Number)))
                {
                    recipeTypes[(row.Name, row.Number)] = RecipeDefinition.FromText(row.Definition);
                    found.Add(recipeTypes[(row.Name, row.Number)]);
                }
            }

            // What does not exist is asked for once.
            var missing = PinsOf(found).Where(p => !recipeTypes.ContainsKey((p.Name, p.Revision)) && asked.Add(p)).ToList();
            (nextNames, nextNumbers) = ([.. missing.Select(p => p.Name).Distinct()], [.. missing.Select(p => p.Revision).Distinct()]);
        }
    }

    private async Task AddJobTypes(Session session, string[] names, int[] numbers)
    {
        foreach (var row in await RecipeTypeReads.JobTypeRevisions(session, names, numbers))
        {
            jobTypes[(row.Name, row.Version, row.Number)] = new Lazy<SeedManifest>(() => SeedManifest.FromText(row.Manifest));
            currentJobTypes[(row.Name, row.Version)] = row.Current;
        }
    }
}
