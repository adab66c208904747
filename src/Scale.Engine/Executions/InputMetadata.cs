using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Scale.Model.Data;
using Scale.Store.Jobs;

namespace Scale.Engine.Executions;

/// <summary>
/// The document that INPUT_METADATA names (job-types-and-seed.md §8.2): for each input of the job, and of its recipe, the JSON value or what is known of the files.
/// </summary>
public static class InputMetadata
{
    private const int UsualSize = 1 << 10;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <param name="inputFolder">The input folder as main sees it.</param>
    public static ReadOnlyMemory<byte> Of(ExecutionSpec spec, CheckedInputs inputs, string inputFolder)
    {
        var text = new ArrayBufferWriter<byte>(UsualSize);
        using (var json = new Utf8JsonWriter(text, Readable))
        {
            json.WriteStartObject();
            WritePart(json, "JOB"u8, spec.Input, inputs.Files, (name, file) => WriteFile(json, file.File, $"{inputFolder}/{name}/{file.LocalName}"));
            if (spec.RecipeInput is { } recipeInput)
            {
                WritePart(json, "RECIPE"u8, recipeInput, spec.RecipeInputFiles, (_, file) => WriteFile(json, file, null));
            }

            json.WriteEndObject();
        }

        return text.WrittenMemory;
    }

    private static void WritePart<T>(
        Utf8JsonWriter json, ReadOnlySpan<byte> part, DataValues values, IReadOnlyDictionary<string, IReadOnlyList<T>> inputs, Action<string, T> writeFile)
    {
        json.WriteStartObject(part);
        values.WriteJsonTo(json);
        foreach (var (name, files) in inputs)
        {
            json.WriteStartArray(name);
            foreach (var file in files)
            {
                writeFile(name, file);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <param name="localPath">Null for files that are not staged: those of the recipe that the job does not take.</param>
    private static void WriteFile(Utf8JsonWriter json, ExecutionInputFile file, string? localPath)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, file.FileId);
        json.WriteString("file_name"u8, file.FileName);
        json.WriteString("file_path"u8, file.FilePath);
        json.WriteNumber("file_size"u8, file.FileSize);
        json.WriteString("file_type"u8, file.IsSource ? "SOURCE"u8 : "PRODUCT"u8);
        json.WriteString("media_type"u8, file.MediaType);
        json.WriteBoolean("is_deleted"u8, file.IsDeleted);
        json.WriteStartObject("workspace"u8);
        json.WriteNumber("id"u8, file.Workspace.Id);
        json.WriteString("name"u8, file.Workspace.Name);
        json.WriteEndObject();
        if (file.Details is { } details)
        {
            WriteDetails(json, details);
        }

        if (localPath is not null)
        {
            json.WriteString("local_path"u8, localPath);
        }

        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, ExecutionFileDetails details)
    {
        json.WriteString("uuid"u8, details.Uuid);
        WriteDocument(json, "data_type_tags"u8, details.DataTypeTags);
        WriteDocument(json, "countries"u8, details.Countries);
        WriteDocument(json, "meta_data"u8, details.MetaData);
        WriteMoment(json, "data_started"u8, details.DataStarted);
        WriteMoment(json, "data_ended"u8, details.DataEnded);
        WriteMoment(json, "source_started"u8, details.SourceStarted);
        WriteMoment(json, "source_ended"u8, details.SourceEnded);
        json.WriteString("source_sensor_class"u8, details.SourceSensorClass);
        json.WriteString("source_sensor"u8, details.SourceSensor);
        json.WriteString("source_collection"u8, details.SourceCollection);
        json.WriteString("source_task"u8, details.SourceTask);
        WriteMoment(json, "created"u8, details.Created);
        WriteMoment(json, "last_modified"u8, details.LastModified);
    }

    /// <param name="text">Stored, and written as all else here, whatever its spelling.</param>
    private static void WriteDocument(Utf8JsonWriter json, ReadOnlySpan<byte> name, string text)
    {
        json.WritePropertyName(name);
        if (text is "{}" or "[]")
        {
            json.WriteRawValue(text, skipInputValidation: true);
            return;
        }

        using var document = JsonDocument.Parse(text);
        document.RootElement.WriteTo(json);
    }

    private static void WriteMoment(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTime? moment) =>
        json.WriteString(name, moment?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
}
