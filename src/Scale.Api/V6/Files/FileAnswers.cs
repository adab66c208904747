using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.V6.References;
using Scale.Store.Databases;
using Scale.Store.Files;

namespace Scale.Api.V6.Files;

/// <summary>A file as lists show it (storage-and-ingest.md §2).</summary>
public record FileAnswer
{
    public required long Id { get; init; }
    public required string FileName { get; init; }
    public required WorkspaceReference? Workspace { get; init; }
    public required string FileType { get; init; }
    public required string MediaType { get; init; }
    public required JsonElement? DataTypeTags { get; init; }

    /// <summary>Bytes.</summary>
    public required long FileSize { get; init; }

    public required string FilePath { get; init; }

    /// <summary>Null where the workspace has no base URL.</summary>
    public required string? Url { get; init; }

    public required bool IsDeleted { get; init; }
    public required DateTime? Deleted { get; init; }
    public required DateTime Created { get; init; }
    public required DateTime LastModified { get; init; }
    public required DateTime? DataStarted { get; init; }
    public required DateTime? DataEnded { get; init; }
    public required DateTime? SourceStarted { get; init; }
    public required DateTime? SourceEnded { get; init; }
    public required string? SourceSensorClass { get; init; }
    public required string? SourceSensor { get; init; }
    public required string? SourceCollection { get; init; }
    public required string? SourceTask { get; init; }
    public required string? Geometry { get; init; }
    public required string? CenterPoint { get; init; }
    public required JsonElement? Countries { get; init; }
    public required IdReference? Job { get; init; }
    public required IdReference? JobExe { get; init; }
    public required JobTypeReference? JobType { get; init; }
    public required string? JobOutput { get; init; }
    public required IdReference? Recipe { get; init; }
    public required string? RecipeNode { get; init; }
    public required RecipeTypeReference? RecipeType { get; init; }
    public required BatchReference? Batch { get; init; }
    public required bool IsSuperseded { get; init; }
    public required DateTime? Superseded { get; init; }

    // Beyond the reference:
    public required string Uuid { get; init; }
    public required string? Checksum { get; init; }
    public required bool IsPublished { get; init; }
    public required bool HasBeenPublished { get; init; }
    public required DateTime? Published { get; init; }
    public required DateTime? Unpublished { get; init; }
    public required bool IsParsed { get; init; }
    public required DateTime? Parsed { get; init; }
}

public sealed record FileDetails : FileAnswer
{
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public FileDetails(FileAnswer file, JsonElement? metaData)
        : base(file) => MetaData = metaData;

    public JsonElement? MetaData { get; }
}

