using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>What creation reads of a batch.</summary>
public sealed record StoredBatch(
    long Id,
    long RecipeTypeId,
    long RevisionId,
    long EventId,
    string Definition,
    string Configuration,
    long? DatasetId,
    long? LastMemberId,
    long RootBatchId,
    long? SupersededBatchId,
    bool IsCreationDone,
    bool IsCanceled,
    int RecipesTotal,
    string? LegacyDefinition,
    long? CreatorJobId);

/// <summary>A batch to be inserted, before anything was made of it.</summary>
/// <param name="LastMemberId">Highest dataset member that takes part: later ones don't join.</param>
public sealed record NewBatch(
    long Id,
    string? Title,
    string? Description,
    long RecipeTypeId,
    long RevisionId,
    long EventId,
    string Definition,
    string Configuration,
    int? Priority,
    long? DatasetId,
    long? LastMemberId,
    long RootBatchId,
    long? SupersededBatchId,
    int RecipesEstimated,
    string? LegacyDefinition = null,
    long? CreatorJobId = null);

/// <summary>A recipe type as it is now.</summary>
public sealed record RecipeTypeNow(long Id, string Name, bool IsActive, long RevisionId, int RevisionNumber);

/// <summary>A dataset's definition and how many members it has.</summary>
public sealed record DatasetNow(long Id, string Definition, long MemberCount);

/// <summary>Rows of batches and of what they are made from.</summary>
public static class BatchStore
{
    private const string Columns =
        "id, recipe_type_id, recipe_type_rev_id, event_id, definition, configuration, dataset_id, last_member_id, root_batch_id, superseded_batch_id, is_creation_done, is_canceled, recipes_total, "
        + "legacy_definition, creator_job_id";

    public static Task<StoredBatch?> Find(Session session, long id) => session.QueryFirst($"SELECT {Columns} FROM batch WHERE id = @id", Read, ("id", id));

    /// <summary>The batch of a chain that nothing superseded yet; null when the id is not a chain's root.</summary>
    public static Task<StoredBatch?> LastOfChain(Session session, long rootBatchId) => session.QueryFirst(
        $"SELECT {Columns} FROM batch WHERE root_batch_id = @root AND is_superseded = FALSE ORDER BY id DESC LIMIT 1", Read, ("root", rootBatchId));

    /// <summary>Marks a batch superseded, waiting for any other transaction that is about to.</summary>
    /// <returns>False when another one did it.</returns>
    public static async Task<bool> Supersede(Session session, long id, DateTime now) => await session.Execute(
        "UPDATE batch SET is_superseded = TRUE, superseded = @now, last_modified = @now WHERE id = @id AND is_superseded = FALSE", ("id", id), ("now", now)) == 1;

    public static Task<RecipeTypeNow?> RecipeType(Session session, long id) => session.QueryFirst(
        "SELECT id, name, is_active, revision_id, revision_num FROM recipe_type WHERE id = @id",
        r => new RecipeTypeNow(r.GetInt64(0), r.GetString(1), r.GetBoolean(2), r.GetInt64(3), r.GetInt32(4)),
        ("id", id));

    public static Task<DatasetNow?> Dataset(Session session, long id) => session.QueryFirst(
        "SELECT id, definition, member_count FROM dataset WHERE id = @id",
        r => new DatasetNow(r.GetInt64(0), r.GetString(1), r.GetInt64(2)),
        ("id", id));

    /// <summary>Null when the dataset has no member.</summary>
    public static Task<long?> LastMember(Session session, long datasetId) =>
        session.QueryFirst("SELECT max(id) FROM dataset_member WHERE dataset_id = @dataset", r => r.Long(0), ("dataset", datasetId));

    /// <summary>Members with ids below <paramref name="before"/>, highest first.</summary>
    public static Task<List<(long Id, string Data)>> Members(Session session, long datasetId, long before, int limit) => session.Query(
        "SELECT id, data FROM dataset_member WHERE dataset_id = @dataset AND id < @before ORDER BY id DESC LIMIT @limit",
        r => (r.GetInt64(0), r.GetString(1)),
        ("dataset", datasetId), ("before", before), ("limit", limit));

    /// <summary>Top-level recipes of a batch with ids below <paramref name="before"/>, highest first.</summary>
    public static Task<List<(long Id, long FamilyId)>> TopRecipes(Session session, long batchId, long before, int limit) => session.Query(
        "SELECT id, family_id FROM recipe WHERE batch_id = @batch AND recipe_id IS NULL AND id < @before ORDER BY id DESC LIMIT @limit",
        r => (r.GetInt64(0), r.GetInt64(1)),
        ("batch", batchId), ("before", before), ("limit", limit));

