using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Recipes;

/// <summary>A single top-level recipe to be made: by a user or by an ingest.</summary>
/// <param name="Input">Valid for the revision's input interface.</param>
/// <param name="Configuration">Recipe configuration document (recipes.md §8), <c>{}</c> for none.</param>
/// <param name="EventType">Such as <c>USER</c>.</param>
/// <param name="IngestEventId">Row of <c>ingest_event</c>, null when no ingest started it.</param>
public sealed record RecipeRequest(
    long RecipeTypeId, long RevisionId, DataValues Input, string Configuration, string EventType, JsonObject EventDescription, long? IngestEventId = null)
{
    /// <summary>A recipe that a user asked for.</summary>
    /// <param name="user">Login name, null for nobody in particular.</param>
    public static RecipeRequest ByUser(long recipeTypeId, long revisionId, DataValues input, string configuration, string? user) =>
        new(recipeTypeId, revisionId, input, configuration, "USER", new JsonObject { ["user"] = user ?? "Anonymous" });
}

/// <summary>First state of a recipe that no batch makes: its row, its event, and the mark that the leader has to evaluate it.</summary>
public static class RecipeCreation
{
    /// <summary>Inserts the recipe in the caller's transaction; wake the leader after the commit.</summary>
    /// <returns>Id of the recipe.</returns>
    public static async Task<long> Create(Session session, RecipeRequest request, DateTime now)
    {
        var eventId = await session.Insert("event", ("type", request.EventType), ("description", request.EventDescription.ToJsonString()), ("occurred", now));
        var id = (await session.AllocateIds("recipe", 1))[0];
        await RecipeWrites.Insert(session, new[]
        {
            new StoredRecipe
            {
                Id = id,
                RecipeTypeId = request.RecipeTypeId,
                RevisionId = request.RevisionId,
                EventId = eventId,
                IngestEventId = request.IngestEventId,
                RootRecipeId = id,
                TopRecipeId = id,
                FamilyId = id,
                Input = request.Input.ToText(),
                Configuration = request.Configuration,
                Created = now,
            },
        });
        await RecipeWrites.AppendDirty(session, [id]);
        return id;
    }
}
