using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Data;

public enum JsonType { Array, Boolean, Integer, Number, Object, String }

public static class JsonTypeNames
{
    /// <summary>The name in documents, such as <c>integer</c>.</summary>
    public static string Name(this JsonType type) => type switch
    {
        JsonType.Array => "array",
        JsonType.Boolean => "boolean",
        JsonType.Integer => "integer",
        JsonType.Number => "number",
        JsonType.Object => "object",
        JsonType.String => "string",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown JSON type."),
    };

    /// <returns>The type of that name, null when there is none.</returns>
    public static JsonType? Find(string name) => name switch
    {
        "array" => JsonType.Array,
        "boolean" => JsonType.Boolean,
        "integer" => JsonType.Integer,
        "number" => JsonType.Number,
        "object" => JsonType.Object,
        "string" => JsonType.String,
        _ => null,
    };

    /// <summary>Whether a value is of that type: booleans are no numbers, <c>5.0</c> is no integer, null fits nothing.</summary>
    public static bool Accepts(this JsonType type, JsonElement value) => type switch
    {
        JsonType.Array => value.ValueKind == JsonValueKind.Array,
        JsonType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        JsonType.Integer => value.ValueKind == JsonValueKind.Number && (value.TryGetInt64(out _) || !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E')),
        JsonType.Number => value.ValueKind == JsonValueKind.Number,
        JsonType.Object => value.ValueKind == JsonValueKind.Object,
        JsonType.String => value.ValueKind == JsonValueKind.String,
        _ => false,
    };
}

/// <param name="MediaTypes">Media types accepted; an empty list accepts any.</param>
public sealed record FileParameter(string Name, IReadOnlyList<string> MediaTypes, bool Required, bool Multiple);

public sealed record JsonParameter(string Name, JsonType Type, bool Required);

/// <summary>What a recipe, job, condition or dataset takes or gives (batches-and-datasets.md §4.2). No name occurs twice.</summary>
public sealed record DataInterface(IReadOnlyList<FileParameter> Files, IReadOnlyList<JsonParameter> Json)
{
    public static readonly DataInterface Empty = new([], []);

