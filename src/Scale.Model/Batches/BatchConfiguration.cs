using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Batches;

/// <summary>A recipe input that a parameter of the dataset feeds.</summary>
public sealed record InputMapping(string Input, string DatasetParameter);

/// <summary>How the recipes of a batch are run (batches-and-datasets.md §3.2).</summary>
/// <param name="Priority">Of every job of the batch; null and 0 mean none.</param>
/// <param name="InputMap">Empty when absent.</param>
public sealed record BatchConfiguration(int? Priority, ImmutableArray<InputMapping> InputMap)
{
    public static readonly BatchConfiguration Empty = new(null, []);

    private const string Invalid = "INVALID_BATCH_CONFIGURATION";

    /// <returns>Errors INVALID_BATCH_CONFIGURATION.</returns>
    public static Parsed<BatchConfiguration> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, Invalid, problems, nullIsAbsent: true) is not { } reader)
        {
            return new Parsed<BatchConfiguration>(null, problems, []);
        }

        DocumentVersion.Check(reader, Invalid);
        var priority = reader.Integer("priority");
        if (priority < 0)
        {
            reader.Report("priority", $"must be at least 1, or 0 for none, not {priority}");
        }

        var map = reader.Objects("inputMap").Select(item => new InputMapping(item.RequiredString("input"), item.RequiredString("datasetParameter"))).ToImmutableArray();
        if (reader.Any("inputMap") is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 0)
        {
            reader.Report("inputMap", "must have at least one item");
        }

        reader.Close();
        return new Parsed<BatchConfiguration>(problems.Count == 0 ? new BatchConfiguration(priority, map) : null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <exception cref="DocumentException">The text is no valid configuration.</exception>
    public static BatchConfiguration FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    /// <summary>What was given, without version; an empty object when nothing was.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (Priority is { } priority)
        {
            json["priority"] = priority;
        }

        if (!InputMap.IsEmpty)
        {
            json["inputMap"] = new JsonArray([.. InputMap.Select(m => (JsonNode)new JsonObject { ["input"] = m.Input, ["datasetParameter"] = m.DatasetParameter })]);
        }

        return json;
    }

    public string ToText() => ToJson().ToJsonString();

    public bool Equals(BatchConfiguration? other) => other is not null && Priority == other.Priority && InputMap.SequenceEqual(other.InputMap);

    public override int GetHashCode() => HashCode.Combine(Priority, InputMap.Length);
}
