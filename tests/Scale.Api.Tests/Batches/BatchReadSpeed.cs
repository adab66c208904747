using System.Diagnostics;
using Scale.Api.Tests.Rows;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Api.Tests.Batches;

/// <summary>Figures, not checks: <c>-explicit only -class Scale.Api.Tests.Batches.BatchReadSpeed</c>.</summary>
public sealed class BatchReadSpeed(ITestOutputHelper output)
{
    private const int Recipes = 300_000;
    private const int Chunk = 50_000;

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
            for (var i = 0; i < 10; i++)
            {
                (await world.Api.Get(path)).Expect(200);
            }

            var times = new List<double>();
            var before = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < 50; i++)
            {
                var watch = Stopwatch.StartNew();
                (await world.Api.Get(path)).Expect(200);
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            var spent = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / times.Count;
            times.Sort();
            output.WriteLine($"{provider} {path}: median {times[25]:F1} ms, p95 {times[47]:F1} ms, processor time of this process {spent:F1} ms");
            Assert.NotEmpty(times);
        }
    }

    private static async Task Fill(BatchWorld world, Provider provider, long batchId, long errorId)
    {
        var numbers = provider == Provider.Postgres ? "generate_series(1, @count) AS s (n)" : "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < @count) SELECT n FROM s) AS s";
        await Insert(Recipes, $"INSERT INTO batch_item (batch_id, kind, source_id, state) SELECT @batch, 0, n + @first, CASE WHEN n % 1000 = 0 THEN 2 ELSE 1 END FROM {numbers}");
        await Insert(
            3 * Recipes,
            "INSERT INTO job (job_type_id, job_type_rev_id, status, max_tries, batch_id, error_id, created, last_modified) "
            + $"SELECT 1, 1, CASE WHEN n % 300 = 0 THEN 4 ELSE 5 END, 1, @batch, CASE WHEN n % 300 = 0 THEN @error END, @first, @first FROM {numbers}");
        foreach (var node in new[] { "a", "b", "c" })
        {
            await world.Seed.Add(new BatchNodeRow { BatchId = batchId, NodeName = node, JobsTotal = Recipes, JobsCompleted = Recipes, JobDurationCount = Recipes, JobDurationSum = Recipes, JobDurationMin = 1, JobDurationMax = 1_000_000_000 });
            await world.Seed.Run($"INSERT INTO batch_duration (batch_id, node_name, kind, bucket, jobs) SELECT @batch, @node, n % 2, n / 2, 5 FROM {numbers}", ("batch", batchId), ("node", node), ("count", 200));
        }

        if (provider == Provider.Postgres)
        {
            await world.Seed.Run("ANALYZE");
        }

        async Task Insert(int count, string sql)
        {
            for (var first = 0; first < count; first += Chunk)
            {
                await world.Seed.Run(sql, ("batch", batchId), ("error", errorId), ("first", (long)first), ("count", Chunk));
            }
        }
    }
}
