using Microsoft.EntityFrameworkCore;
using Scale.Api.V6.References;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Api.V6.Recipes;

/// <summary>The fields of a recipe in lists and details (recipes.md §3).</summary>
public abstract record RecipeFields
{
    public required long Id { get; init; }
    public required RecipeTypeReference? RecipeType { get; init; }
    public required BatchReference? Batch { get; init; }

    /// <summary>The recipe that holds this one as a sub-recipe.</summary>
    public required RecipeReference? Recipe { get; init; }

    public required bool IsSuperseded { get; init; }

    /// <summary>MiB, rounded up; null until the input was processed.</summary>
    public required double? InputFileSize { get; init; }

    public required DateTime? SourceStarted { get; init; }
    public required DateTime? SourceEnded { get; init; }
    public required string? SourceSensorClass { get; init; }
    public required string? SourceSensor { get; init; }
    public required string? SourceCollection { get; init; }
    public required string? SourceTask { get; init; }
    public required int JobsTotal { get; init; }
    public required int JobsPending { get; init; }
    public required int JobsBlocked { get; init; }
    public required int JobsQueued { get; init; }
    public required int JobsRunning { get; init; }
    public required int JobsFailed { get; init; }
    public required int JobsCompleted { get; init; }
    public required int JobsCanceled { get; init; }
    public required int SubRecipesTotal { get; init; }
    public required int SubRecipesCompleted { get; init; }
    public required bool IsCompleted { get; init; }

    /// <summary>How it is doing, in one word; an addition.</summary>
    public required string State { get; init; }

    /// <summary>Completed part of the jobs known so far, 0 to 1; an addition.</summary>
    public required double Progress { get; init; }

    /// <summary>Why it can never begin, null when it can; an addition.</summary>
    public required string? Error { get; init; }
    public required DateTime Created { get; init; }
    public required DateTime? Completed { get; init; }
    public required DateTime? Superseded { get; init; }
    public required DateTime LastModified { get; init; }
}

public sealed record RecipeAnswer : RecipeFields
{
    public required RecipeTypeRevisionReference? RecipeTypeRev { get; init; }
    public required RuleEventReference? Event { get; init; }
    public required EventReference? IngestEvent { get; init; }
    public required IdReference? SupersededRecipe { get; init; }
}

/// <summary>Reads recipes by id in a fixed number of statements.</summary>
public static class RecipeAnswers
{
    /// <returns>In the order of <paramref name="ids"/>; ids without a row are left out.</returns>
    public static async Task<IReadOnlyList<RecipeAnswer>> Read(ScaleContext context, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var rows = await context.Recipes.Where(r => ids.Contains(r.Id)).Select(r => new RecipeRow
        {
            Id = r.Id,
            RecipeTypeId = r.RecipeTypeId,
            RecipeTypeRevId = r.RecipeTypeRevId,
            EventId = r.EventId,
            IngestEventId = r.IngestEventId,
            BatchId = r.BatchId,
            RecipeId = r.RecipeId,
            SupersededRecipeId = r.SupersededRecipeId,
            IsSuperseded = r.IsSuperseded,
            IsCompleted = r.IsCompleted,
            Error = r.Error,
            NodeStates = r.NodeStates,
            InputFileSize = r.InputFileSize,
            SourceStarted = r.SourceStarted,
            SourceEnded = r.SourceEnded,
            SourceSensorClass = r.SourceSensorClass,
            SourceSensor = r.SourceSensor,
            SourceCollection = r.SourceCollection,
            SourceTask = r.SourceTask,
            JobsTotal = r.JobsTotal,
            JobsPending = r.JobsPending,
            JobsBlocked = r.JobsBlocked,
            JobsQueued = r.JobsQueued,
            JobsRunning = r.JobsRunning,
            JobsFailed = r.JobsFailed,
            JobsCompleted = r.JobsCompleted,
            JobsCanceled = r.JobsCanceled,
            SubRecipesTotal = r.SubRecipesTotal,
            SubRecipesCompleted = r.SubRecipesCompleted,
            Created = r.Created,
            Completed = r.Completed,
            Superseded = r.Superseded,
            LastModified = r.LastModified,
        }).ToDictionaryAsync(r => r.Id, cancel);

        var related = new Related(context, cancel);
        var types = await related.RecipeTypes(rows.Values.Select(r => (long?)r.RecipeTypeId));
        var revisions = await related.RecipeTypeRevisions(rows.Values.Select(r => (long?)r.RecipeTypeRevId));
        var events = await related.Events(rows.Values.Select(r => r.EventId));
        var ingestEvents = await related.IngestEvents(rows.Values.Select(r => r.IngestEventId));
        var batches = await related.Batches(rows.Values.Select(r => r.BatchId));
        var containers = await related.Recipes(rows.Values.Select(r => r.RecipeId));

        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id]).Select(r => new RecipeAnswer
        {
            Id = r.Id,
            RecipeType = types.Named(r.RecipeTypeId),
            RecipeTypeRev = revisions.Named(r.RecipeTypeRevId),
            Event = events.Named(r.EventId) is { } happened ? new RuleEventReference(happened.Id, happened.Type, null, happened.Occurred) : null,
            IngestEvent = ingestEvents.Named(r.IngestEventId),
            Batch = batches.Named(r.BatchId),
            Recipe = containers.Named(r.RecipeId),
            IsSuperseded = r.IsSuperseded,
            SupersededRecipe = IdReference.Of(r.SupersededRecipeId),
            InputFileSize = r.InputFileSize,
            SourceStarted = r.SourceStarted,
            SourceEnded = r.SourceEnded,
            SourceSensorClass = r.SourceSensorClass,
            SourceSensor = r.SourceSensor,
            SourceCollection = r.SourceCollection,
            SourceTask = r.SourceTask,
            JobsTotal = r.JobsTotal,
            JobsPending = r.JobsPending,
            JobsBlocked = r.JobsBlocked,
            JobsQueued = r.JobsQueued,
            JobsRunning = r.JobsRunning,
            JobsFailed = r.JobsFailed,
            JobsCompleted = r.JobsCompleted,
            JobsCanceled = r.JobsCanceled,
            SubRecipesTotal = r.SubRecipesTotal,
            SubRecipesCompleted = r.SubRecipesCompleted,
            IsCompleted = r.IsCompleted,
            State = StateOf(r).NameOf(),
            Progress = r.IsCompleted ? 1 : r.JobsTotal == 0 ? 0 : Math.Round((double)r.JobsCompleted / r.JobsTotal, 4),
            Error = r.Error,
            Created = r.Created,
            Completed = r.Completed,
            Superseded = r.Superseded,
            LastModified = r.LastModified,
        })];
    }
    private static RecipeState StateOf(RecipeRow r) => RecipeStates.Of(
        r.IsCompleted,
        r.IsSuperseded,
        r.RecipeId is not null,
        r.NodeStates,
        r.Error is null,
        new JobCounts(r.JobsPending, r.JobsBlocked, r.JobsQueued, r.JobsRunning, r.JobsFailed, r.JobsCompleted, r.JobsCanceled));
}
