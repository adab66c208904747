using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Scale.Model.Documents;

namespace Scale.Model.Files;

/// <summary>What a <c>&lt;file&gt;.metadata.json</c> says about a file (job-types-and-seed.md §9.3, storage-and-ingest.md §2.6). Times are UTC.</summary>
public sealed partial record FileMetadata(
    Geometry? Geometry,
    DateTime? DataStarted,
    DateTime? DataEnded,
    DateTime? SourceStarted,
    DateTime? SourceEnded,
    string? SourceSensorClass,
    string? SourceSensor,
    string? SourceCollection,
    string? SourceTask,
    IReadOnlyList<string> DataTypes,
    string? NewWorkspacePath,
    string PropertiesText)
{
    private const string Invalid = "invalid-side-car";

    /// <summary>Data times with a missing end copied from the other; both null when neither is given.</summary>
    public (DateTime? Started, DateTime? Ended) DataTimes => (DataStarted ?? DataEnded, DataEnded ?? DataStarted);

    /// <summary>The <c>meta_data</c> of a product: all properties, overruled by what is known about its making.</summary>
    public static string MetaDataOf(FileMetadata? metadata, string? url, string jobName, string jobVersion, string packageVersion)
    {
        var json = metadata is null ? new JsonObject() : JsonNode.Parse(metadata.PropertiesText)!.AsObject();
        json["url"] = url;
        json["job_name"] = jobName;
        json["job_version"] = jobVersion;
        json["package_version"] = packageVersion;
        return json.ToJsonString();
    }

    /// <summary>Reads a GeoJSON Feature or a bare geometry.</summary>
    public static FileMetadataResult Parse(ReadOnlyMemory<byte> content)
    {
        try
        {
            using var document = JsonBytes.Parse(content);
            return Parse(document.RootElement);
        }
        catch (JsonException e)
        {
            return FileMetadataResult.Ignored($"is no JSON: {e.Message}");
        }
    }

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    public static FileMetadataResult Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, Invalid, problems) is not { } root)
        {
            return FileMetadataResult.Ignored(problems[0].Text);
        }

        var type = root.OptionalString("type");
        if (Files.Geometry.IsSupported(type))
        {
            return Build(root.Json, default);
        }

        if (type != "Feature")
        {
            return FileMetadataResult.Ignored($"must be a GeoJSON Feature or geometry; {type ?? "an object without type"} is not supported");
        }

        var geometry = root.Any("geometry") is { ValueKind: not JsonValueKind.Null } given ? given : default;
        if (geometry.ValueKind == JsonValueKind.Object && geometry.TryGetProperty("type", out var kind)
            && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("GeometryCollection"u8))
        {
            return FileMetadataResult.Ignored("must not hold a GeometryCollection");
        }

        var properties = root.Any("properties") is { ValueKind: not JsonValueKind.Null } members ? members : default;
        return properties.ValueKind is JsonValueKind.Undefined or JsonValueKind.Object
            ? Build(geometry, properties)
            : FileMetadataResult.Ignored("properties must be an object or null");
    }

    private static FileMetadataResult Build(JsonElement geometry, JsonElement properties)
    {
        Geometry? built = null;
        if (geometry.ValueKind != JsonValueKind.Undefined)
        {
            string? problem = "geometry must be an object or null";
            built = geometry.ValueKind == JsonValueKind.Object ? Files.Geometry.FromGeoJson(geometry, out problem) : null;
            if (built is null)
            {
                return new FileMetadataResult(null, problem, IsBrokenGeometry: true);
            }
        }

        return new FileMetadataResult(
            new FileMetadata(
                built,
                Time(properties, "dataStarted"),
                Time(properties, "dataEnded"),
                Time(properties, "sourceStarted"),
                Time(properties, "sourceEnded"),
                Text(properties, "sourceSensorClass"),
                Text(properties, "sourceSensor"),
                Text(properties, "sourceCollection"),
                Text(properties, "sourceTask"),
                Texts(properties, "dataTypes"),
                Text(properties, "newWorkspacePath"),
                properties.ValueKind == JsonValueKind.Object ? properties.GetRawText() : "{}"),
            null,
            IsBrokenGeometry: false);
    }

    private static string? Text(JsonElement properties, string member) =>
        properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text ? text : null;

    private static IReadOnlyList<string> Texts(JsonElement properties, string member) =>
        properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(member, out var values) && values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal).ToList()
            : [];

    // Without a zone nobody knows what moment is meant: such a time counts as not given.
    private static DateTime? Time(JsonElement properties, string member) =>
        Text(properties, member) is { } text && Zoned().IsMatch(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.UtcDateTime
            : null;

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})\z")]
    private static partial Regex Zoned();
}

/// <summary>A read side-car, or why there is none.</summary>
/// <param name="IsBrokenGeometry">A geometry that cannot be built fails the execution with <c>invalid-results-manifest</c>; anything else is logged and ignored.</param>
public sealed record FileMetadataResult(FileMetadata? Metadata, string? Problem, bool IsBrokenGeometry)
{
    internal static FileMetadataResult Ignored(string problem) => new(null, problem, IsBrokenGeometry: false);
}
