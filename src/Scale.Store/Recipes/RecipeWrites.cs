using Scale.Store.Databases;

namespace Scale.Store.Recipes;

/// <summary>A node row to insert; exactly one of the three ids is set.</summary>
public readonly record struct NewNode(long RecipeId, string Name, long? JobId, long? SubRecipeId, long? ConditionId, bool IsOriginal);

/// <summary>A condition row as evaluation leaves it.</summary>
public sealed record ConditionRow(long Id, long RecipeId, long RootRecipeId, long? BatchId, string? Data, bool IsProcessed, bool IsAccepted, string? Error);

/// <summary>A file at an input of a recipe or job.</summary>
public readonly record struct InputLink(long OwnerId, string Input, long FileId);

/// <summary>Writes of recipe evaluation: always many rows a statement.</summary>
public static class RecipeWrites
{
    public static Task Insert(Session session, IReadOnlyList<StoredRecipe> recipes) => session.BulkInsert("recipe", new Rows("r",
        ("id", recipes.Column(r => r.Id)),
        ("recipe_type_id", recipes.Column(r => r.RecipeTypeId)),
        ("recipe_type_rev_id", recipes.Column(r => r.RevisionId)),
        ("event_id", recipes.Column(r => r.EventId)),
        ("ingest_event_id", recipes.Column(r => r.IngestEventId)),
        ("batch_id", recipes.Column(r => r.BatchId)),
        ("recipe_id", recipes.Column(r => r.ContainerId)),
        ("root_recipe_id", recipes.Column(r => r.RootRecipeId)),
        ("top_recipe_id", recipes.Column(r => r.TopRecipeId)),
        ("family_id", recipes.Column(r => r.FamilyId)),
        ("superseded_recipe_id", recipes.Column(r => r.SupersededRecipeId)),
        ("root_superseded_recipe_id", recipes.Column(r => r.RootSupersededRecipeId)),
        ("is_superseded", recipes.Column(r => r.IsSuperseded)),
        ("is_completed", recipes.Column(r => r.IsCompleted)),
        ("input", recipes.Column(r => r.Input)),
        ("configuration", recipes.Column(r => r.Configuration)),
        ("forced_nodes", recipes.Column(r => r.ForcedNodes)),
        ("input_file_size", recipes.Column(r => r.InputSummary?.SizeMiB)),
        ("source_started", recipes.Column(r => r.InputSummary?.SourceStarted)),
        ("source_ended", recipes.Column(r => r.InputSummary?.SourceEnded)),
        ("source_sensor_class", recipes.Column(r => r.InputSummary?.SensorClass)),
        ("source_sensor", recipes.Column(r => r.InputSummary?.Sensor)),
        ("source_collection", recipes.Column(r => r.InputSummary?.Collection)),
        ("source_task", recipes.Column(r => r.InputSummary?.Task)),
        ("node_states", recipes.Column(r => r.NodeStates)),
        ("jobs_total", recipes.Column(r => r.Jobs.Total)),
        ("jobs_pending", recipes.Column(r => r.Jobs.Pending)),
        ("jobs_blocked", recipes.Column(r => r.Jobs.Blocked)),
        ("jobs_queued", recipes.Column(r => r.Jobs.Queued)),
        ("jobs_running", recipes.Column(r => r.Jobs.Running)),
        ("jobs_failed", recipes.Column(r => r.Jobs.Failed)),
        ("jobs_completed", recipes.Column(r => r.Jobs.Completed)),
        ("jobs_canceled", recipes.Column(r => r.Jobs.Canceled)),
        ("sub_recipes_total", recipes.Column(r => r.SubRecipesTotal)),
        ("sub_recipes_completed", recipes.Column(r => r.SubRecipesCompleted)),
        ("created", recipes.Column(r => r.Created)),
        ("completed", recipes.Column(r => r.Completed)),
        ("last_modified", recipes.Column(r => r.Created))));

