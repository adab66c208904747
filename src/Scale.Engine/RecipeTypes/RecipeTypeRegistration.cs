using System.Text.Json;
using Scale.Engine.Recipes;
using Scale.Model.Documents;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.RecipeTypes;

namespace Scale.Engine.RecipeTypes;

/// <summary>A definition held against everything it refers to.</summary>
/// <param name="Definition">Null when it can't be read; there may be errors all the same when it can.</param>
public sealed record CheckedDefinition(RecipeDefinition? Definition, IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings);

/// <param name="Definition">Null leaves it as it is and makes no revision.</param>
public sealed record RecipeTypeEdit(string? Title, string? Description, RecipeDefinition? Definition, bool? IsActive, bool AutoUpdate);

/// <summary>Creates, edits and checks recipe types (recipes.md §2, §12), each in the caller's transaction.</summary>
public static class RecipeTypeRegistration
{
    /// <param name="ownName">Name of the recipe type when it has one, so that it can't contain itself.</param>
    public static async Task<CheckedDefinition> Check(Session session, JsonElement definition, string? ownName)
    {
        var catalog = await DefinitionCatalog.Load(session, definition);
        var (document, errors, warnings) = RecipeDefinition.Validate(definition, catalog, ownName);
        return new CheckedDefinition(document, errors, warnings);
    }

    /// <returns>The recipe types that followed, and what should be known about the edit.</returns>
    public static async Task<AutoUpdate> Edit(Session session, StoredRecipeType type, RecipeTypeEdit edit, DateTime now)
    {
        var update = AutoUpdate.Nothing;
        var warnings = new List<Problem>();
        if (edit.Title is not null || edit.Description is not null)
        {
            await RecipeTypeWriter.Update(session, type.Id, edit.Title ?? type.Title, edit.Description ?? type.Description, now);
        }

        if (edit.Definition is { } definition)
        {
            var revision = await RecipeTypeWriter.AddRevision(session, type, definition, now);
            update = edit.AutoUpdate ? await RecipeTypeUpdates.RaiseRecipeNodes(session, type.Id, type.Name, revision, now) : update;
        }

        if (edit.IsActive is { } isActive && isActive != type.IsActive)
        {
            await RecipeTypeWriter.SetActive(session, [type.Id], isActive, now);
            var containing = isActive ? [] : await RecipeTypeQueries.ContainingRecipeType(session, type.Id);
            warnings.AddRange(await RecipeTypeUpdates.Deprecate(session, containing, $"recipe type {type.Name}", now));
        }

        return update with { Warnings = [.. update.Warnings, .. warnings] };
    }
}
