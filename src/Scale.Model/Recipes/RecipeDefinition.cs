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
    /// <summary>No inputs, no nodes; what <c>{}</c> means.</summary>
    public static readonly RecipeDefinition Empty = new() { Graph = new RecipeGraph(DataInterface.Empty, []) };

    public required RecipeGraph Graph { get; init; }

    /// <summary>Grammar, graph build and order (stages 1-3 of recipes.md §4.2). v1 documents need the catalog for current revisions.</summary>
    /// <returns>
    /// Errors INVALID_DEFINITION, INVALID_DEFINITION_JSON, UNKNOWN_NODE, UNKNOWN_INPUT, CONNECTION_INVALID_NODE, DUPLICATE_NODE, NODE_INTERFACE,
    /// INPUT_INTERFACE, CIRCULAR_DEPENDENCY, JOB_TYPE_DOES_NOT_EXIST (v1) and those of <see cref="DataFilter.Parse"/>, the earliest stage first;
    /// warnings ACCEPTANCE_IGNORED and those of <see cref="DataFilter.Check"/>. The description of INVALID_DEFINITION_JSON is a JSON array of texts.
    /// </returns>
    public static Parsed<RecipeDefinition> Parse(JsonElement json, IRecipeCatalog? catalog = null) =>
        Parse(IsLegacy(json) ? LegacyRecipe.Read(json, catalog) : RecipeGrammar.Read(json));

    /// <summary>All stages of §4.2. Where no graph can be built, what its nodes refer to is looked up all the same, so that one look shows all that is wrong.</summary>
    /// <param name="ownName">Name of the recipe type when it is known; enables the recursion check.</param>
    /// <returns>The definition, null when there is no graph; there may be errors all the same when there is one. Errors of <see cref="Parse(JsonElement, IRecipeCatalog)"/>, then
    /// those of <see cref="Check"/>.</returns>
    public static (RecipeDefinition? Definition, IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Validate(
        JsonElement json, IRecipeCatalog catalog, string? ownName = null)
    {
        var draft = IsLegacy(json) ? LegacyRecipe.Read(json, catalog) : RecipeGrammar.Read(json);
        var parsed = Parse(draft);
        if (parsed.Document is { } definition)
        {
            var (errors, warnings) = definition.Check(catalog, ownName);
            return (definition, errors, [.. parsed.Warnings, .. warnings]);
        }

        var missing = IsLegacy(json) ? [] : draft.Nodes.Select(n => RecipeCheck.Missing(n.Name, n.Path, n.Type, catalog)).OfType<Problem>();
        return (null, [.. parsed.Errors, .. missing], parsed.Warnings);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <exception cref="DocumentException">The text is no valid definition.</exception>
    public static RecipeDefinition FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    /// <summary>Lookup, interfaces and recursion (the later stages of §4.2).</summary>
    /// <param name="ownName">Name of the recipe type when it is known; enables the recursion check.</param>
    /// <returns>Errors JOB_TYPE_DOES_NOT_EXIST, RECIPE_TYPE_DOES_NOT_EXIST, NODE_INTERFACE and RECURSIVE_SUBRECIPES in this order;
    /// warnings MISMATCHED_MEDIA_TYPES.</returns>
    public (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Check(IRecipeCatalog catalog, string? ownName = null) =>
        new RecipeCheck(Graph, catalog).Run(ownName);

    /// <summary>Stored text, with version 7.</summary>
    public string ToText()
    {
        var json = new JsonObject { ["version"] = DocumentVersion.Current };
        foreach (var (name, value) in ToJson())
        {
            json[name] = value!.DeepClone();
        }

        return json.ToJsonString();
    }

    /// <summary>Output form of §4.4: no top-level version.</summary>
    public JsonObject ToJson() => new()
    {
        ["input"] = Graph.Input.ToJson(),
        ["nodes"] = new JsonObject(Graph.Nodes.Select(n => KeyValuePair.Create(n.Name, (JsonNode?)ToJson(n)))),
    };

    private static bool IsLegacy(JsonElement json) => json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String && version.ValueEquals("1.0"u8);

    private static Parsed<RecipeDefinition> Parse(RecipeDraft draft)
    {
        var problems = new List<Problem>(draft.Problems);
        var warnings = new List<Problem>();
        var graph = RecipeAssembly.Assemble(draft, problems, warnings);
        problems.AddRange(draft.LookupProblems);
        return problems.Count == 0 && graph is not null
            ? new Parsed<RecipeDefinition>(new RecipeDefinition { Graph = graph }, [], warnings)
            : new Parsed<RecipeDefinition>(null, problems, warnings);
    }

    private JsonObject ToJson(GraphNode node) => new()
    {
        ["dependencies"] = new JsonArray(node.Parents.Select(p => (JsonNode)new JsonObject
        {
            ["name"] = Graph.Nodes[p.Index].Name,
            ["acceptance"] = p.Acceptance,
        }).ToArray()),
        ["input"] = new JsonObject(node.Connections.Select(c => KeyValuePair.Create(c.Input, (JsonNode?)ToJson(c)))),
        ["node_type"] = ToJson(node.Type),
    };

    private JsonObject ToJson(GraphConnection connection) => connection.Node is { } source
        ? new JsonObject { ["type"] = "dependency", ["node"] = Graph.Nodes[source].Name, ["output"] = connection.Source }
        : new JsonObject { ["type"] = "recipe", ["input"] = connection.Source };

    private static JsonObject ToJson(NodeType type) => type switch
    {
        NodeType.Job job => new JsonObject
        {
            ["node_type"] = "job",
            ["job_type_name"] = job.Name,
            ["job_type_version"] = job.Version,
            ["job_type_revision"] = job.Revision,
        },
        NodeType.Recipe recipe => new JsonObject
        {
            ["node_type"] = "recipe",
            ["recipe_type_name"] = recipe.Name,
            ["recipe_type_revision"] = recipe.Revision,
        },
        NodeType.Condition condition => new JsonObject
        {
            ["node_type"] = "condition",
            ["interface"] = Versioned(condition.Interface.ToJson()),
            ["data_filter"] = Versioned(condition.Filter.ToJson()),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown node type."),
    };

    private static JsonObject Versioned(JsonObject json)
    {
        json["version"] = DocumentVersion.Current;
        return json;
    }
}
