using System.Data.Common;
using Scale.Store.Databases;

namespace Scale.Store.RecipeTypes;

/// <summary>A row of <c>recipe_type</c> as writers and answers need it.</summary>
/// <param name="Definition">Current definition as stored.</param>
public sealed record StoredRecipeType(
    long Id, string Name, string Title, string? Description, bool IsActive, bool IsSystem, string Definition, long RevisionId, int RevisionNum,
    DateTime Created, DateTime? Deprecated, DateTime LastModified)
{
    /// <summary>Columns that <see cref="Read"/> reads, of a table called <c>t</c>.</summary>
    public const string Columns =
        "t.id, t.name, t.title, t.description, t.is_active, t.is_system, t.definition, t.revision_id, t.revision_num, t.created, t.deprecated, t.last_modified";

    public static StoredRecipeType Read(DbDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.GetString(2), r.Text(3), r.GetBoolean(4), r.GetBoolean(5), r.GetString(6), r.GetInt64(7), r.GetInt32(8),
        r.Moment(9), r.MomentOrNull(10), r.Moment(11));
}
