using System.Data.Common;
using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Store.Recipes;

/// <summary>Reads of recipe evaluation: always many recipes a statement.</summary>
public static class RecipeReads
{
    private const string Counters =
        "{0}.jobs_pending, {0}.jobs_blocked, {0}.jobs_queued, {0}.jobs_running, {0}.jobs_failed, {0}.jobs_completed, {0}.jobs_canceled, {0}.sub_recipes_total, {0}.sub_recipes_completed";

    private static readonly string RecipeSql =
        $"""
        SELECT r.id, r.recipe_type_id, r.recipe_type_rev_id, r.event_id, r.ingest_event_id, r.batch_id, r.recipe_id, r.root_recipe_id, r.top_recipe_id, r.family_id,
               r.superseded_recipe_id, r.root_superseded_recipe_id, r.is_superseded, r.is_completed, r.input, r.configuration, r.forced_nodes, r.input_file_size,
               r.source_started, r.source_ended, r.source_sensor_class, r.source_sensor, r.source_collection, r.source_task, r.node_states, r.created, r.completed,
               {string.Format(Counters, "r")}, r.is_held_back, r.error
        FROM recipe r WHERE r.id IN @ids ORDER BY r.id
        """;

    private static readonly string SubRecipeSql =
        $"""
        SELECT s.id, s.recipe_type_id, s.recipe_type_rev_id, s.input IS NOT NULL, s.is_completed, s.is_superseded, s.is_held_back, s.error, s.node_states, {string.Format(Counters, "s")}
        FROM recipe_node n JOIN recipe s ON s.id = n.sub_recipe_id WHERE n.recipe_id IN @ids
        """;

    public static Reply<List<StoredRecipe>> Recipes(Session session, long[] ids) => session.Ask(RecipeSql, ReadRecipe, ("ids", ids));

    /// <summary>All nodes of the recipes, with what is to be known of their jobs.</summary>
    public static Reply<List<StoredNode>> Nodes(Session session, long[] recipeIds) => session.Ask(
        """
        SELECT n.recipe_id, n.node_name, n.job_id, n.sub_recipe_id, n.condition_id, j.job_type_id, j.status, j.num_exes, j.input IS NOT NULL, j.input_file_size, j.is_superseded,
               CASE WHEN j.num_exes = 0 THEN j.configuration END, j.batch_id, j.started, j.ended, j.main_started, j.main_ended
        FROM recipe_node n LEFT JOIN job j ON j.id = n.job_id WHERE n.recipe_id IN @ids
        """,
        ReadNode,
        ("ids", recipeIds));

    public static Task<List<StoredCondition>> Conditions(Session session, long[] recipeIds) => session.Query(
        """
        SELECT c.id, c.is_processed, c.is_accepted, c.error IS NOT NULL, c.data
        FROM recipe_node n JOIN recipe_condition c ON c.id = n.condition_id WHERE n.recipe_id IN @ids
        """,
        r => new StoredCondition(r.GetInt64(0), r.GetBoolean(1), r.GetBoolean(2), r.GetBoolean(3), r.Text(4)),
        ("ids", recipeIds));

