using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Recipes;
using Scale.Model.Documents;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.RecipeTypes;

namespace Scale.Engine.RecipeTypes;

/// <summary>What became of the recipe types that contain something with a new revision.</summary>
/// <param name="Updated">Those that have a new revision too, the contained before the containing.</param>
/// <param name="Warnings">One for each that stays as it is.</param>
public sealed record AutoUpdate(IReadOnlyList<(string Name, int RevisionNum)> Updated, IReadOnlyList<Problem> Warnings)
{
    public static readonly AutoUpdate Nothing = new([], []);
}

/// <summary>What an edit of a job type or recipe type does to the recipe types that contain it (recipes.md §12), in the edit's own transaction.</summary>
public static class RecipeTypeUpdates
{
    /// <summary>A recipe type that would not be valid with the new revision and so keeps the old one.</summary>
    public const string NotUpdated = "RECIPE_TYPE_NOT_UPDATED";

    /// <summary>Types that contain something deprecated are deprecated too.</summary>
    public const string Deprecated = "DEPRECATED_RECIPES";

    /// <summary>Raises every job node of that job type to the revision, and all that contain the changed types in turn.</summary>
    /// <returns>A warning for each type that stays as it is.</returns>
    public static async Task<IReadOnlyList<Problem>> RaiseJobNodes(Session session, long jobTypeId, string name, string version, int revision, DateTime now) =>
        (await Raise(session, await RecipeTypeQueries.ContainingJobType(session, jobTypeId), [], node => RaiseJob(node, name, version, revision), now)).Warnings;

    /// <summary>Raises every node of that recipe type to its new revision, and all that contain the changed types in turn.</summary>
    public static async Task<AutoUpdate> RaiseRecipeNodes(Session session, long recipeTypeId, string name, int revision, DateTime now) =>
        await Raise(session, await RecipeTypeQueries.ContainingRecipeType(session, recipeTypeId), new Dictionary<string, int> { [name] = revision }, _ => false, now);

    /// <summary>Deprecates the given types and all that contain them.</summary>
    /// <returns>A warning that names the given types, unless there are none.</returns>
    public static async Task<IReadOnlyList<Problem>> Deprecate(Session session, IReadOnlyList<StoredRecipeType> direct, string because, DateTime now)
    {
        if (direct.Count == 0)
        {
            return [];
        }

        var all = await RecipeTypeQueries.WithContaining(session, direct);
        await RecipeTypeWriter.SetActive(session, [.. all.Select(t => t.Id)], isActive: false, now);
        return [new Problem(Deprecated, "", $"{because} is deprecated, and with it the recipe types that contain it: {string.Join(", ", direct.Select(t => t.Name))}")];
    }

    private static async Task<AutoUpdate> Raise(
        Session session, IReadOnlyList<StoredRecipeType> direct, Dictionary<string, int> changed, Func<JsonObject, bool> raiseJob, DateTime now)
    {
        var warnings = new List<Problem>();
        var updated = new List<(string, int)>();
        foreach (var known in await RecipeTypeQueries.WithContaining(session, direct))
        {
            var type = (await RecipeTypeWriter.FindForEdit(session, known.Name))!;
            var json = JsonNode.Parse(type.Definition)!.AsObject();
            var isRaised = false;
            foreach (var (_, node) in json["nodes"]?.AsObject() ?? [])
            {
                var nodeType = node!["node_type"]!.AsObject();
                isRaised |= raiseJob(nodeType) | RaiseRecipe(nodeType, changed);
            }

            if (!isRaised)
            {
                continue;
            }

            var document = JsonSerializer.SerializeToElement(json);
            var catalog = await DefinitionCatalog.Load(session, document);
            var (definition, errors, _) = RecipeDefinition.Validate(document, catalog, type.Name);
            if (definition is null || errors.Count > 0)
            {
                var why = string.Join("; ", errors.Select(e => e.Text));
                warnings.Add(new Problem(NotUpdated, "", $"recipe type {type.Name} stays at revision {type.RevisionNum}: {why}"));
                await RecipeTypeWriter.SetUpdateError(session, type.Id, why, now);
                continue;
            }

            changed[type.Name] = await RecipeTypeWriter.AddRevision(session, type, definition, now);
            updated.Add((type.Name, changed[type.Name]));
        }

        return new AutoUpdate(updated, warnings);
    }

    private static bool RaiseJob(JsonObject node, string name, string version, int revision) =>
        (string?)node["node_type"] == "job" && (string?)node["job_type_name"] == name && (string?)node["job_type_version"] == version
        && RaiseTo(node, "job_type_revision", revision);

    private static bool RaiseRecipe(JsonObject node, Dictionary<string, int> changed) =>
        (string?)node["node_type"] == "recipe" && (string?)node["recipe_type_name"] is { } name && changed.TryGetValue(name, out var revision)
        && RaiseTo(node, "recipe_type_revision", revision);

    private static bool RaiseTo(JsonObject node, string member, int revision)
    {
        if (node[member]!.GetValue<int>() >= revision)
        {
            return false;
        }

        node[member] = revision;
        return true;
    }
}
