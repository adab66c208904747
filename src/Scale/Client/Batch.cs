using System.Text.Json;

namespace Scale.Client;

/// <summary>Counts of jobs by state, as batches, recipes and nodes have them.</summary>
public readonly record struct JobCounts(int Total, int Pending, int Blocked, int Queued, int Running, int Failed, int Completed, int Canceled)
{
    /// <summary>Nothing will happen any more by itself.</summary>
    public bool HasEnded => Pending + Queued + Running == 0;

    public static JobCounts Of(JsonElement counts)
    {
        return new(Get("total"), Get("pending"), Get("blocked"), Get("queued"), Get("running"), Get("failed"), Get("completed"), Get("canceled"));
        int Get(string name) => counts.GetProperty($"jobs_{name}").GetInt32();
    }
}

/// <summary>A batch as the server shows it.</summary>
public sealed class Batch(JsonElement document)
{
    public long Id { get; } = document.GetProperty("id").GetInt64();
    public string? Title { get; } = document.GetProperty("title").GetString();
    public long RootId { get; } = document.GetProperty("root_batch") is { ValueKind: JsonValueKind.Object } root ? root.GetProperty("id").GetInt64() : document.GetProperty("id").GetInt64();
    public bool IsCreationDone { get; } = document.GetProperty("is_creation_done").GetBoolean();
    public int RecipesEstimated { get; } = document.GetProperty("recipes_estimated").GetInt32();
    public int RecipesTotal { get; } = document.GetProperty("recipes_total").GetInt32();
    public int RecipesCompleted { get; } = document.GetProperty("recipes_completed").GetInt32();
    public JobCounts Jobs { get; } = JobCounts.Of(document);
    public DateTime Created { get; } = document.GetProperty("created").GetDateTime();

    /// <summary>Every recipe completed, or can't get any further.</summary>
    public bool HasEnded => IsCreationDone && Jobs.HasEnded;

    public bool IsComplete => HasEnded && RecipesTotal > 0 && RecipesCompleted == RecipesTotal;

    /// <summary>The dataset it was made from; null for one made from a previous batch. Details form only.</summary>
    public long? DatasetId => document.GetProperty("definition").TryGetProperty("dataset", out var dataset) && dataset.ValueKind == JsonValueKind.Number ? dataset.GetInt64() : null;

    /// <summary>Counts per node name. Details form only.</summary>
    public IEnumerable<(string Node, JobCounts Jobs)> Nodes => document.GetProperty("job_metrics").EnumerateObject().Select(node => (node.Name, JobCounts.Of(node.Value)));

    /// <summary>Minimum, average and maximum of the completed jobs of a node in seconds; null when there are none. Details form only.</summary>
    public (double Min, double Avg, double Max)? JobSeconds(string node)
    {
        var metrics = document.GetProperty("job_metrics").GetProperty(node);
        return metrics.GetProperty("min_job_seconds").ValueKind == JsonValueKind.Null
            ? null
            : (metrics.GetProperty("min_job_seconds").GetDouble(), metrics.GetProperty("avg_job_seconds").GetDouble(), metrics.GetProperty("max_job_seconds").GetDouble());
    }
}
