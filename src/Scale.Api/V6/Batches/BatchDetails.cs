using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.V6.Recipes;
using Scale.Api.V6.References;
using Scale.Model.Batches;
using Scale.Model.Recipes;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Api.V6.Batches;

/// <summary>One batch (batches-and-datasets.md §2.3).</summary>
public sealed record BatchDetails : BatchFields
{
    /// <summary>The frozen revision, with the current type.</summary>
    public required RecipeTypeRevisionDetails RecipeTypeRev { get; init; }

    public required RuleEventDetails? Event { get; init; }
    public required JsonElement? Definition { get; init; }
    public required JsonElement? Configuration { get; init; }

    /// <summary>Addition: what is left of the work shared by the jobs that run now; null when nothing runs or nothing is known of durations.</summary>
    public required TimeSpan? TimeLeft { get; init; }

    /// <summary>By node name.</summary>
    public required IReadOnlyDictionary<string, NodeMetricsAnswer> JobMetrics { get; init; }

    /// <returns>Null for an unknown batch.</returns>
    public static async Task<BatchDetails?> Read(Database database, long id, CancellationToken cancel)
    {
        await using var context = database.Context();
        var row = await context.Batches.Where(b => b.Id == id).Select(b => new { b.RecipeTypeRevId, b.EventId, b.Definition, b.Configuration, b.SupersededBatchId, b.IsPaused, b.IsCanceled }).FirstOrDefaultAsync(cancel);
        if (row is null || (await BatchAnswers.Read(context, [id], cancel)) is not [var batch])
        {
            return null;
        }

        await using var session = await database.Read(cancel);
        var metrics = await BatchMetrics.Nodes(session, [id, .. row.SupersededBatchId is { } previous ? [previous] : Array.Empty<long>()]);
        var nodes = metrics[id].ToList();
        var counts = CountsOf(batch, row.IsPaused, row.IsCanceled);
        var before = row.SupersededBatchId is { } earlier ? metrics[earlier].ToDictionary(m => m.Node, m => m.JobDuration.Average) : [];
        var revision = await context.RecipeTypeRevisions.FirstAsync(r => r.Id == row.RecipeTypeRevId, cancel);
        return new BatchDetails
        {
            Id = batch.Id,
            Title = batch.Title,
            Description = batch.Description,
            RecipeType = batch.RecipeType,
            RecipeTypeRev = new RecipeTypeRevisionDetails(
                revision.Id, batch.RecipeType, revision.RevisionNum, RecipeDefinition.FromText(revision.Definition).ToJson(), revision.Created),
            Event = RuleEventDetails.Of(await context.Events.FirstOrDefaultAsync(e => e.Id == row.EventId, cancel)),
            IsSuperseded = batch.IsSuperseded,
            RootBatch = batch.RootBatch,
            SupersededBatch = batch.SupersededBatch,
            IsCreationDone = batch.IsCreationDone,
            JobsTotal = batch.JobsTotal,
            JobsPending = batch.JobsPending,
            JobsBlocked = batch.JobsBlocked,
            JobsQueued = batch.JobsQueued,
            JobsRunning = batch.JobsRunning,
            JobsFailed = batch.JobsFailed,
            JobsCompleted = batch.JobsCompleted,
            JobsCanceled = batch.JobsCanceled,
            RecipesEstimated = batch.RecipesEstimated,
            RecipesTotal = batch.RecipesTotal,
            RecipesCompleted = batch.RecipesCompleted,
            Created = batch.Created,
            Superseded = batch.Superseded,
            LastModified = batch.LastModified,
            Definition = AnswerJson.Document(row.Definition),
            Configuration = AnswerJson.Document(row.Configuration),
            State = batch.State,
            Progress = batch.Progress,
            TimeLeft = BatchProgress.TimeLeft(counts, [.. nodes.Select(n => new NodePace(n.Jobs, n.JobDuration.Average ?? before.GetValueOrDefault(n.Node)))]),
            JobMetrics = nodes.ToDictionary(m => m.Node, NodeMetricsAnswer.Of),
        };
    }

    private static BatchCounts CountsOf(BatchFields b, bool isPaused, bool isCanceled) => new(
        b.IsCreationDone, isPaused, isCanceled, b.RecipesEstimated, b.RecipesTotal, b.RecipesCompleted,
        new JobCounts(b.JobsPending, b.JobsBlocked, b.JobsQueued, b.JobsRunning, b.JobsFailed, b.JobsCompleted, b.JobsCanceled));
}
