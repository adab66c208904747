using System.Diagnostics;
using Scale.Api.Tests.Rows;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Api.Tests.Batches;

/// <summary>Figures, not checks: <c>-explicit only -class Scale.Api.Tests.Batches.BatchReadSpeed</c>.</summary>
public sealed class BatchReadSpeed(ITestOutputHelper output)
{
    private const int Recipes = 300_000;

    [Theory(Explicit = true)]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    public async Task Details_comparison_and_items_of_a_batch_of_300_000_recipes(Provider provider)
    {
        await using var world = await BatchWorld.Start(provider);
        var error = await world.Seed.Error("own-error");
        var ids = new List<long>();
        for (var i = 0; i < 2; i++)
        {
            ids.Add((await world.Seed.Batch(world.RecipeType, $"batch {i}", b => (b.IsCreationDone, b.RecipesTotal, b.JobsTotal, b.JobsCompleted, b.JobsFailed) = (true, Recipes, 3 * Recipes, 3 * Recipes - 3000, 3000))).Id);
            await Fill(world, provider, ids[i], error.Id);
        }

        var chosen = $"batch_id={ids[0]}&batch_id={ids[1]}";
        foreach (var path in new[] { $"/v6/batches/{ids[0]}/", $"/v6/batches/comparison/{ids[0]}/", $"/v6/batches/comparison/?{chosen}", $"/v6/batches/{ids[0]}/items/", $"/v6/batches/{ids[0]}/items/?state=FAILED", "/v6/batches/", $"/v5/batches/{ids[0]}/" })
        {
            var times = new List<double>();
            for (var i = 0; i < 60; i++)
            {
                var watch = Stopwatch.StartNew();
                (await world.Api.Get(path)).Expect(200);
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            var ordered = times.Skip(10).Order().ToList();
            output.WriteLine($"{provider} {path}: median {ordered[ordered.Count / 2]:F1} ms, p95 {ordered[(int)(ordered.Count * 0.95)]:F1} ms");
            Assert.NotEmpty(ordered);
        }
    }

    private static async Task Fill(BatchWorld world, Provider provider, long batchId, long errorId)
    {
        var numbers = provider == Provider.Postgres ? "generate_series(1, @count) AS s (n)" : "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < @count) SELECT n FROM s) AS s";
        await world.Seed.Run($"INSERT INTO batch_item (batch_id, kind, source_id, state) SELECT @batch, 0, n, CASE WHEN n % 1000 = 0 THEN 2 ELSE 1 END FROM {numbers}", ("batch", batchId), ("count", Recipes));
        await world.Seed.Run(
            "INSERT INTO job (job_type_id, job_type_rev_id, status, max_tries, batch_id, error_id, created, last_modified) "
            + $"SELECT 1, 1, CASE WHEN n % 300 = 0 THEN 4 ELSE 5 END, 1, @batch, CASE WHEN n % 300 = 0 THEN @error END, 0, 0 FROM {numbers}",
            ("batch", batchId), ("error", errorId), ("count", 3 * Recipes));
        foreach (var node in new[] { "a", "b", "c" })
        {
            await world.Seed.Add(new BatchNodeRow { BatchId = batchId, NodeName = node, JobsTotal = Recipes, JobsCompleted = Recipes, JobDurationCount = Recipes, JobDurationSum = Recipes, JobDurationMin = 1, JobDurationMax = 1_000_000_000 });
            await world.Seed.Run($"INSERT INTO batch_duration (batch_id, node_name, kind, bucket, jobs) SELECT @batch, @node, n % 2, n / 2, 5 FROM {numbers}", ("batch", batchId), ("node", node), ("count", 200));
        }

        if (provider == Provider.Postgres)
        {
            await world.Seed.Run("ANALYZE");
        }
    }
}
