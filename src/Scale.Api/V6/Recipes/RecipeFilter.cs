using Microsoft.OpenApi;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Api.V6.Recipes;

/// <summary>Which recipes a request asks for, and in what order (recipes.md §3).</summary>
internal static class RecipeFilter
{
    public static readonly Parameter[] Parameters =
    [
        .. Parameter.Range,
        Parameter.Time("source_started", "Collection starts at or after."), Parameter.Time("source_ended", "Collection ends at or before."),
        Parameter.Text("source_sensor_class", "Exact.", repeatable: true), Parameter.Text("source_sensor", "Exact.", repeatable: true),
        Parameter.Text("source_collection", "Exact.", repeatable: true), Parameter.Text("source_task", "Exact.", repeatable: true),
        Parameter.Integer("recipe_id", "Recipe.", repeatable: true), Parameter.Integer("recipe_type_id", "Recipe type.", repeatable: true),
        Parameter.Text("recipe_type_name", "Recipe type.", repeatable: true), Parameter.Integer("batch_id", "Batch.", repeatable: true),
        Parameter.Integer("root_recipe_id", "Everything below these recipes.", repeatable: true),
        Parameter.Boolean("is_superseded", "Absent for both."), Parameter.Boolean("is_completed", "Absent for both."),
        new("state", JsonSchemaType.String, "Addition: how they are doing.", IsRepeatable: true, Choices: RecipeStates.Names),
    ];

    public static readonly Ordering<RecipeRow> Fields = new Ordering<RecipeRow>(r => r.Id, "last_modified")
        .By("recipe_type", r => r.RecipeType.Name)
        .By("recipe_type.id", r => r.RecipeTypeId)
        .By("recipe_type.name", r => r.RecipeType.Name)
        .By("recipe_type.title", r => r.RecipeType.Title)
        .By("recipe_type_rev", r => r.RecipeTypeRevId)
        .By("event", r => r.EventId)
        .By("ingest_event", r => r.IngestEventId)
        .By("batch", r => r.BatchId)
        .By("batch.id", r => r.BatchId)
        .By("batch.title", r => r.Batch!.Title, nullable: true)
        .By("recipe", r => r.RecipeId)
        .By("recipe.id", r => r.RecipeId)
        .By("root_recipe", r => r.RootRecipeId)
        .By("superseded_recipe", r => r.SupersededRecipeId)
        .By("is_superseded", r => r.IsSuperseded)
        .By("is_completed", r => r.IsCompleted)
        .By("input_file_size", r => r.InputFileSize)
        .By("source_started", r => r.SourceStarted)
        .By("source_ended", r => r.SourceEnded)
        .By("source_sensor_class", r => r.SourceSensorClass, nullable: true)
        .By("source_sensor", r => r.SourceSensor, nullable: true)
        .By("source_collection", r => r.SourceCollection, nullable: true)
        .By("source_task", r => r.SourceTask, nullable: true)
        .By("jobs_total", r => r.JobsTotal)
        .By("jobs_pending", r => r.JobsPending)
        .By("jobs_blocked", r => r.JobsBlocked)
        .By("jobs_queued", r => r.JobsQueued)
        .By("jobs_running", r => r.JobsRunning)
        .By("jobs_failed", r => r.JobsFailed)
        .By("jobs_completed", r => r.JobsCompleted)
        .By("jobs_canceled", r => r.JobsCanceled)
        .By("sub_recipes_total", r => r.SubRecipesTotal)
        .By("sub_recipes_completed", r => r.SubRecipesCompleted)
        .By("created", r => r.Created)
        .By("completed", r => r.Completed)
        .By("superseded", r => r.Superseded)
        .By("last_modified", r => r.LastModified);

    public static IQueryable<RecipeRow> Apply(ScaleContext context, RequestParameters request)
    {
        var recipes = context.Recipes
            .Within(request.Range(), r => r.LastModified)
            .Within(request.Range("source_started", "source_ended"), r => r.SourceStarted, r => r.SourceEnded)
            .WhereAny(request.Texts("source_sensor_class"), r => r.SourceSensorClass)
            .WhereAny(request.Texts("source_sensor"), r => r.SourceSensor)
            .WhereAny(request.Texts("source_collection"), r => r.SourceCollection)
            .WhereAny(request.Texts("source_task"), r => r.SourceTask)
            .WhereAny(request.Longs("recipe_id"), r => r.Id)
            .WhereAny(request.Longs("recipe_type_id"), r => r.RecipeTypeId)
            .WhereAny(request.Longs("batch_id"), r => r.BatchId)
            .WhereAny(request.Longs("root_recipe_id"), r => r.RootRecipeId)
            .WhereFlag(request.OptionalBool("is_superseded"), r => r.IsSuperseded)
            .WhereFlag(request.OptionalBool("is_completed"), r => r.IsCompleted);

        recipes = WhereState(recipes, request);

        // Types are few: their ids are found first, so that recipes are looked up by index and never joined.
        var names = request.Texts("recipe_type_name");
        if (names.Count > 0)
        {
            var types = context.RecipeTypes.WhereAny(names, t => t.Name).Select(t => t.Id);
            recipes = recipes.Where(r => types.Contains(r.RecipeTypeId));
        }

        return recipes;
    }
    /// <summary><see cref="RecipeStates.Of"/> over rows.</summary>
    private static IQueryable<RecipeRow> WhereState(IQueryable<RecipeRow> recipes, RequestParameters request)
    {
        var asked = request.Texts("state")
            .Select(name => RecipeStates.Find(name) ?? throw RequestParameters.Bad("state", $"must be one of {string.Join(", ", RecipeStates.Names)}, not '{name}'"))
            .Select(state => (long)state).Distinct().ToList();
        return recipes.WhereAny(asked, r =>
            r.IsCompleted ? (long)RecipeState.Completed
            : r.IsSuperseded ? (long)RecipeState.Superseded
            : r.NodeStates == "" && r.RecipeId == null ? (long)RecipeState.Creating
            : r.JobsQueued + r.JobsRunning > 0 ? (long)RecipeState.Running
            : r.JobsFailed > 0 ? (long)RecipeState.Failed
            : r.JobsCanceled > 0 || r.Error != null ? (long)RecipeState.Canceled
            : r.NodeStates.Contains("B") || r.NodeStates.Contains("b") || r.NodeStates.Contains("e") ? (long)RecipeState.Blocked
            : (long)RecipeState.Waiting);
    }
}
