using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>Flags that people set on batches, and the jobs these concern.</summary>
public static class BatchControls
{
    /// <summary>Sets or lifts the pause of a batch that is not canceled.</summary>
    /// <returns>False when nothing changed.</returns>
    public static async Task<bool> SetPaused(Session session, long batchId, bool isPaused, DateTime now) => await session.Execute(
        "UPDATE batch SET is_paused = @paused, last_modified = @now WHERE id = @id AND is_paused <> @paused AND is_canceled = FALSE",
        ("id", batchId), ("paused", isPaused), ("now", now)) == 1;

    /// <summary>Marks a batch canceled, for good.</summary>
    /// <returns>False when it was before.</returns>
    public static async Task<bool> SetCanceled(Session session, long batchId, DateTime now) => await session.Execute(
        "UPDATE batch SET is_canceled = TRUE, last_modified = @now WHERE id = @id AND is_canceled = FALSE", ("id", batchId), ("now", now)) == 1;

    public static Task<bool> IsPaused(Session session, long batchId) =>
        session.QueryFirst("SELECT is_paused FROM batch WHERE id = @id", r => r.GetBoolean(0), ("id", batchId));

    /// <summary>Jobs that a batch made and that may still go on, by the ids of their recipes; FAILED ones have ended.</summary>
    /// <param name="from">First recipe that is looked at.</param>
    /// <param name="window">How many recipes are looked at.</param>
    /// <param name="limit">How many jobs are taken of them.</param>
    /// <returns>The jobs, and the recipe to go on from: the last one of a full list may have more. Null when there is none left.</returns>
    public static async Task<(List<long> JobIds, long? Next)> OpenJobs(Session session, long batchId, long from, int window, int limit)
    {
        var recipes = await session.Query(
            "SELECT id FROM recipe WHERE batch_id = @batch AND id >= @from ORDER BY id LIMIT @window", r => r.GetInt64(0), ("batch", batchId), ("from", from), ("window", window));
        if (recipes.Count == 0)
        {
            return ([], null);
        }

        var jobs = await session.Query(
            """
            SELECT n.recipe_id, j.id FROM recipe_node n JOIN job j ON j.id = n.job_id
            WHERE n.recipe_id IN @recipes AND +j.batch_id = @batch AND +j.status < 4 ORDER BY n.recipe_id, j.id LIMIT @limit
            """,
            r => (RecipeId: r.GetInt64(0), Id: r.GetInt64(1)),
            ("recipes", recipes.ToArray()), ("batch", batchId), ("limit", limit));
        return (jobs.ConvertAll(j => j.Id), jobs.Count == limit ? jobs[^1].RecipeId : recipes[^1] + 1);
    }

    /// <summary>FAILED jobs that a batch made by ascending id, with the execution count they have now.</summary>
    public static Task<List<(long JobId, int NumExes)>> FailedJobs(Session session, long batchId, long after, long last, int limit) => session.Query(
        "SELECT id, num_exes FROM job WHERE batch_id = @batch AND id > @after AND id <= @last AND status = 4 AND is_superseded = FALSE ORDER BY id LIMIT @limit",
        r => (r.GetInt64(0), r.GetInt32(1)),
        ("batch", batchId), ("after", after), ("last", last), ("limit", limit));

    /// <summary>Recipes of a batch, sub-recipes included, that hold FAILED jobs, by ascending id.</summary>
    public static Task<List<long>> RecipesWithFailures(Session session, long batchId, long after, int limit) => session.Query(
        "SELECT id FROM recipe WHERE batch_id = @batch AND id > @after AND jobs_failed > 0 ORDER BY id LIMIT @limit",
        r => r.GetInt64(0),
        ("batch", batchId), ("after", after), ("limit", limit));

    /// <summary>FAILED jobs that recipes share with those they superseded.</summary>
    public static Task<List<(long JobId, int NumExes)>> SharedFailedJobs(Session session, long[] recipeIds) => session.Query(
        """
        SELECT DISTINCT j.id, j.num_exes FROM recipe_node n JOIN job j ON j.id = n.job_id
        WHERE n.recipe_id IN @ids AND n.is_original = FALSE AND j.status = 4 AND j.is_superseded = FALSE
        """,
        r => (r.GetInt64(0), r.GetInt32(1)),
        ("ids", recipeIds));

    /// <summary>The newest job there is.</summary>
    public static Task<long> LastJob(Session session) => session.QueryFirst("SELECT coalesce(max(id), 0) FROM job", r => r.GetInt64(0));

    /// <summary>Whether recipes of the batch are to be made or evaluated yet, which may make jobs.</summary>
    public static async Task<bool> MayMakeJobs(Session session, long batchId) => await session.QueryFirst(
        """
        SELECT TRUE FROM batch b WHERE b.id = @batch
            AND (b.is_creation_done = FALSE OR EXISTS (SELECT 1 FROM recipe_dirty d JOIN recipe r ON r.id = d.recipe_id WHERE r.batch_id = b.id))
        """,
        r => true,
        ("batch", batchId));
}
