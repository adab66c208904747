using System.Data.Common;
using Scale.Store.Databases;

namespace Scale.Store.RecipeTypes;

/// <summary>A row of <c>recipe_type_revision</c>.</summary>
public sealed record StoredRecipeTypeRevision(long Id, int Number, string Definition, DateTime Created);

/// <summary>A row of <c>recipe_type</c> as writers and answers need it.</summary>
/// <param name="Definition">Current definition as stored.</param>
/// <param name="UpdateError">Why it did not follow a newer revision of something it contains; null when it did.</param>
public sealed record StoredRecipeType(
    long Id, string Name, string Title, string? Description, bool IsActive, bool IsSystem, string Definition, long RevisionId, int RevisionNum,
    DateTime Created, DateTime? Deprecated, DateTime LastModified, string? UpdateError)
{
    /// <summary>Columns that <see cref="Read"/> reads, of a table called <c>t</c>.</summary>
    public const string Columns =
        "t.id, t.name, t.title, t.description, t.is_active, t.is_system, t.definition, t.revision_id, t.revision_num, t.created, t.deprecated, t.last_modified, t.update_error";

    public static StoredRecipeType Read(DbDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.GetString(2), r.Text(3), r.GetBoolean(4), r.GetBoolean(5), r.GetString(6), r.GetInt64(7), r.GetInt32(8),
        r.Moment(9), r.MomentOrNull(10), r.Moment(11), r.Text(12));
}
