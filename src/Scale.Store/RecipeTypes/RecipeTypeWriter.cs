using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Store.RecipeTypes;

/// <summary>Writes of recipe types, their revisions and the links to what they contain (recipes.md §2, §12). Decides nothing.</summary>
public static class RecipeTypeWriter
{
    /// <summary>Reads a recipe type and keeps others from editing it until the transaction ends; null when there is none.</summary>
    public static Task<StoredRecipeType?> FindForEdit(Session session, string name) =>
        session.FindForEdit("recipe_type", "name = @name", () => RecipeTypeQueries.Find(session, name), ("name", name));

    /// <returns>The id, or null when the name is taken.</returns>
    public static async Task<long?> Insert(Session session, string name, string title, string? description, RecipeDefinition definition, DateTime now)
    {
        var revisionId = (await session.AllocateIds("recipe_type_revision", 1))[0];
        var id = await session.QueryFirst(
            """
            INSERT INTO recipe_type (name, title, description, is_active, is_system, definition, revision_id, revision_num, created, last_modified)
            VALUES (@name, @title, @description, @yes, @no, @definition, @revision, 1, @now, @now)
            ON CONFLICT (name) DO NOTHING RETURNING id
            """,
            r => (long?)r.GetInt64(0),
            ("name", name), ("title", title), ("description", description), ("yes", true), ("no", false), ("definition", definition.ToText()), ("revision", revisionId), ("now", now));
        if (id is { } known)
        {
            await InsertRevision(session, revisionId, known, 1, definition, now);
        }

        return id;
    }

    /// <summary>Adds the next revision, makes it the current one and links what it contains.</summary>
    /// <returns>Its number.</returns>
    public static async Task<int> AddRevision(Session session, StoredRecipeType type, RecipeDefinition definition, DateTime now)
    {
        var revisionId = (await session.AllocateIds("recipe_type_revision", 1))[0];
        var number = type.RevisionNum + 1;
        await session.Execute(
            $"UPDATE recipe_type SET definition = @definition, revision_id = @revision, revision_num = @number, update_error = NULL, {Touch} WHERE id = @id",
            ("definition", definition.ToText()), ("revision", revisionId), ("number", number), ("now", now), ("id", type.Id));
        await InsertRevision(session, revisionId, type.Id, number, definition, now);
        return number;
    }

    /// <summary>Notes why a recipe type keeps its revision although something it contains has a newer one; its next revision ends that.</summary>
    public static Task SetUpdateError(Session session, long id, string error, DateTime now) => session.Execute(
        $"UPDATE recipe_type SET update_error = @error, {Touch} WHERE id = @id", ("error", error), ("now", now), ("id", id));

    public static Task Update(Session session, long id, string title, string? description, DateTime now) => session.Execute(
        $"UPDATE recipe_type SET title = @title, description = @description, {Touch} WHERE id = @id",
        ("title", title), ("description", description), ("now", now), ("id", id));

    /// <summary>Types that already are as asked stay untouched.</summary>
    public static Task SetActive(Session session, long[] ids, bool isActive, DateTime now) => session.Execute(
        $"UPDATE recipe_type SET is_active = @active, deprecated = @deprecated, {Touch} WHERE id IN @ids AND is_active <> @active",
        ("active", isActive), ("deprecated", isActive ? null : Time.ToMicroseconds(now)), ("now", now), ("ids", ids));

    // Caches tell an edit by this time, so it always moves.
    private const string Touch = "last_modified = CASE WHEN last_modified >= @now THEN last_modified + 1 ELSE @now END";

    private static async Task InsertRevision(Session session, long id, long recipeTypeId, int number, RecipeDefinition definition, DateTime now)
    {
        await session.Execute(
            "INSERT INTO recipe_type_revision (id, recipe_type_id, revision_num, definition, created) VALUES (@id, @type, @number, @definition, @now)",
            ("id", id), ("type", recipeTypeId), ("number", number), ("definition", definition.ToText()), ("now", now));

        await session.Execute("DELETE FROM recipe_type_job_type WHERE recipe_type_id = @id", ("id", recipeTypeId));
        await session.Execute("DELETE FROM recipe_type_sub_recipe_type WHERE recipe_type_id = @id", ("id", recipeTypeId));
        var jobs = definition.Graph.Nodes.Select(n => n.Type).OfType<NodeType.Job>().Select(j => (j.Name, j.Version)).Distinct().ToList();
        await session.Execute(
            "INSERT INTO recipe_type_job_type (recipe_type_id, job_type_id) SELECT @id, t.id FROM {v} JOIN job_type t ON t.name = v.name AND t.version = v.version",
            new Rows("v", ("name", jobs.Select(j => j.Name).ToArray()), ("version", jobs.Select(j => j.Version).ToArray())), ("id", recipeTypeId));
        var recipes = definition.Graph.Nodes.Select(n => n.Type).OfType<NodeType.Recipe>().Select(r => r.Name).Distinct().ToArray();
        await session.Execute(
            "INSERT INTO recipe_type_sub_recipe_type (recipe_type_id, sub_recipe_type_id) SELECT @id, t.id FROM {v} JOIN recipe_type t ON t.name = v.name",
            new Rows("v", ("name", recipes)), ("id", recipeTypeId));
    }
}