    /// <summary>
    /// Which of the files are inputs of current top-level recipes of a type: recipes outside of the batch, to be re-processed, and those that the batch
    /// has re-processed already.
    /// </summary>
    public static async Task<List<(long FileId, long FamilyId, bool IsOfBatch)>> RecipesOnFiles(Session session, long batchId, long recipeTypeId, long[] fileIds)
    {
        // Two statements, because a database without statistics joins them by reading every recipe of the type.
        var links = await session.Query("SELECT file_id, recipe_id FROM recipe_input_file WHERE file_id IN @files", r => (FileId: r.GetInt64(0), RecipeId: r.GetInt64(1)), ("files", fileIds));
        if (links.Count == 0)
        {
            return [];
        }

        var recipes = await session.Query(
            """
            SELECT id, family_id, coalesce(batch_id, 0) = @batch FROM recipe
            WHERE id IN @ids AND +recipe_type_id = @type AND recipe_id IS NULL AND is_superseded = FALSE AND (batch_id IS NULL OR batch_id <> @batch OR superseded_recipe_id IS NOT NULL)
            """,
            r => (Id: r.GetInt64(0), FamilyId: r.GetInt64(1), IsOfBatch: r.GetBoolean(2)),
            ("ids", links.Select(l => l.RecipeId).Distinct().ToArray()), ("type", recipeTypeId), ("batch", batchId));
        var byId = recipes.ToDictionary(r => r.Id);
        return [.. links.Where(l => byId.ContainsKey(l.RecipeId)).Select(l => (l.FileId, byId[l.RecipeId].FamilyId, byId[l.RecipeId].IsOfBatch)).Distinct()];
    }

    public static Task Insert(Session session, NewBatch batch, DateTime now) => session.Execute(
        """
        INSERT INTO batch (id, title, description, recipe_type_id, recipe_type_rev_id, event_id, definition, configuration, priority, dataset_id, last_member_id, root_batch_id,
            superseded_batch_id, recipes_estimated, legacy_definition, creator_job_id, created, last_modified)
        VALUES (@id, @title, @description, @recipe_type, @revision, @event, @definition, @configuration, @priority, @dataset, @last_member, @root, @superseded, @estimated, @legacy, @creator,
            @now, @now)
        """,
        ("id", batch.Id), ("title", batch.Title), ("description", batch.Description), ("recipe_type", batch.RecipeTypeId), ("revision", batch.RevisionId), ("event", batch.EventId),
        ("definition", batch.Definition), ("configuration", batch.Configuration), ("priority", batch.Priority), ("dataset", batch.DatasetId), ("last_member", batch.LastMemberId),
        ("root", batch.RootBatchId), ("superseded", batch.SupersededBatchId), ("estimated", batch.RecipesEstimated),
        ("legacy", batch.LegacyDefinition), ("creator", batch.CreatorJobId), ("now", now));

    /// <summary>Zeroed counters, one row per node of the frozen revision's graph.</summary>
    public static Task InsertNodes(Session session, long batchId, IReadOnlyList<string> nodes) =>
        session.BulkInsert("batch_node", new Rows("n", ("batch_id", nodes.Column(_ => batchId)), ("node_name", nodes.Column(n => n))));

    /// <summary>A null title or description keeps what is stored; a null configuration keeps configuration and priority.</summary>
    public static async Task<bool> Edit(Session session, long id, string? title, string? description, string? configuration, int? priority, DateTime now) => await session.Execute(
        """
        UPDATE batch SET title = coalesce(@title, title), description = coalesce(@description, description),
            priority = CASE WHEN @is_configured THEN @priority ELSE priority END, configuration = coalesce(@configuration, configuration), last_modified = @now
        WHERE id = @id
        """,
        ("id", id), ("title", title), ("description", description), ("configuration", configuration), ("is_configured", configuration is not null), ("priority", priority), ("now", now)) == 1;

    private static StoredBatch Read(System.Data.Common.DbDataReader r) => new(
        r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetString(4), r.GetString(5), r.Long(6), r.Long(7), r.GetInt64(8), r.Long(9), r.GetBoolean(10), r.GetBoolean(11), r.GetInt32(12),
        r.Text(13), r.Long(14));
}
