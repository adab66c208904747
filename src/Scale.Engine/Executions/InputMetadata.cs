using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;

namespace Scale.Engine.Executions;

/// <summary>
/// The document that INPUT_METADATA names (job-types-and-seed.md §8.2): for each input of the job, and of its recipe, the JSON value or what is known of the files.
/// </summary>
public static class InputMetadata
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="inputFolder">The input folder as main sees it.</param>
    public static string Of(ExecutionSpec spec, CheckedInputs inputs, string inputFolder)
    {
        var job = JsonPart(spec.Input);
        foreach (var (name, files) in inputs.Files)
        {
            job[name] = new JsonArray([.. files.Select(f => File(f.File, $"{inputFolder}/{name}/{f.LocalName}"))]);
        }

        var document = new JsonObject { ["JOB"] = job };
        if (spec.RecipeInput is { } recipeInput)
        {
            var recipe = JsonPart(recipeInput);
            foreach (var (name, files) in spec.RecipeInputFiles)
            {
                recipe[name] = new JsonArray([.. files.Select(f => File(f, null))]);
            }

            document["RECIPE"] = recipe;
        }

        return document.ToJsonString(Readable);
    }

    private static JsonObject JsonPart(DataValues values) =>
        new(values.Json.Select(v => KeyValuePair.Create(v.Key, JsonNode.Parse(v.Value.GetRawText()))));

    /// <param name="localPath">Null for files that are not staged: those of the recipe that the job does not take.</param>
    private static JsonObject File(ExecutionInputFile file, string? localPath)
    {
        var json = new JsonObject
        {
            ["id"] = file.FileId,
            ["file_name"] = file.FileName,
            ["file_path"] = file.FilePath,
            ["file_size"] = file.FileSize,
            ["file_type"] = file.IsSource ? "SOURCE" : "PRODUCT",
            ["media_type"] = file.MediaType,
            ["is_deleted"] = file.IsDeleted,
            ["workspace"] = new JsonObject { ["id"] = file.Workspace.Id, ["name"] = file.Workspace.Name },
        };
        if (file.Details is { } details)
        {
            json["uuid"] = details.Uuid;
            json["data_type_tags"] = JsonNode.Parse(details.DataTypeTags);
            json["countries"] = JsonNode.Parse(details.Countries);
            json["meta_data"] = JsonNode.Parse(details.MetaData);
            json["data_started"] = Moment(details.DataStarted);
            json["data_ended"] = Moment(details.DataEnded);
            json["source_started"] = Moment(details.SourceStarted);
            json["source_ended"] = Moment(details.SourceEnded);
            json["source_sensor_class"] = details.SourceSensorClass;
            json["source_sensor"] = details.SourceSensor;
            json["source_collection"] = details.SourceCollection;
            json["source_task"] = details.SourceTask;
            json["created"] = Moment(details.Created);
            json["last_modified"] = Moment(details.LastModified);
        }

        if (localPath is not null)
        {
            json["local_path"] = localPath;
        }

        return json;
    }

    private static string? Moment(DateTime? moment) => moment?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