    /// <summary>Reads v6/v7 interfaces; problems are INVALID_VERSION, INVALID_INTERFACE, INVALID_JSON_TYPE and DUPLICATE_INPUT.</summary>
    public static Parsed<DataInterface> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, "INVALID_INTERFACE", problems) is not { } reader)
        {
            return new Parsed<DataInterface>(null, problems, []);
        }

        DocumentVersion.Check(reader);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var files = reader.Objects("files").Select(f => ReadFile(f, names)).ToList();
        var jsons = reader.Objects("json").Select(j => ReadJson(j, names)).ToList();
        reader.Close();
        return new Parsed<DataInterface>(problems.Count == 0 ? new DataInterface(files, jsons) : null, problems, []);
    }

    public FileParameter? FindFile(string name)
    {
        foreach (var file in Files)
        {
            if (file.Name == name)
            {
                return file;
            }
        }

        return null;
    }

    public JsonParameter? FindJson(string name)
    {
        foreach (var json in Json)
        {
            if (json.Name == name)
            {
                return json;
            }
        }

        return null;
    }

    public bool Has(string name) => FindFile(name) is not null || FindJson(name) is not null;

    /// <summary>Names of all parameters, files first, in declaration order.</summary>
    public IEnumerable<string> Names => Files.Select(f => f.Name).Concat(Json.Select(j => j.Name));

    /// <summary>With all defaults filled in, without version.</summary>
    public JsonObject ToJson() => new()
    {
        ["files"] = new JsonArray(Files.Select(f => (JsonNode)new JsonObject
        {
            ["name"] = f.Name,
            ["media_types"] = new JsonArray(f.MediaTypes.Select(m => (JsonNode)m).ToArray()),
            ["required"] = f.Required,
            ["multiple"] = f.Multiple,
        }).ToArray()),
        ["json"] = new JsonArray(Json.Select(j => (JsonNode)new JsonObject
        {
            ["name"] = j.Name,
            ["type"] = j.Type.Name(),
            ["required"] = j.Required,
        }).ToArray()),
    };

    /// <summary>Problems and warnings of letting <paramref name="sender"/> feed this interface (§4.2 "connection").</summary>
    /// <returns>Errors PARAM_REQUIRED, MISMATCHED_PARAM_TYPE, NO_MULTIPLE_FILES and MISMATCHED_JSON_TYPE; warning MISMATCHED_MEDIA_TYPES.
    /// Each description begins with the parameter.</returns>
    public (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) CheckConnection(DataInterface sender)
    {
        var errors = new List<Problem>();
        var warnings = new List<Problem>();
        foreach (var file in Files)
        {
            CheckFile(file, sender, errors, warnings);
        }

        foreach (var json in Json)
        {
            CheckJson(json, sender, errors);
        }

        return (errors, warnings);
    }

    /// <summary>Whether both declare the same parameters, in any order of parameters and media types.</summary>
    public bool IsSameAs(DataInterface other) =>
        Files.Count == other.Files.Count && Json.Count == other.Json.Count
        && Files.All(f => other.FindFile(f.Name) is { } o && f.Required == o.Required && f.Multiple == o.Multiple && f.MediaTypes.ToHashSet().SetEquals(o.MediaTypes))
        && Json.All(j => other.FindJson(j.Name) == j);

    private static FileParameter ReadFile(DocumentReader reader, HashSet<string> names)
    {
        var file = new FileParameter(
            ReadName(reader, names),
            reader.Strings("media_types"),
            reader.Boolean("required", absent: true),
            reader.Boolean("multiple", absent: false));
        reader.Close();
        return file;
    }

    private static JsonParameter ReadJson(DocumentReader reader, HashSet<string> names)
    {
        var name = ReadName(reader, names);
        var typeName = reader.RequiredString("type", allowEmpty: false);
        var type = JsonTypeNames.Find(typeName);
        if (typeName.Length > 0 && type is null)
        {
            reader.Report("type", $"'{typeName}' is none of array, boolean, integer, number, object, string", "INVALID_JSON_TYPE");
        }

        var json = new JsonParameter(name, type ?? JsonType.String, reader.Boolean("required", absent: true));
        reader.Close();
        return json;
    }

    private static string ReadName(DocumentReader reader, HashSet<string> names)
    {
        var name = reader.RequiredString("name", allowEmpty: false);
        if (name.Length > 0 && !ParameterName.IsValid(name))
        {
            reader.Report("name", $"'{name}' must be up to {ParameterName.MaxLength} letters, digits, '_', '-' or blanks");
        }
        else if (name.Length > 0 && !names.Add(name))
        {
            reader.Report("name", $"'{name}' is used by two parameters", "DUPLICATE_INPUT");
        }

        return name;
    }

    private static void CheckFile(FileParameter file, DataInterface sender, List<Problem> errors, List<Problem> warnings)
    {
        if (sender.FindFile(file.Name) is not { } sent)
        {
            if (sender.FindJson(file.Name) is { } json)
            {
                errors.Add(new Problem("MISMATCHED_PARAM_TYPE", "", $"Parameter '{file.Name}' takes files, not JSON of type {json.Type.Name()}"));
            }
            else if (file.Required)
            {
                errors.Add(new Problem("PARAM_REQUIRED", "", $"Parameter '{file.Name}' is required"));
            }

            return;
        }

        if (file.Required && !sent.Required)
        {
            errors.Add(new Problem("PARAM_REQUIRED", "", $"Parameter '{file.Name}' is required, but what is sent is optional"));
        }

        if (sent.Multiple && !file.Multiple)
        {
            errors.Add(new Problem("NO_MULTIPLE_FILES", "", $"Parameter '{file.Name}' takes one file, but several may be sent"));
        }

        var unlisted = sent.MediaTypes.Where(m => !file.MediaTypes.Contains(m)).ToList();
        if (file.MediaTypes.Count > 0 && unlisted.Count > 0)
        {
            warnings.Add(new Problem(
                "MISMATCHED_MEDIA_TYPES",
                "",
                $"Parameter '{file.Name}' takes {string.Join(", ", file.MediaTypes)}, but {string.Join(", ", unlisted)} may be sent"));
        }
    }

    private static void CheckJson(JsonParameter json, DataInterface sender, List<Problem> errors)
    {
        if (sender.FindJson(json.Name) is not { } sent)
        {
            if (sender.FindFile(json.Name) is not null)
            {
                errors.Add(new Problem("MISMATCHED_PARAM_TYPE", "", $"Parameter '{json.Name}' takes JSON of type {json.Type.Name()}, not files"));
            }
            else if (json.Required)
            {
                errors.Add(new Problem("PARAM_REQUIRED", "", $"Parameter '{json.Name}' is required"));
            }

            return;
        }

        if (json.Required && !sent.Required)
        {
            errors.Add(new Problem("PARAM_REQUIRED", "", $"Parameter '{json.Name}' is required, but what is sent is optional"));
        }

        if (json.Type != sent.Type)
        {
            errors.Add(new Problem("MISMATCHED_JSON_TYPE", "", $"Parameter '{json.Name}' takes JSON of type {json.Type.Name()}, not {sent.Type.Name()}"));
        }
    }
}
