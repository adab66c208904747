using Scale.Model.JobTypes.Seed;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Store.Recipes;

/// <summary>One row of <c>recipe_type_revision</c> with the name of its type.</summary>
public sealed record RevisionRow(long Id, long RecipeTypeId, string TypeName, int Number, string Definition);

/// <summary>The job type revision that a job node pins.</summary>
public sealed record PinnedJobType(NodeType.Job Pin, long JobTypeId, long RevisionId, string Manifest);

/// <summary>What creation of a job reads from its type as it is now.</summary>
public sealed record JobTypeNow(long Id, int MaxTries, bool IsActive, string Configuration);

/// <summary>Reads of recipe type and job type revisions.</summary>
public static class RecipeTypeReads
{
    public static Task<List<RevisionRow>> Revisions(Session session, long[] ids) => session.Query(
        """
        SELECT r.id, r.recipe_type_id, t.name, r.revision_num, r.definition
        FROM recipe_type_revision r JOIN recipe_type t ON t.id = r.recipe_type_id WHERE r.id IN @ids
        """,
        r => new RevisionRow(r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetInt32(3), r.GetString(4)),
        ("ids", ids));

    public static Task<List<PinnedJobType>> PinnedJobTypes(Session session, IReadOnlyList<NodeType.Job> pins) => session.Query(
        """
        SELECT t.name, t.version, r.revision_num, t.id, r.id, r.manifest
        FROM {v} JOIN job_type t ON t.name = v.name AND t.version = v.version JOIN job_type_revision r ON r.job_type_id = t.id AND r.revision_num = v.revision
        """,
        new Rows("v", ("name", pins.Column(p => p.Name)), ("version", pins.Column(p => p.Version)), ("revision", pins.Column(p => p.Revision))),
        r => new PinnedJobType(new NodeType.Job(r.GetString(0), r.GetString(1), r.GetInt32(2)), r.GetInt64(3), r.GetInt64(4), r.GetString(5)));

    public static Task<List<RevisionRow>> PinnedRecipeTypes(Session session, IReadOnlyList<NodeType.Recipe> pins) => session.Query(
        """
        SELECT r.id, t.id, t.name, r.revision_num, r.definition
        FROM {v} JOIN recipe_type t ON t.name = v.name JOIN recipe_type_revision r ON r.recipe_type_id = t.id AND r.revision_num = v.revision
        """,
        new Rows("v", ("name", pins.Column(p => p.Name)), ("revision", pins.Column(p => p.Revision))),
        r => new RevisionRow(r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetInt32(3), r.GetString(4)));

    public static Task<List<JobTypeNow>> JobTypesNow(Session session, long[] ids) => session.Query(
        "SELECT id, max_tries, is_active, configuration FROM job_type WHERE id IN @ids",
        r => new JobTypeNow(r.GetInt64(0), r.GetInt32(1), r.GetBoolean(2), r.GetString(3)),
        ("ids", ids));

    public static Task<List<SeedManifest>> ManifestsNow(Session session, long[] jobTypeIds) => session.Query(
        "SELECT manifest FROM job_type WHERE id IN @ids", r => SeedManifest.FromText(r.GetString(0)), ("ids", jobTypeIds));

    /// <summary>Ids of those recipe types that are active.</summary>
    public static Task<List<long>> ActiveRecipeTypes(Session session, long[] ids) =>
        session.Query("SELECT id FROM recipe_type WHERE id IN @ids AND is_active = TRUE", r => r.GetInt64(0), ("ids", ids));

    /// <summary>The current revision of the job types of those names, and those of these numbers.</summary>
    public static Task<List<(string Name, string Version, int Number, int Current, string Manifest)>> JobTypeRevisions(Session session, string[] names, int[] numbers) => session.Query(
        """
        SELECT t.name, t.version, r.revision_num, t.revision_num, r.manifest
        FROM job_type t JOIN job_type_revision r ON r.job_type_id = t.id WHERE t.name IN @names AND (r.id = t.revision_id OR r.revision_num IN @numbers)
        """,
        r => (r.GetString(0), r.GetString(1), r.GetInt32(2), r.GetInt32(3), r.GetString(4)),
        ("names", names), ("numbers", numbers));

    /// <summary>The current revision of the recipe types of those names, and those of these numbers.</summary>
    public static Task<List<(string Name, int Number, int Current, string Definition)>> RecipeTypeRevisions(Session session, string[] names, int[] numbers) => session.Query(
        """
        SELECT t.name, r.revision_num, t.revision_num, r.definition
        FROM recipe_type t JOIN recipe_type_revision r ON r.recipe_type_id = t.id WHERE t.name IN @names AND (r.id = t.revision_id OR r.revision_num IN @numbers)
        """,
        r => (r.GetString(0), r.GetInt32(1), r.GetInt32(2), r.GetString(3)),
        ("names", names), ("numbers", numbers));
}
