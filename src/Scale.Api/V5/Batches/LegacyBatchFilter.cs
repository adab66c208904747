using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Batches;

namespace Scale.Api.V5.Batches;

/// <summary>Which batches a v5 request asks for, and in what order (batches-and-datasets.md §6).</summary>
internal static class LegacyBatchFilter
{
    public const string Submitted = "SUBMITTED";
    public const string Created = "CREATED";

    public static readonly Parameter[] Parameters =
    [
        .. Parameter.Range,
        new("status", Microsoft.OpenApi.JsonSchemaType.String, "CREATED when all recipes exist.", IsRepeatable: true, Choices: [Submitted, Created]),
        Parameter.Integer("recipe_type_id", "Recipe type.", repeatable: true), Parameter.Text("recipe_type_name", "Recipe type by name.", repeatable: true),
    ];

    public static readonly Ordering<BatchRow> Fields = new Ordering<BatchRow>(b => b.Id, "last_modified")
        .By("title", b => b.Title, nullable: true)
        .By("description", b => b.Description, nullable: true)
        .By("status", b => b.IsCreationDone ? Created : Submitted)
        .By("recipe_type", b => b.RecipeType.Name)
        .By("recipe_type.id", b => b.RecipeTypeId)
        .By("recipe_type.name", b => b.RecipeType.Name)
        .By("recipe_type.title", b => b.RecipeType.Title)
        .By("event", b => b.EventId)
        .By("creator_job", b => b.CreatorJobId)
        .By("created_count", b => b.RecipesTotal > 0 ? b.RecipesTotal : b.ItemsCreated)
        .By("failed_count", b => b.ItemsFailed)
        .By("total_count", b => b.RecipesTotal > 0 ? b.RecipesTotal : b.IsCreationDone ? b.ItemsCreated + b.ItemsFailed : b.RecipesEstimated)
        .By("completed_job_count", b => b.JobsCompleted)
        .By("completed_recipe_count", b => b.RecipesCompleted)
        .By("created", b => b.Created)
        .By("last_modified", b => b.LastModified);

    public static IQueryable<BatchRow> Apply(IQueryable<BatchRow> batches, RequestParameters request)
    {
        batches = batches
            .Within(request.Range(), b => b.LastModified)
            .WhereAny(request.Longs("recipe_type_id"), b => b.RecipeTypeId)
            .WhereAny([.. request.Texts("recipe_type_name").Where(n => n.Length > 0)], b => b.RecipeType.Name);
        var statuses = request.Texts("status").Where(s => s.Length > 0).ToList();
        return statuses.Count == 0 ? batches : batches.Where(b => statuses.Contains(b.IsCreationDone ? Created : Submitted));
    }
}
