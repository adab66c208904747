using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Batches;

/// <summary>A recipe input that takes the values of a dataset parameter of another name.</summary>
public sealed record InputMapping(string Input, string DatasetParameter);

/// <summary>How a batch's recipes are run (batches-and-datasets.md §3.2).</summary>
/// <param name="Priority">Of every job of the batch, lower first; null when not set. Zero counts as not set, as the queue starts at 1.</param>
public sealed record BatchConfiguration(int? Priority, ImmutableArray<InputMapping> InputMap)
{
    public const string Invalid = "INVALID_BATCH_CONFIGURATION";

    public static readonly BatchConfiguration Empty = new(null, []);

    /// <returns>Errors are INVALID_BATCH_CONFIGURATION.</returns>
    public static Parsed<BatchConfiguration> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, Invalid, problems) is not { } reader)
        {
            return new Parsed<BatchConfiguration>(null, problems, []);
        }

        DocumentVersion.Check(reader, Invalid);
        var priority = reader.Integer("priority");
        if (priority < 0)
        {
            reader.Report("priority", $"must be at least 1 (0 for not set), not {priority}");
        }

        if (reader.Has("inputMap") && reader.Elements("inputMap").Count == 0 && problems.Count == 0)
        {
            reader.Report("inputMap", "must have at least one item");
        }

        var inputMap = ImmutableArray.CreateBuilder<InputMapping>();
        foreach (var item in reader.Objects("inputMap"))
        {
            // Other members of an item are tolerated, so the item is never closed.
            inputMap.Add(new InputMapping(item.RequiredString("input"), item.RequiredString("datasetParameter")));
        }

        reader.Close();
        return problems.Count == 0
            ? new Parsed<BatchConfiguration>(new BatchConfiguration(priority is 0 ? null : priority, inputMap.ToImmutable()), [], [])
            : new Parsed<BatchConfiguration>(null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static BatchConfiguration FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    /// <summary>Only what is set; <c>{}</c> when nothing is.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (Priority is { } priority)
        {
            json["priority"] = priority;
        }

        if (!InputMap.IsDefaultOrEmpty)
        {
            json["inputMap"] = new JsonArray([.. InputMap.Select(m => (JsonNode)new JsonObject { ["input"] = m.Input, ["datasetParameter"] = m.DatasetParameter })]);
        }

        return json;
    }

    public string ToText() => ToJson().ToJsonString();
}
