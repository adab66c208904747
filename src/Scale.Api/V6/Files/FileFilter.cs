using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Requests;
using Scale.Store.Files;

namespace Scale.Api.V6.Files;

/// <summary>Which files a request asks for: the filters of the list (storage-and-ingest.md §2.1), also those of data templates.</summary>
public static class FileFilter
{
    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IQueryable<FileRow> Apply(IQueryable<FileRow> files, RequestParameters request)
    {
        files = files
            .Within(request.Range("data_started", "data_ended"), f => f.DataStarted, f => f.DataEnded)
            .Within(request.Range("source_started", "source_ended"), f => f.SourceStarted, f => f.SourceEnded)
            .Within(request.Range("created_started", "created_ended"), f => f.Created)
            .Within(request.Range("modified_started", "modified_ended"), f => f.LastModified)
            .WhereAny(request.Texts("source_sensor_class"), f => f.SourceSensorClass)
            .WhereAny(request.Texts("source_sensor"), f => f.SourceSensor)
            .WhereAny(request.Texts("source_collection"), f => f.SourceCollection)
            .WhereAny(request.Texts("source_task"), f => f.SourceTask)
            .WhereAny(request.Longs("job_type_id"), f => f.JobTypeId)
            .WhereAny(request.Texts("job_type_name"), f => f.JobType!.Name)
            .WhereAny(request.Longs("job_id"), f => f.JobId)
            .WhereAny(request.Longs("recipe_id"), f => f.RecipeId)
            .WhereAny(request.Longs("recipe_type_id"), f => f.RecipeTypeId)
            .WhereAny(request.Longs("batch_id"), f => f.BatchId)
            .WhereAny(request.Texts("job_output"), f => f.JobOutput)
            .WhereAny(request.Texts("recipe_node"), f => f.RecipeNode)
            .WhereAny(request.Texts("file_name"), f => f.FileName)
            .WhereAny(request.Texts("media_type"), f => f.MediaType)
            .WhereAny(request.Longs("workspace_id"), f => f.WorkspaceId)
            .WhereAny(request.Texts("uuid"), f => f.Uuid)
            .WhereFlag(request.OptionalBool("is_superseded"), f => f.IsSuperseded)
            .WhereFlag(request.OptionalBool("is_published"), f => f.IsPublished)
            .WhereFlag(request.OptionalBool("is_deleted"), f => f.IsDeleted);

        var types = request.Texts("file_type");
        if (types.Count > 0)
        {
            var known = types.Select(FileTypes.FromName).OfType<FileType>().ToList();
            files = files.Where(f => known.Contains(f.FileType));
        }

        if (request.OptionalText("file_name_search") is { Length: > 0 } search)
        {
            // Both sides are lowered by the database, which knows fewer letters than we do.
            files = files.Where(f => f.FileName.ToLower().Contains(EF.Parameter(search).ToLower()));
        }

        files = WhereHolds(files, request.Texts("countries"), isTag: false);
        return WhereHolds(files, request.Texts("data_type_tag"), isTag: true);
    }

    /// <summary>Countries and tags are JSON arrays of strings, so a member is found with its quotes, however its letters were escaped.</summary>
    private static IQueryable<FileRow> WhereHolds(IQueryable<FileRow> files, IReadOnlyList<string> values, bool isTag)
    {
        if (values.Count == 0)
        {
            return files;
        }

        var members = values.SelectMany(v => new[] { JsonSerializer.Serialize(v), JsonSerializer.Serialize(v, Unescaped) }).Distinct().ToList();
        return isTag
            ? files.Where(f => members.Any(m => f.DataTypeTags.Contains(m)))
            : files.Where(f => members.Any(m => f.Countries.Contains(m)));
    }
}