/// <summary>Reads files by id in a fixed number of statements.</summary>
public static class FileAnswers
{
    /// <returns>In the order of <paramref name="ids"/>; ids without a row are left out.</returns>
    public static async Task<IReadOnlyList<FileAnswer>> Read(ScaleContext context, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        // Everything but the meta-data, which may be long and is for details only.
        var rows = await context.Files.Where(f => ids.Contains(f.Id)).Select(f => new FileRow
        {
            Id = f.Id,
            FileName = f.FileName,
            WorkspaceId = f.WorkspaceId,
            FilePath = f.FilePath,
            FileType = f.FileType,
            MediaType = f.MediaType,
            FileSize = f.FileSize,
            Uuid = f.Uuid,
            Checksum = f.Checksum,
            DataTypeTags = f.DataTypeTags,
            Countries = f.Countries,
            Geometry = f.Geometry,
            CenterPoint = f.CenterPoint,
            DataStarted = f.DataStarted,
            DataEnded = f.DataEnded,
            SourceStarted = f.SourceStarted,
            SourceEnded = f.SourceEnded,
            SourceSensorClass = f.SourceSensorClass,
            SourceSensor = f.SourceSensor,
            SourceCollection = f.SourceCollection,
            SourceTask = f.SourceTask,
            JobId = f.JobId,
            JobExeId = f.JobExeId,
            JobTypeId = f.JobTypeId,
            JobOutput = f.JobOutput,
            RecipeId = f.RecipeId,
            RecipeTypeId = f.RecipeTypeId,
            RecipeNode = f.RecipeNode,
            BatchId = f.BatchId,
            IsDeleted = f.IsDeleted,
            IsSuperseded = f.IsSuperseded,
            IsPublished = f.IsPublished,
            HasBeenPublished = f.HasBeenPublished,
            IsParsed = f.IsParsed,
            Deleted = f.Deleted,
            Superseded = f.Superseded,
            Published = f.Published,
            Unpublished = f.Unpublished,
            Parsed = f.Parsed,
            Created = f.Created,
            LastModified = f.LastModified,
        }).ToDictionaryAsync(f => f.Id, cancel);

        var related = new Related(context, cancel);
        var workspaceIds = rows.Values.Select(f => f.WorkspaceId).Distinct().ToList();
        var workspaces = await context.Workspaces.Where(w => workspaceIds.Contains(w.Id)).Select(w => new { w.Id, w.Name, w.BaseUrl }).ToDictionaryAsync(w => w.Id, cancel);
        var jobTypes = await related.JobTypes(rows.Values.Select(f => f.JobTypeId));
        var recipeTypes = await related.RecipeTypes(rows.Values.Select(f => f.RecipeTypeId));
        var batches = await related.Batches(rows.Values.Select(f => f.BatchId));

        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id]).Select(f =>
        {
            var workspace = workspaces.GetValueOrDefault(f.WorkspaceId);
            return Answer(
                f,
                workspace is null ? null : new WorkspaceReference(workspace.Id, workspace.Name),
                workspace?.BaseUrl,
                jobTypes.Named(f.JobTypeId),
                recipeTypes.Named(f.RecipeTypeId),
                batches.Named(f.BatchId));
        })];
    }

    private static FileAnswer Answer(
        FileRow f, WorkspaceReference? workspace, string? baseUrl, JobTypeReference? jobType, RecipeTypeReference? recipeType, BatchReference? batch) => new()
        {
            Id = f.Id,
            FileName = f.FileName,
            Workspace = workspace,
            FileType = f.FileType.NameOf(),
            MediaType = f.MediaType,
            DataTypeTags = AnswerJson.Document(f.DataTypeTags),
            FileSize = f.FileSize,
            FilePath = f.FilePath,
            Url = string.IsNullOrEmpty(baseUrl) ? null : $"{baseUrl.TrimEnd('/')}/{f.FilePath.TrimStart('/')}",
            IsDeleted = f.IsDeleted,
            Deleted = f.Deleted,
            Created = f.Created,
            LastModified = f.LastModified,
            DataStarted = f.DataStarted,
            DataEnded = f.DataEnded,
            SourceStarted = f.SourceStarted,
            SourceEnded = f.SourceEnded,
            SourceSensorClass = f.SourceSensorClass,
            SourceSensor = f.SourceSensor,
            SourceCollection = f.SourceCollection,
            SourceTask = f.SourceTask,
            Geometry = f.Geometry,
            CenterPoint = f.CenterPoint,
            Countries = AnswerJson.Document(f.Countries),
            Job = IdReference.Of(f.JobId),
            JobExe = IdReference.Of(f.JobExeId),
            JobType = jobType,
            JobOutput = f.JobOutput,
            Recipe = IdReference.Of(f.RecipeId),
            RecipeNode = f.RecipeNode,
            RecipeType = recipeType,
            Batch = batch,
            IsSuperseded = f.IsSuperseded,
            Superseded = f.Superseded,
            Uuid = f.Uuid,
            Checksum = f.Checksum,
            IsPublished = f.IsPublished,
            HasBeenPublished = f.HasBeenPublished,
            Published = f.Published,
            Unpublished = f.Unpublished,
            IsParsed = f.IsParsed,
            Parsed = f.Parsed,
        };
}