    /// <summary>Stores what evaluation changes of recipes that were there: node states, counters and completion.</summary>
    public static Task UpdateProgress(Session session, IReadOnlyList<StoredRecipe> recipes, DateTime now) => session.Send(
        """
        UPDATE recipe SET node_states = v.node_states, jobs_total = v.jobs_total, jobs_pending = v.jobs_pending, jobs_blocked = v.jobs_blocked, jobs_queued = v.jobs_queued,
            jobs_running = v.jobs_running, jobs_failed = v.jobs_failed, jobs_completed = v.jobs_completed, jobs_canceled = v.jobs_canceled,
            sub_recipes_total = v.sub_recipes_total, sub_recipes_completed = v.sub_recipes_completed,
            is_completed = v.is_completed, completed = v.completed, last_modified = @now
        FROM {v} WHERE recipe.id = v.id
        """,
        new Rows("v",
            ("id", recipes.Column(r => r.Id)),
            ("node_states", recipes.Column(r => r.NodeStates)),
            ("jobs_total", recipes.Column(r => r.Jobs.Total)),
            ("jobs_pending", recipes.Column(r => r.Jobs.Pending)),
            ("jobs_blocked", recipes.Column(r => r.Jobs.Blocked)),
            ("jobs_queued", recipes.Column(r => r.Jobs.Queued)),
            ("jobs_running", recipes.Column(r => r.Jobs.Running)),
            ("jobs_failed", recipes.Column(r => r.Jobs.Failed)),
            ("jobs_completed", recipes.Column(r => r.Jobs.Completed)),
            ("jobs_canceled", recipes.Column(r => r.Jobs.Canceled)),
            ("sub_recipes_total", recipes.Column(r => r.SubRecipesTotal)),
            ("sub_recipes_completed", recipes.Column(r => r.SubRecipesCompleted)),
            ("is_completed", recipes.Column(r => r.IsCompleted)),
            ("completed", recipes.Column(r => r.Completed))),
        ("now", now));

    /// <summary>Stores that jobs of recipes began to run.</summary>
    public static Task Begin(Session session, IReadOnlyList<MovedRecipe> recipes, DateTime now) => session.Send(
        """
        UPDATE recipe SET node_states = v.node_states, jobs_queued = recipe.jobs_queued - v.jobs, jobs_running = recipe.jobs_running + v.jobs, last_modified = @now
        FROM {v} WHERE recipe.id = v.id
        """,
        RowsOf(recipes),
        ("now", now));

    /// <summary>Stores that jobs of recipes were canceled and none of them may go on.</summary>
    public static Task Cancel(Session session, IReadOnlyList<MovedRecipe> recipes, DateTime now) => session.Send(
        """
        UPDATE recipe SET node_states = v.node_states, jobs_pending = 0, jobs_blocked = 0, jobs_queued = 0, jobs_running = 0, jobs_failed = 0,
            jobs_canceled = recipe.jobs_canceled + v.jobs, last_modified = @now
        FROM {v} WHERE recipe.id = v.id
        """,
        RowsOf(recipes),
        ("now", now));

    /// <summary>Stores the processed input of recipes that were there (recipes.md §10.1), once.</summary>
    public static Task SetInputSummaries(Session session, IReadOnlyList<StoredRecipe> recipes) => session.Send(
        """
        UPDATE recipe SET input_file_size = v.size, source_started = v.started, source_ended = v.ended, source_sensor_class = v.sensor_class, source_sensor = v.sensor,
            source_collection = v.collection, source_task = v.task
        FROM {v} WHERE recipe.id = v.id AND recipe.input_file_size IS NULL
        """,
        new Rows("v",
            ("id", recipes.Column(r => r.Id)),
            ("size", recipes.Column(r => r.InputSummary!.Value.SizeMiB)),
            ("started", recipes.Column(r => r.InputSummary!.Value.SourceStarted)),
            ("ended", recipes.Column(r => r.InputSummary!.Value.SourceEnded)),
            ("sensor_class", recipes.Column(r => r.InputSummary!.Value.SensorClass)),
            ("sensor", recipes.Column(r => r.InputSummary!.Value.Sensor)),
            ("collection", recipes.Column(r => r.InputSummary!.Value.Collection)),
            ("task", recipes.Column(r => r.InputSummary!.Value.Task))));

    /// <summary>Gives sub-recipes their input, once.</summary>
    public static Task SetInputs(Session session, IReadOnlyList<(long RecipeId, string Input)> inputs) => session.Send(
        "UPDATE recipe SET input = v.input FROM {v} WHERE recipe.id = v.id AND recipe.input IS NULL",
        new Rows("v", ("id", inputs.Column(i => i.RecipeId)), ("input", inputs.Column(i => i.Input))));

    /// <summary>Stores whether sub-recipes are held back, and why they can't begin.</summary>
    public static Task SetHolds(Session session, IReadOnlyList<(long RecipeId, bool IsHeldBack, string? Error)> holds, DateTime now) => session.Send(
        "UPDATE recipe SET is_held_back = v.is_held_back, error = v.error, last_modified = @now FROM {v} WHERE recipe.id = v.id",
        new Rows("v", ("id", holds.Column(h => h.RecipeId)), ("is_held_back", holds.Column(h => h.IsHeldBack)), ("error", holds.Column(h => h.Error))),
        ("now", now));

