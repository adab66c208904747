using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Api.V6.Batches;

/// <summary>Comparisons of batches that need not be of one chain: additions to the v6 services.</summary>
internal static class BatchComparisonEndpoints
{
    private const int MaxBatches = 100;
    private const int DefaultRecipes = 1000;
    private const int MaxRecipes = 10_000;

    public static void MapBatchComparison(this RouteGroupBuilder batches)
    {
        batches.MapGet("/comparison/", Compare).WithName("CompareAnyBatches").WithDescription("Addition to Scale v6. Failed jobs are counted at the batch that made them.")
            .WithSummary("Addition: any batches side by side, with medians, 95th percentiles and failed jobs by the name of their error.")
            .Query(Parameter.Integer("batch_id", "Batches in the order of the answer, at most 100.", required: true, repeatable: true));
        batches.MapGet("/comparison/products/", CompareProducts).WithName("CompareBatchProducts")
            .WithDescription("Addition to Scale v6. Recipes are matched by their family, else by the same input. `is_complete` is false when there are more recipes than were looked at.")
            .WithSummary("Addition: which products of two batches were added, removed, are the same bytes or different ones, by node.")
            .Query(
                Parameter.Integer("batch_id", "Two batches: the earlier one, then the later one.", required: true, repeatable: true),
                Parameter.Integer("limit", "How many of the later batch's newest recipes to look at, 1 to 10000, default 1000."));
    }

    private static async Task<IResult> Compare(RequestParameters request, Database database, CancellationToken cancel)
    {
        var ids = Asked(request, MaxBatches);
        await using var session = await database.Read(cancel);
        var comparison = await BatchComparison.OfBatches(session, ids);
        RequireAll(ids, comparison.Batches.Select(b => b.Id));
        return Answer.Ok(ComparisonAnswer.Of(comparison, await BatchMetrics.Errors(session, [.. ids])));
    }

    private static async Task<IResult> CompareProducts(RequestParameters request, Database database, CancellationToken cancel)
    {
        var ids = Asked(request, 2);
        if (ids.Count != 2)
        {
            throw RequestParameters.Bad("batch_id", "must name two different batches");
        }

        var limit = request.OptionalInt("limit") ?? DefaultRecipes;
        if (limit is < 1 or > MaxRecipes)
        {
            throw RequestParameters.Bad("limit", $"must be from 1 to {MaxRecipes}");
        }

        await using var session = await database.Read(cancel);
        RequireAll(ids, (await BatchMetrics.Totals(session, [.. ids])).Select(b => b.Id));
        var compared = await ProductComparison.Of(session, ids[0], ids[1], limit);
        return Answer.Ok(new { before = new { id = ids[0] }, after = new { id = ids[1] }, compared.RecipesCompared, compared.IsComplete, compared.Nodes });
    }

    private static List<long> Asked(RequestParameters request, int most)
    {
        var ids = request.Longs("batch_id").Distinct().ToList();
        return ids.Count == 0 ? throw ApiProblem.BadRequest("Missing required parameter: 'batch_id'.")
            : ids.Count > most ? throw RequestParameters.Bad("batch_id", $"may name at most {most} batches")
            : ids;
    }

    private static void RequireAll(IEnumerable<long> asked, IEnumerable<long> found)
    {
        if (asked.Except(found).ToList() is { Count: > 0 } unknown)
        {
            throw ApiProblem.BadRequest($"There is no batch {string.Join(", ", unknown)}.");
        }
    }
}
