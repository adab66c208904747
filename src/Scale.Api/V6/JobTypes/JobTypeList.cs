using Scale.Api.Answers;
using Scale.Api.Requests;
using Scale.Store.Databases;
using Scale.Store.JobTypes;

namespace Scale.Api.V6.JobTypes;

/// <summary>Lists of job types (job-types-and-seed.md §3.1-§3.3).</summary>
internal static class JobTypeList
{
    public static readonly ColumnOrdering Order = new ColumnOrdering("t.id", "name", "-version")
        .Text("name", "t.name").By("version", "t.version_order").Text("title", "t.title").Text("description", "t.description")
        .By("is_active", "t.is_active").By("is_system", "t.is_system").By("is_paused", "t.is_paused").By("is_published", "t.is_published")
        .By("max_scheduled", "t.max_scheduled", nullable: true).By("created", "t.created").By("deprecated", "t.deprecated", nullable: true).By("last_modified", "t.last_modified");

    private static readonly ColumnOrdering NewestFirst = new ColumnOrdering("t.id", "-version").By("version", "t.version_order");

    public static async Task<Page> All(Session session, RequestParameters request)
    {
        var ids = request.Longs("id");
        var keywords = await Matching(session, request.Texts("keyword"));
        return await Rows()
            .Where("t.id IN @ids", "ids", ids)
            .Where("t.id IN @keywords", "keywords", keywords)
            .Where("t.is_active = @is_active", "is_active", request.OptionalBool("is_active"))
            .Where("t.is_system = @is_system", "is_system", request.OptionalBool("is_system"))
            .Page(session, request, Order, JobTypeAnswer.Of);
    }

    /// <summary>The versions of one name, newest first; an unknown name has none.</summary>
    public static Task<Page> Versions(Session session, RequestParameters request, string name) => Rows()
        .Where("t.name = @name", "name", name)
        .Where("t.is_active = @is_active", "is_active", request.OptionalBool("is_active"))
        .Page(session, request, NewestFirst, JobTypeAnswer.Of);

    /// <summary>One row per name of which at least one version passes the filters; it tells of all versions.</summary>
    public static async Task<Page> Names(Session session, RequestParameters request)
    {
        var ids = request.Longs("id");
        var isActive = request.OptionalBool("is_active");
        var isSystem = request.OptionalBool("is_system");
        var keywords = await Matching(session, request.Texts("keyword"));
        var all = await session.Query($"SELECT {StoredJobType.Columns} FROM job_type t ORDER BY lower(t.name), t.name, t.version_order DESC, t.id", StoredJobType.Read);
        var passing = all
            .Where(t => (ids.Length == 0 || ids.Contains(t.Id)) && (keywords is null || keywords.Contains(t.Id)))
            .Where(t => t.IsActive == (isActive ?? t.IsActive) && t.IsSystem == (isSystem ?? t.IsSystem))
            .Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var names = all.GroupBy(t => t.Name).Where(g => passing.Contains(g.Key)).Select(g => JobTypeName.Of([.. g.Select(JobTypeAnswer.Of)])).ToList();
        return await request.Page(names, n => n);
    }

    private static RowList<StoredJobType> Rows() => new(StoredJobType.Columns, "job_type t", StoredJobType.Read);

    /// <summary>Ids of job types with any keyword in their name or a tag, without case; null when no keyword was given.</summary>
    private static async Task<long[]?> Matching(Session session, IReadOnlyList<string> keywords)
    {
        if (keywords.Count == 0)
        {
            return null;
        }

        var texts = await session.Query(
            "SELECT id, name FROM job_type UNION ALL SELECT job_type_id, tag FROM job_type_tag", r => (Id: r.GetInt64(0), Text: r.GetString(1)));
        var ids = texts.Where(t => keywords.Any(k => t.Text.Contains(k, StringComparison.OrdinalIgnoreCase))).Select(t => t.Id).Distinct().ToArray();
        return ids.Length > 0 ? ids : [-1]; // an id that nothing has: no match is not no filter
    }
}