    public static Task Insert(Session session, IReadOnlyList<NewNode> nodes) => session.BulkInsert("recipe_node", new Rows("n",
        ("recipe_id", nodes.Column(n => n.RecipeId)),
        ("node_name", nodes.Column(n => n.Name)),
        ("job_id", nodes.Column(n => n.JobId)),
        ("sub_recipe_id", nodes.Column(n => n.SubRecipeId)),
        ("condition_id", nodes.Column(n => n.ConditionId)),
        ("is_original", nodes.Column(n => n.IsOriginal))));

    public static Task Insert(Session session, IReadOnlyList<ConditionRow> conditions, DateTime now) => session.BulkInsert("recipe_condition", new Rows("c",
        ("id", conditions.Column(c => c.Id)),
        ("recipe_id", conditions.Column(c => c.RecipeId)),
        ("root_recipe_id", conditions.Column(c => c.RootRecipeId)),
        ("batch_id", conditions.Column(c => c.BatchId)),
        ("data", conditions.Column(c => c.Data)),
        ("is_processed", conditions.Column(c => c.IsProcessed)),
        ("is_accepted", conditions.Column(c => c.IsAccepted)),
        ("error", conditions.Column(c => c.Error)),
        ("created", conditions.Column(_ => now)),
        ("processed", conditions.Column(c => c.IsProcessed ? now : (DateTime?)null)),
        ("last_modified", conditions.Column(_ => now))));

    /// <summary>Stores decisions (or why there can be none) of conditions that were there, once.</summary>
    public static Task Decide(Session session, IReadOnlyList<ConditionRow> conditions, DateTime now) => session.Send(
        """
        UPDATE recipe_condition SET data = v.data, is_processed = v.is_processed, is_accepted = v.is_accepted, error = v.error, processed = v.processed, last_modified = @now
        FROM {v} WHERE recipe_condition.id = v.id AND recipe_condition.is_processed = FALSE
        """,
        new Rows("v",
            ("id", conditions.Column(c => c.Id)),
            ("data", conditions.Column(c => c.Data)),
            ("is_processed", conditions.Column(c => c.IsProcessed)),
            ("is_accepted", conditions.Column(c => c.IsAccepted)),
            ("error", conditions.Column(c => c.Error)),
            ("processed", conditions.Column(c => c.IsProcessed ? now : (DateTime?)null))),
        ("now", now));

    public static Task InsertRecipeInputs(Session session, IReadOnlyList<InputLink> links) => session.BulkInsert("recipe_input_file", new Rows("f",
        ("recipe_id", links.Column(l => l.OwnerId)),
        ("input_name", links.Column(l => l.Input)),
        ("file_id", links.Column(l => l.FileId))));

    /// <summary>Appends recipes to evaluate later.</summary>
    public static Task AppendDirty(Session session, long[] recipeIds) => session.BulkInsert("recipe_dirty", new Rows("d", ("recipe_id", recipeIds)));

    /// <summary>Takes recipes to evaluate out of the list, those that no batch made first.</summary>
    /// <param name="limit">Rows to take at most.</param>
    /// <returns>One id per row taken; ids may repeat.</returns>
    public static async Task<List<long>> TakeDirty(Session session, int limit)
    {
        var rows = await session.Query(
            "SELECT d.seq, d.recipe_id FROM recipe_dirty d LEFT JOIN recipe r ON r.id = d.recipe_id ORDER BY CASE WHEN r.batch_id IS NULL THEN 0 ELSE 1 END, d.seq LIMIT @limit",
            r => (Seq: r.GetInt64(0), RecipeId: r.GetInt64(1)),
            ("limit", limit));
        if (rows.Count > 0)
        {
            await session.Execute("DELETE FROM recipe_dirty WHERE seq IN @seqs", ("seqs", rows.Column(r => r.Seq)));
        }

        return [.. rows.Select(r => r.RecipeId)];
    }

    /// <summary>Marks recipes superseded, once.</summary>
    public static Task Supersede(Session session, long[] recipeIds, DateTime now) => session.Send(
        "UPDATE recipe SET is_superseded = TRUE, superseded = @now, last_modified = @now WHERE id IN @ids AND is_superseded = FALSE", ("ids", recipeIds), ("now", now));

    private static Rows RowsOf(IReadOnlyList<MovedRecipe> recipes) => new(
        "v", ("id", recipes.Column(r => r.Id)), ("node_states", recipes.Column(r => r.NodeStates)), ("jobs", recipes.Column(r => r.Jobs)));
}
