using System.Text.Json.Nodes;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Model.Data;
using Scale.Model.Files;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Ingest;

namespace Scale.Engine.Ingest;

/// <summary>The recipe that takes ingested files (storage-and-ingest.md §7.3): the first file input of one exact revision.</summary>
internal sealed class IngestRecipeStart
{
    private readonly long recipeTypeId;
    private readonly long revisionId;
    private readonly DataInterface inputs;
    private readonly string firstFile;

    private IngestRecipeStart(long recipeTypeId, long revisionId, DataInterface inputs, string firstFile)
    {
        this.recipeTypeId = recipeTypeId;
        this.revisionId = revisionId;
        this.inputs = inputs;
        this.firstFile = firstFile;
    }

    /// <returns>What to start, or why nothing can be started; neither when nothing is asked for.</returns>
    public static async Task<(IngestRecipeStart? Recipe, string? Problem)> Find(Session session, IngestRecipe? asked)
    {
        if (asked is null)
        {
            return (null, null);
        }

        var found = await session.QueryFirst(
            """
            SELECT t.id, r.id, r.definition, t.is_active FROM recipe_type t JOIN recipe_type_revision r ON r.recipe_type_id = t.id
            WHERE t.name = @name AND r.revision_num = coalesce(@revision, t.revision_num)
            """,
            r => (TypeId: r.GetInt64(0), RevisionId: r.GetInt64(1), Definition: r.GetString(2), IsActive: r.GetBoolean(3)),
            ("name", asked.Name), ("revision", asked.RevisionNum));
        if (found is not { Definition: { } definition, IsActive: true })
        {
            return (null, $"No recipe was started: recipe type {asked.Name} {(found.Definition is null ? "or the revision asked for does not exist" : "is not active")}");
        }

        var inputs = RecipeDefinition.FromText(definition).Graph.Input;
        return inputs.Files.Count > 0
            ? (new IngestRecipeStart(found.TypeId, found.RevisionId, inputs, inputs.Files[0].Name), null)
            : (null, $"No recipe was started: recipe type {asked.Name} has no file input");
    }

    /// <returns>Why no recipe was started, null when one was.</returns>
    public async Task<string?> Start(EngineTransaction transaction, long scanId, long ingestId, long fileId, string fileName)
    {
        var given = new DataValues(DataValues.NoFiles.Add(firstFile, [fileId]), DataValues.NoJson);
        var (values, errors) = given.Validate(inputs);
        if (errors.Count > 0)
        {
            return $"No recipe was started: {errors[0].Text}";
        }

        var description = new JsonObject { ["version"] = "1.0", ["file_id"] = fileId, ["file_name"] = fileName };
        var ingestEvent = await IngestStore.InsertEvent(transaction.Session, ingestId, scanId, description.ToJsonString(), transaction.Now);
        await RecipeCreation.Create(
            transaction.Session, new RecipeRequest(recipeTypeId, revisionId, values, "{}", "SCAN_INGEST", description, ingestEvent), transaction.Now);
        return null;
    }
}
