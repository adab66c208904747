using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Batches;

namespace Scale.Api.V6.Batches;

/// <summary>Which batches a request asks for, and in what order (batches-and-datasets.md §2.1).</summary>
internal static class BatchFilter
{
    public static readonly Parameter[] Parameters =
    [
        .. Parameter.Range,
        Parameter.Integer("recipe_type_id", "Recipe type.", repeatable: true), Parameter.Boolean("is_creation_done", "Absent for both."),
        Parameter.Boolean("is_superseded", "Absent for both."), Parameter.Integer("root_batch_id", "Batches of these chains.", repeatable: true),
    ];

    public static readonly Ordering<BatchRow> Fields = new Ordering<BatchRow>(b => b.Id, "last_modified")
        .By("title", b => b.Title, nullable: true)
        .By("description", b => b.Description, nullable: true)
        .By("recipe_type", b => b.RecipeType.Name)
        .By("recipe_type.id", b => b.RecipeTypeId)
        .By("recipe_type.name", b => b.RecipeType.Name)
        .By("recipe_type.title", b => b.RecipeType.Title)
        .By("recipe_type_rev", b => b.RecipeTypeRevId)
        .By("event", b => b.EventId)
        .By("root_batch", b => b.RootBatchId)
        .By("root_batch.id", b => b.RootBatchId)
        .By("superseded_batch", b => b.SupersededBatchId)
        .By("is_creation_done", b => b.IsCreationDone)
        .By("is_superseded", b => b.IsSuperseded)
        .By("jobs_total", b => b.JobsTotal)
        .By("jobs_pending", b => b.JobsPending)
        .By("jobs_blocked", b => b.JobsBlocked)
        .By("jobs_queued", b => b.JobsQueued)
        .By("jobs_running", b => b.JobsRunning)
        .By("jobs_failed", b => b.JobsFailed)
        .By("jobs_completed", b => b.JobsCompleted)
        .By("jobs_canceled", b => b.JobsCanceled)
        .By("recipes_estimated", b => b.RecipesEstimated)
        .By("recipes_total", b => b.RecipesTotal)
        .By("recipes_completed", b => b.RecipesCompleted)
        .By("created", b => b.Created)
        .By("superseded", b => b.Superseded)
        .By("last_modified", b => b.LastModified);

    public static IQueryable<BatchRow> Apply(IQueryable<BatchRow> batches, RequestParameters request) => batches
        .Within(request.Range(), b => b.LastModified)
        .WhereAny(request.Longs("recipe_type_id"), b => b.RecipeTypeId)
        .WhereAny(request.Longs("root_batch_id"), b => b.RootBatchId)
        .WhereFlag(request.OptionalBool("is_creation_done"), b => b.IsCreationDone)
        .WhereFlag(request.OptionalBool("is_superseded"), b => b.IsSuperseded);
}
