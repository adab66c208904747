using Microsoft.EntityFrameworkCore;
using Scale.Api.V6.References;
using Scale.Model.Batches;
using Scale.Model.Recipes;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Api.V6.Batches;

/// <summary>The fields of a batch in lists and details (batches-and-datasets.md §2.1).</summary>
public abstract record BatchFields
{
    public required long Id { get; init; }
    public required string? Title { get; init; }
    public required string? Description { get; init; }
    public required RecipeTypeReference? RecipeType { get; init; }
    public required bool IsSuperseded { get; init; }
    public required BatchReference? RootBatch { get; init; }
    public required BatchReference? SupersededBatch { get; init; }
    public required bool IsCreationDone { get; init; }
    public required int JobsTotal { get; init; }
    public required int JobsPending { get; init; }
    public required int JobsBlocked { get; init; }
    public required int JobsQueued { get; init; }
    public required int JobsRunning { get; init; }
    public required int JobsFailed { get; init; }
    public required int JobsCompleted { get; init; }
    public required int JobsCanceled { get; init; }
    public required int RecipesEstimated { get; init; }
    public required int RecipesTotal { get; init; }
    public required int RecipesCompleted { get; init; }
    public required DateTime Created { get; init; }
    public required DateTime? Superseded { get; init; }
    public required DateTime LastModified { get; init; }

    /// <summary>Addition: name of a <see cref="BatchState"/>, in lower case.</summary>
    public required string State { get; init; }

    /// <summary>Addition: completed jobs of those expected, 0 to 1.</summary>
    public required double Progress { get; init; }
}

public sealed record BatchAnswer : BatchFields
{
    public required RecipeTypeRevisionReference? RecipeTypeRev { get; init; }
    public required RuleEventReference? Event { get; init; }
}

/// <summary>Reads batches by id in a fixed number of statements.</summary>
public static class BatchAnswers
{
    /// <returns>In the order of <paramref name="ids"/>; ids without a row are left out.</returns>
    public static async Task<IReadOnlyList<BatchAnswer>> Read(ScaleContext context, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var rows = await context.Batches.Where(b => ids.Contains(b.Id)).Select(b => new BatchRow
        {
            Id = b.Id,
            Title = b.Title,
            Description = b.Description,
            RecipeTypeId = b.RecipeTypeId,
            RecipeTypeRevId = b.RecipeTypeRevId,
            EventId = b.EventId,
            Definition = "",
            Configuration = "",
            RootBatchId = b.RootBatchId,
            SupersededBatchId = b.SupersededBatchId,
            IsCreationDone = b.IsCreationDone,
            IsSuperseded = b.IsSuperseded,
            IsPaused = b.IsPaused,
            IsCanceled = b.IsCanceled,
            RecipesEstimated = b.RecipesEstimated,
            RecipesTotal = b.RecipesTotal,
            RecipesCompleted = b.RecipesCompleted,
            JobsTotal = b.JobsTotal,
            JobsPending = b.JobsPending,
            JobsBlocked = b.JobsBlocked,
            JobsQueued = b.JobsQueued,
            JobsRunning = b.JobsRunning,
            JobsFailed = b.JobsFailed,
            JobsCompleted = b.JobsCompleted,
            JobsCanceled = b.JobsCanceled,
            Created = b.Created,
            Superseded = b.Superseded,
            LastModified = b.LastModified,
        }).ToDictionaryAsync(b => b.Id, cancel);

        var related = new Related(context, cancel);
        var types = await related.RecipeTypes(rows.Values.Select(b => (long?)b.RecipeTypeId));
        var revisions = await related.RecipeTypeRevisions(rows.Values.Select(b => (long?)b.RecipeTypeRevId));
        var events = await related.Events(rows.Values.Select(b => (long?)b.EventId));
        var others = await related.Batches(rows.Values.SelectMany(b => new[] { b.RootBatchId, b.SupersededBatchId }));

        return [.. ids.Where(rows.ContainsKey).Select(id => Of(rows[id], BatchProgress.Of(CountsOf(rows[id]))))];

        BatchAnswer Of(BatchRow b, BatchProgress progress) => new()
        {
            Id = b.Id,
            Title = b.Title,
            Description = b.Description,
            RecipeType = types.Named(b.RecipeTypeId),
            RecipeTypeRev = revisions.Named(b.RecipeTypeRevId),
            Event = events.Named(b.EventId) is { } happened ? new RuleEventReference(happened.Id, happened.Type, null, happened.Occurred) : null,
            IsSuperseded = b.IsSuperseded,
            RootBatch = others.Named(b.RootBatchId),
            SupersededBatch = others.Named(b.SupersededBatchId),
            IsCreationDone = b.IsCreationDone,
            JobsTotal = b.JobsTotal,
            JobsPending = b.JobsPending,
            JobsBlocked = b.JobsBlocked,
            JobsQueued = b.JobsQueued,
            JobsRunning = b.JobsRunning,
            JobsFailed = b.JobsFailed,
            JobsCompleted = b.JobsCompleted,
            JobsCanceled = b.JobsCanceled,
            RecipesEstimated = b.RecipesEstimated,
            RecipesTotal = b.RecipesTotal,
            RecipesCompleted = b.RecipesCompleted,
            Created = b.Created,
            Superseded = b.Superseded,
            LastModified = b.LastModified,
            State = progress.State.ToString().ToLowerInvariant(),
            Progress = Math.Round(progress.Share, 4),
        };
    }

    private static BatchCounts CountsOf(BatchRow b) => new(
        b.IsCreationDone, b.IsPaused, b.IsCanceled, b.RecipesEstimated, b.RecipesTotal, b.RecipesCompleted,
        new JobCounts(b.JobsPending, b.JobsBlocked, b.JobsQueued, b.JobsRunning, b.JobsFailed, b.JobsCompleted, b.JobsCanceled));
}
