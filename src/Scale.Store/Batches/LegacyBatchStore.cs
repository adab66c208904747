using System.Text.Json;
using Scale.Model.Batches;
using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>A file that a batch of the v5 services may make a recipe of.</summary>
public sealed record LegacyFile(long Id, string FileName, string MediaType, IReadOnlyList<string> DataTypes)
{
    /// <summary>Whether the file meets a trigger's condition (batches-and-datasets.md §6.2).</summary>
    public bool Meets(LegacyTrigger trigger) => (trigger.MediaType.Length == 0 || trigger.MediaType == MediaType) && trigger.DataTypes.All(DataTypes.Contains);
}

/// <summary>What a batch of the v5 services looks for (batches-and-datasets.md §6.2).</summary>
/// <param name="RevisionNumber">Revision that its recipes get.</param>
public sealed record LegacySearch(long RecipeTypeId, int RevisionNumber, LegacyBatchDefinition Definition);

/// <summary>The old recipes and old files that v5 definitions name. Statements are put together from texts of the program only.</summary>
public static class LegacyBatchStore
{
    /// <summary>Recipes to re-process with ids up to <paramref name="last"/> and below <paramref name="before"/>, highest first.</summary>
    public static Task<List<(long Id, long FamilyId)>> Recipes(Session session, LegacySearch search, long last, long before, int limit) => session.Query(
        $"SELECT r.id, r.family_id {RecipesFrom(search)} AND r.id <= @last AND r.id < @before ORDER BY r.id DESC LIMIT @limit",
        r => (r.GetInt64(0), r.GetInt64(1)),
        [.. Arguments(search), ("last", last), ("before", before), ("limit", limit)]);

    public static Task<long> CountRecipes(Session session, LegacySearch search) =>
        session.QueryFirst($"SELECT count(*) {RecipesFrom(search)}", r => r.GetInt64(0), Arguments(search));

    /// <summary>Files that never were the input of a recipe of the type, whatever the trigger's condition says of them.</summary>
    public static Task<List<LegacyFile>> Files(Session session, LegacySearch search, long last, long before, int limit) => session.Query(
        $"SELECT f.id, f.file_name, f.media_type, f.data_type_tags {FilesFrom(search)} AND f.id <= @last AND f.id < @before ORDER BY f.id DESC LIMIT @limit",
        r => new LegacyFile(r.GetInt64(0), r.GetString(1), r.GetString(2), JsonSerializer.Deserialize<string[]>(r.GetString(3))!),
        [.. Arguments(search), ("last", last), ("before", before), ("limit", limit)]);

    public static Task<long> CountFiles(Session session, LegacySearch search) =>
        session.QueryFirst($"SELECT count(*) {FilesFrom(search)}", r => r.GetInt64(0), Arguments(search));

    /// <summary>The newest recipe and the newest file there are; what comes later does not join.</summary>
    public static async Task<(long Recipe, long File)> Newest(Session session) => await session.QueryFirst(
        "SELECT coalesce((SELECT max(id) FROM recipe), 0), coalesce((SELECT max(id) FROM file), 0)", r => (r.GetInt64(0), r.GetInt64(1)));

    private static string RecipesFrom(LegacySearch search)
    {
        var revision = search.Definition.OnlyOlderRevisions ? " AND v.revision_num < @revision" : "";
        var range = search.Definition.DateRange is not { } dates ? "" : dates.IsOfData
            ? Bounds(dates, "EXISTS (SELECT 1 FROM recipe_input_file i JOIN file f ON f.id = i.file_id WHERE i.recipe_id = r.id AND (f.data_started {0} OR f.data_ended {0}))")
            : Bounds(dates, "r.created {0}");
        return $"FROM recipe r JOIN recipe_type_revision v ON v.id = r.recipe_type_rev_id WHERE r.recipe_type_id = @type AND r.recipe_id IS NULL AND r.is_superseded = FALSE{revision}{range}";
    }

    private static string FilesFrom(LegacySearch search)
    {
        var range = search.Definition.DateRange is not { } dates ? ""
            : Bounds(dates, dates.IsOfData ? "(f.data_started {0} OR f.data_ended {0})" : "f.created {0}");
        return "FROM file f WHERE f.file_type = 0 AND f.is_deleted = FALSE AND NOT EXISTS ("
            + $"SELECT 1 FROM recipe_input_file i JOIN recipe r ON r.id = i.recipe_id WHERE i.file_id = f.id AND r.recipe_type_id = @type){range}";
    }

    /// <param name="test">A test of one moment, its comparison left open.</param>
    private static string Bounds(LegacyDateRange dates, string test) =>
        (dates.Started is null ? "" : " AND " + string.Format(null, test, ">= @started")) + (dates.Ended is null ? "" : " AND " + string.Format(null, test, "<= @ended"));

    private static (string Name, object? Value)[] Arguments(LegacySearch search)
    {
        var arguments = new List<(string Name, object? Value)> { ("type", search.RecipeTypeId) };
        if (search.Definition.OnlyOlderRevisions)
        {
            arguments.Add(("revision", search.RevisionNumber));
        }

        if (search.Definition.DateRange?.Started is { } started)
        {
            arguments.Add(("started", started));
        }

        if (search.Definition.DateRange?.Ended is { } ended)
        {
            arguments.Add(("ended", ended));
        }

        return [.. arguments];
    }
}
