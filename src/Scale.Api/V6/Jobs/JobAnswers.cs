using Microsoft.EntityFrameworkCore;
using Scale.Api.V6.References;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

/// <summary>The fields of a job in lists and details (jobs-and-queue.md §2).</summary>
public abstract record JobFields
{
    public required long Id { get; init; }
    public required JobTypeReference? JobType { get; init; }
    public required EventReference? Event { get; init; }
    public required EventReference? IngestEvent { get; init; }
    public required BatchReference? Batch { get; init; }
    public required NodeReference? Node { get; init; }
    public required ErrorReference? Error { get; init; }
    public required bool IsSuperseded { get; init; }
    public required DateTime? Superseded { get; init; }
    public required string Status { get; init; }
    public required int MaxTries { get; init; }
    public required int NumExes { get; init; }

    /// <summary>MiB, rounded up; null until the input was processed.</summary>
    public required double? InputFileSize { get; init; }

    /// <summary>File names by input name.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> InputFiles { get; init; }

    public required DateTime? SourceStarted { get; init; }
    public required DateTime? SourceEnded { get; init; }
    public required string? SourceSensorClass { get; init; }
    public required string? SourceSensor { get; init; }
    public required string? SourceCollection { get; init; }
    public required string? SourceTask { get; init; }
    public required DateTime Created { get; init; }
    public required DateTime? Queued { get; init; }
    public required DateTime? Started { get; init; }
    public required DateTime? Ended { get; init; }
    public required DateTime? LastStatusChange { get; init; }
    public required DateTime LastModified { get; init; }
}

public sealed record JobAnswer : JobFields
{
    public required JobTypeRevisionReference? JobTypeRev { get; init; }

    /// <summary>The recipe that created the job.</summary>
    public required RecipeReference? Recipe { get; init; }

    public required IdReference? SupersededJob { get; init; }
}

/// <summary>Reads jobs by id in a fixed number of statements.</summary>
public static class JobAnswers
{
    /// <returns>In the order of <paramref name="ids"/>; ids without a row are left out.</returns>
    public static async Task<IReadOnlyList<JobAnswer>> Read(ScaleContext context, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var rows = await context.Jobs.Where(j => ids.Contains(j.Id)).Select(j => new JobRow
        {
            Id = j.Id,
            JobTypeId = j.JobTypeId,
            JobTypeRevId = j.JobTypeRevId,
            Status = j.Status,
            NumExes = j.NumExes,
            MaxTries = j.MaxTries,
            EventId = j.EventId,
            IngestEventId = j.IngestEventId,
            RecipeId = j.RecipeId,
            BatchId = j.BatchId,
            NodeId = j.NodeId,
            ErrorId = j.ErrorId,
            IsSuperseded = j.IsSuperseded,
            SupersededJobId = j.SupersededJobId,
            InputFileSize = j.InputFileSize,
            SourceStarted = j.SourceStarted,
            SourceEnded = j.SourceEnded,
            SourceSensorClass = j.SourceSensorClass,
            SourceSensor = j.SourceSensor,
            SourceCollection = j.SourceCollection,
            SourceTask = j.SourceTask,
            Created = j.Created,
            Queued = j.Queued,
            Started = j.Started,
            Ended = j.Ended,
            LastStatusChange = j.LastStatusChange,
            Superseded = j.Superseded,
            LastModified = j.LastModified,
        }).ToDictionaryAsync(j => j.Id, cancel);

        var related = new Related(context, cancel);
        var jobTypes = await related.JobTypes(rows.Values.Select(j => (long?)j.JobTypeId));
        var revisions = await related.JobTypeRevisions(rows.Values.Select(j => (long?)j.JobTypeRevId));
        var recipes = await related.Recipes(rows.Values.Select(j => j.RecipeId));
        var events = await related.Events(rows.Values.Select(j => j.EventId));
        var ingestEvents = await related.IngestEvents(rows.Values.Select(j => j.IngestEventId));
        var batches = await related.Batches(rows.Values.Select(j => j.BatchId));
        var nodes = await related.Nodes(rows.Values.Select(j => j.NodeId));
        var errors = await related.Errors(rows.Values.Select(j => j.ErrorId));
        var inputFiles = await InputFileNames(context, ids, cancel);

        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id]).Select(j => new JobAnswer
        {
            Id = j.Id,
            JobType = jobTypes.Named(j.JobTypeId),
            JobTypeRev = revisions.Named(j.JobTypeRevId),
            Event = events.Named(j.EventId),
            IngestEvent = ingestEvents.Named(j.IngestEventId),
            Recipe = recipes.Named(j.RecipeId),
            Batch = batches.Named(j.BatchId),
            Node = nodes.Named(j.NodeId),
            Error = errors.Named(j.ErrorId),
            IsSuperseded = j.IsSuperseded,
            Superseded = j.Superseded,
            SupersededJob = IdReference.Of(j.SupersededJobId),
            Status = j.Status.NameOf(),
            MaxTries = j.MaxTries,
            NumExes = j.NumExes,
            InputFileSize = j.InputFileSize,
            InputFiles = inputFiles[j.Id].GroupBy(f => f.Input, f => f.Name).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g]),
            SourceStarted = j.SourceStarted,
            SourceEnded = j.SourceEnded,
            SourceSensorClass = j.SourceSensorClass,
            SourceSensor = j.SourceSensor,
            SourceCollection = j.SourceCollection,
            SourceTask = j.SourceTask,
            Created = j.Created,
            Queued = j.Queued,
            Started = j.Started,
            Ended = j.Ended,
            LastStatusChange = j.LastStatusChange,
            LastModified = j.LastModified,
        })];
    }

    private static async Task<ILookup<long, (string Input, string Name)>> InputFileNames(ScaleContext context, IReadOnlyList<long> jobIds, CancellationToken cancel)
    {
        var names = await context.JobInputFiles.Where(f => jobIds.Contains(f.JobId))
            .OrderBy(f => f.JobId).ThenBy(f => f.InputName).ThenBy(f => f.FileId)
            .Select(f => new { f.JobId, f.InputName, f.File.FileName })
            .ToListAsync(cancel);
        return names.ToLookup(f => f.JobId, f => (f.InputName, f.FileName));
    }
}
