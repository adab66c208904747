using System.Text.Json.Serialization;
using Scale.Client;

namespace Scale.Demo;

/// <param name="JobsRun">Jobs that the batch made itself.</param>
/// <param name="JobsCopied">Jobs that it took over from the batch before.</param>
/// <param name="Seconds">From its creation to the completion of its last recipe; 0 when none completed.</param>
public sealed record BatchResult(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("recipes")] int Recipes,
    [property: JsonPropertyName("jobs_completed")] int JobsCompleted,
    [property: JsonPropertyName("jobs_run")] long JobsRun,
    [property: JsonPropertyName("jobs_copied")] long JobsCopied,
    [property: JsonPropertyName("seconds")] double Seconds);

/// <summary>The last line of <c>scale demo --json</c>.</summary>
/// <param name="Products">Product files of the batches that are there on disk.</param>
/// <param name="Failed">Jobs of the last batch that failed or were canceled.</param>
public sealed record DemoResult(
    [property: JsonPropertyName("batches")] IReadOnlyList<BatchResult> Batches,
    [property: JsonPropertyName("products")] int Products,
    [property: JsonPropertyName("failed")] int Failed)
{
    /// <param name="chain">Batches in their details form, oldest first.</param>
    public static async Task<(DemoResult Result, IReadOnlyList<string> ProductPaths)> Collect(ScaleClient client, IReadOnlyList<Batch> chain, CancellationToken cancel)
    {
        var batches = new List<BatchResult>();
        var roots = new Dictionary<long, string?>();
        var paths = new List<string>();
        foreach (var batch in chain)
        {
            var run = await client.CountJobsOfBatch(batch.Id, cancel);
            var ended = await client.GetLastCompletion(batch.Id, cancel);
            var seconds = ended is { } moment ? Math.Round((moment - batch.Created).TotalSeconds, 3) : 0;
            batches.Add(new BatchResult(batch.Id, batch.RecipesTotal, batch.Jobs.Completed, run, batch.Jobs.Total - run, seconds));
            await foreach (var product in client.ListProducts(batch.Id, cancel))
            {
                if (!roots.TryGetValue(product.WorkspaceId, out var root))
                {
                    roots[product.WorkspaceId] = root = (await client.GetWorkspace(product.WorkspaceId, cancel)).HostPath;
                }

                if (root is not null && File.Exists(Path.Combine(root, product.FilePath)))
                {
                    paths.Add(Path.Combine(root, product.FilePath));
                }
            }
        }

        var last = chain[^1].Jobs;
        return (new DemoResult(batches, paths.Count, last.Failed + last.Canceled), paths);
    }
}
