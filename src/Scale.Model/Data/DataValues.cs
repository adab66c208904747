using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Data;

/// <summary>Values for the parameters of an interface: file ids and JSON values by name (batches-and-datasets.md §4.1).</summary>
public sealed record DataValues(ImmutableSortedDictionary<string, ImmutableArray<long>> Files, ImmutableSortedDictionary<string, JsonElement> Json)
{
    public static readonly ImmutableSortedDictionary<string, ImmutableArray<long>> NoFiles =
        ImmutableSortedDictionary.Create<string, ImmutableArray<long>>(StringComparer.Ordinal);

    public static readonly ImmutableSortedDictionary<string, JsonElement> NoJson =
        ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);

    public static readonly DataValues Empty = new(NoFiles, NoJson);

    private const string EmptyText = """{"files":{},"json":{}}""";

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public bool IsEmpty => Files.IsEmpty && Json.IsEmpty;

    /// <summary>Distinct ids of all files, ascending.</summary>
    public IEnumerable<long> FileIds => Files.Values.SelectMany(ids => ids).Distinct().Order();

    /// <summary>Reads v6/v7 data and legacy <c>"version":"1.0"</c> data; problems are INVALID_VERSION, INVALID_DATA and DUPLICATE_VALUE.</summary>
    public static Parsed<DataValues> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, "INVALID_DATA", problems) is not { } reader)
        {
            return new Parsed<DataValues>(null, problems, []);
        }

        var isLegacy = reader.Any("version") is { ValueKind: JsonValueKind.String } version && version.GetString() == "1.0";
        var values = isLegacy ? LegacyData.Read(reader) : Read(reader);
        return new Parsed<DataValues>(problems.Count == 0 ? values : null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <exception cref="JsonException">The text is no JSON of that shape.</exception>
    public static DataValues FromText(string text)
    {
        if (text == EmptyText)
        {
            return Empty;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            var length = Encoding.UTF8.GetBytes(text, buffer);
            var reader = new Utf8JsonReader(buffer.AsSpan(0, length));
            return Read(ref reader);
        }
        catch (InvalidOperationException wrongToken)
        {
            throw new JsonException("The text is no stored data.", wrongToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public JsonObject ToJson() => new()
    {
        ["files"] = new JsonObject(Files.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)new JsonArray(f.Value.Select(id => (JsonNode)id).ToArray())))),
        ["json"] = new JsonObject(Json.Select(j => KeyValuePair.Create(j.Key, NodeOf(j.Value)))),
    };

    /// <summary>Canonical text, names in order.</summary>
    public string ToText()
    {
        if (IsEmpty)
        {
            return EmptyText;
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes what <see cref="ToText"/> gives.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteMembersTo(json);
        json.WriteEndObject();
    }

    /// <summary>Writes files and JSON values, each as a member of an object that has been begun.</summary>
    public void WriteMembersTo(Utf8JsonWriter json)
    {
        json.WriteStartObject("files"u8);
        foreach (var (name, ids) in Files)
        {
            json.WriteStartArray(name);
            foreach (var id in ids)
            {
                json.WriteNumberValue(id);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartObject("json"u8);
        WriteJsonTo(json);
        json.WriteEndObject();
    }

    /// <summary>Writes each JSON value as a member of an object that has been begun.</summary>
    public void WriteJsonTo(Utf8JsonWriter json)
    {
        foreach (var (name, value) in Json)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    /// <summary>The values restricted to the parameters of <paramref name="target"/>, and everything that does not fit.</summary>
    /// <returns>The values that fit (this instance when all do), and errors PARAM_REQUIRED, MISMATCHED_PARAM_TYPE, NO_FILES, MULTIPLE_FILES
    /// and INVALID_JSON_TYPE. Media types and the existence of files are not checked here.</returns>
    public (DataValues Values, IReadOnlyList<Problem> Errors) Validate(DataInterface target)
    {
        List<Problem>? errors = null;
        var fitting = 0;
        var files = NoFiles.ToBuilder();
        foreach (var parameter in target.Files)
        {
            if (ProblemOf(parameter) is { } problem)
            {
                (errors ??= []).Add(problem);
            }
            else if (Files.TryGetValue(parameter.Name, out var ids))
            {
                files[parameter.Name] = ids;
                fitting++;
            }
        }

        var json = NoJson.ToBuilder();
        foreach (var parameter in target.Json)
        {
            if (ProblemOf(parameter) is { } problem)
            {
                (errors ??= []).Add(problem);
            }
            else if (Json.TryGetValue(parameter.Name, out var value))
            {
                json[parameter.Name] = value;
                fitting++;
            }
        }

        var values = fitting == Files.Count + Json.Count ? this : new DataValues(files.ToImmutable(), json.ToImmutable());
        return (values, errors ?? (IReadOnlyList<Problem>)[]);
    }

    private static JsonNode? NodeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        _ => JsonValue.Create(value),
    };

    private static DataValues Read(DocumentReader reader)
    {
        DocumentVersion.Check(reader);
        var files = NoFiles.ToBuilder();
        var json = NoJson.ToBuilder();
        if (reader.Object("files") is { } fileReader)
        {
            foreach (var name in fileReader.MemberNames())
            {
                var ids = fileReader.Longs(name);
                if (ids.Count == 0 && fileReader.Json.GetProperty(name) is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 0)
                {
                    fileReader.Report(name, "must name at least one file");
                }

                files[name] = [.. ids];
            }
        }

        if (reader.Object("json") is { } jsonReader)
        {
            foreach (var name in jsonReader.MemberNames())
            {
                if (files.ContainsKey(name))
                {
                    jsonReader.Report(name, $"'{name}' has files and a JSON value", "DUPLICATE_VALUE");
                }

                json[name] = jsonReader.Json.GetProperty(name).Clone();
            }
        }

        reader.Close();
        return new DataValues(files.ToImmutable(), json.ToImmutable());
    }

    private static DataValues Read(ref Utf8JsonReader reader)
    {
        var files = NoFiles.ToBuilder();
        var json = NoJson.ToBuilder();
        Enter(ref reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("files"u8))
            {
                Enter(ref reader);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    files[reader.GetString()!] = ReadIds(ref reader);
                }
            }
            else if (reader.ValueTextEquals("json"u8))
            {
                Enter(ref reader);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var name = reader.GetString()!;
                    json[name] = JsonElement.ParseValue(ref reader);
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return new DataValues(files.ToImmutable(), json.ToImmutable());
    }

    private static void Enter(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("The text is no stored data: an object is missing.");
        }
    }

    private static ImmutableArray<long> ReadIds(ref Utf8JsonReader reader)
    {
        var ids = ImmutableArray.CreateBuilder<long>(1);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("The text is no stored data: a list of file ids is missing.");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ids.Add(reader.GetInt64());
        }

        return ids.DrainToImmutable();
    }

    private Problem? ProblemOf(FileParameter parameter)
    {
        var name = parameter.Name;
        if (!Files.TryGetValue(name, out var ids))
        {
            return Json.ContainsKey(name) ? new Problem("MISMATCHED_PARAM_TYPE", "", $"Parameter '{name}' takes files, not a JSON value")
                : parameter.Required ? new Problem("PARAM_REQUIRED", "", $"Parameter '{name}' is required")
                : null;
        }

        return ids.Length == 0 ? new Problem("NO_FILES", "", $"Parameter '{name}' must have at least one file")
            : ids.Length > 1 && !parameter.Multiple ? new Problem("MULTIPLE_FILES", "", $"Parameter '{name}' takes one file, not {ids.Length}")
            : null;
    }

    private Problem? ProblemOf(JsonParameter parameter)
    {
        var name = parameter.Name;
        if (!Json.TryGetValue(name, out var value))
        {
            return Files.ContainsKey(name) ? new Problem("MISMATCHED_PARAM_TYPE", "", $"Parameter '{name}' takes a JSON value, not files")
                : parameter.Required ? new Problem("PARAM_REQUIRED", "", $"Parameter '{name}' is required")
                : null;
        }

        return parameter.Type.Accepts(value)
            ? null
            : new Problem("INVALID_JSON_TYPE", "", $"Parameter '{name}' takes JSON of type {parameter.Type.Name()}, not {DocumentReader.KindOf(value)}");
    }
}