    public static Task<List<StoredSubRecipe>> SubRecipes(Session session, long[] recipeIds) => session.Query(
        SubRecipeSql,
        r => new StoredSubRecipe(
            r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5), r.GetBoolean(6), r.Text(7), NodeStates.Block(r.GetString(8)),
            ReadCounts(r, 9), r.GetInt32(16), r.GetInt32(17)),
        ("ids", recipeIds));

    /// <summary>Stored outputs by job; jobs without output are absent.</summary>
    public static Task<List<(long JobId, string Output)>> Outputs(Session session, long[] jobIds) => session.Query(
        "SELECT id, output FROM job WHERE id IN @ids AND output IS NOT NULL", r => (r.GetInt64(0), r.GetString(1)), ("ids", jobIds));

    /// <summary>Jobs and sub-recipes at the nodes of superseded recipes.</summary>
    public static Task<List<Predecessor>> Predecessors(Session session, long[] supersededRecipeIds) => session.Query(
        """
        SELECT n.recipe_id, n.node_name, n.job_id, coalesce(j.root_superseded_job_id, j.id), n.sub_recipe_id, s.family_id
        FROM recipe_node n LEFT JOIN job j ON j.id = n.job_id LEFT JOIN recipe s ON s.id = n.sub_recipe_id WHERE n.recipe_id IN @ids
        """,
        r => new Predecessor(r.GetInt64(0), r.GetString(1), r.Long(2), r.Long(3), r.Long(4), r.Long(5)),
        ("ids", supersededRecipeIds));

    /// <summary>Where jobs are, in every recipe that holds them, with what is kept of it.</summary>
    public static Task<List<PlaceOfJob>> PlacesOfJobs(Session session, long[] jobIds) => session.Query(
        """
        SELECT r.id, n.node_name, r.recipe_type_rev_id, r.node_states, r.batch_id, r.recipe_id IS NOT NULL
        FROM recipe_node n JOIN recipe r ON r.id = n.recipe_id WHERE n.job_id IN @ids
        """,
        r => new PlaceOfJob(r.GetInt64(0), r.GetString(1), r.GetInt64(2), r.GetString(3), r.Long(4), r.GetBoolean(5)),
        ("ids", jobIds));

    /// <summary>Each of the jobs with each recipe that holds it.</summary>
    public static Task<List<(long JobId, long RecipeId)>> Holdings(Session session, long[] jobIds) => session.Query(
        "SELECT job_id, recipe_id FROM recipe_node WHERE job_id IN @ids", r => (r.GetInt64(0), r.GetInt64(1)), ("ids", jobIds));

    public static Task<List<long>> HoldersOfJobs(Session session, long[] jobIds) =>
        session.Query("SELECT DISTINCT recipe_id FROM recipe_node WHERE job_id IN @ids", r => r.GetInt64(0), ("ids", jobIds));

    public static Task<List<long>> HoldersOfSubRecipes(Session session, long[] subRecipeIds) =>
        session.Query("SELECT DISTINCT recipe_id FROM recipe_node WHERE sub_recipe_id IN @ids", r => r.GetInt64(0), ("ids", subRecipeIds));

    /// <summary>Members of the families that are not superseded, by ascending id.</summary>
    public static Task<List<long>> CurrentOfFamilies(Session session, long[] familyIds) => session.Query(
        "SELECT id FROM recipe WHERE family_id IN @ids AND is_superseded = FALSE ORDER BY id", r => r.GetInt64(0), ("ids", familyIds));

    public static Task<List<InputFile>> Files(Session session, long[] ids) => session.Query(
        """
        SELECT id, file_type, file_size, source_started, source_ended, source_sensor_class, source_sensor, source_collection, source_task
        FROM file WHERE id IN @ids
        """,
        r => new InputFile(r.GetInt64(0), r.GetInt16(1) == 0, r.GetInt64(2), r.MomentOrNull(3), r.MomentOrNull(4), r.Text(5), r.Text(6), r.Text(7), r.Text(8)),
        ("ids", ids));

    /// <summary>What the filters of conditions test of files.</summary>
    public static Task<List<(long Id, FileFacts Facts)>> Facts(Session session, long[] fileIds) => session.Query(
        "SELECT id, file_name, media_type, data_type_tags, meta_data FROM file WHERE id IN @ids",
        r => (r.GetInt64(0), new FileFacts(r.GetString(1), r.GetString(2), JsonSerializer.Deserialize<string[]>(r.GetString(3))!, JsonElement.Parse(r.GetString(4)))),
        ("ids", fileIds));

    /// <summary>Source files that products were made from.</summary>
    public static Task<List<(long Product, long Source)>> Sources(Session session, long[] productIds) => session.Query(
        "SELECT DISTINCT descendant_id, ancestor_id FROM file_ancestry WHERE descendant_id IN @ids", r => (r.GetInt64(0), r.GetInt64(1)), ("ids", productIds));

    private static StoredRecipe ReadRecipe(DbDataReader r) => new()
    {
        Id = r.GetInt64(0),
        RecipeTypeId = r.GetInt64(1),
        RevisionId = r.GetInt64(2),
        EventId = r.Long(3),
        IngestEventId = r.Long(4),
        BatchId = r.Long(5),
        ContainerId = r.Long(6),
        RootRecipeId = r.GetInt64(7),
        TopRecipeId = r.GetInt64(8),
        FamilyId = r.GetInt64(9),
        SupersededRecipeId = r.Long(10),
        RootSupersededRecipeId = r.Long(11),
        IsSuperseded = r.GetBoolean(12),
        IsCompleted = r.GetBoolean(13),
        Input = r.Text(14),
        Configuration = r.GetString(15),
        ForcedNodes = r.Text(16),
        InputSummary = r.Double(17) is { } size
            ? new InputSummary(size, r.MomentOrNull(18), r.MomentOrNull(19), r.Text(20), r.Text(21), r.Text(22), r.Text(23))
            : null,
        NodeStates = r.GetString(24),
        Created = r.Moment(25),
        Completed = r.MomentOrNull(26),
        Jobs = ReadCounts(r, 27),
        SubRecipesTotal = r.GetInt32(34),
        SubRecipesCompleted = r.GetInt32(35),
        IsHeldBack = r.GetBoolean(36),
        Error = r.Text(37),
    };

    private static StoredNode ReadNode(DbDataReader r) => new(
        r.GetInt64(0),
        r.GetString(1),
        r.Long(2),
        r.Long(3),
        r.Long(4),
        r.IsDBNull(5)
            ? default
            : new StoredJob(r.GetInt64(5), (JobStatus)r.GetInt16(6), r.GetInt32(7), r.GetBoolean(8), r.Double(9), r.GetBoolean(10), r.Text(11), r.Long(12),
                r.MomentOrNull(13), r.MomentOrNull(14), r.MomentOrNull(15), r.MomentOrNull(16)));

    private static JobCounts ReadCounts(DbDataReader r, int first) => new(
        r.GetInt32(first), r.GetInt32(first + 1), r.GetInt32(first + 2), r.GetInt32(first + 3), r.GetInt32(first + 4), r.GetInt32(first + 5), r.GetInt32(first + 6));
}
