using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Scale.Model.Documents;
using Scale.Model.Recipes;

namespace Scale.Model.Batches;

/// <summary>Which recipes and files a v5 batch looks at, both ends inclusive and in UTC; at least one is given.</summary>
/// <param name="IsOfData">The time of the data counts; otherwise that of creation.</param>
public sealed record LegacyDateRange(bool IsOfData, DateTime? Started, DateTime? Ended);

/// <summary>Makes recipes of files that never were the input of one.</summary>
/// <param name="MediaType">Exact media type of the file, empty for any.</param>
/// <param name="DataTypes">Tags that the file must all have.</param>
public sealed record LegacyTrigger(string MediaType, ImmutableArray<string> DataTypes, string InputName, string WorkspaceName);

/// <summary>A batch definition of the v5 services, version 1.0 (batches-and-datasets.md §6.1).</summary>
/// <param name="JobNames">Nodes to run again although unchanged; null when the document gives none.</param>
/// <param name="UsesTypesOwnTrigger"><c>"trigger_rule": true</c>: by the rule of the recipe type, which types no longer have.</param>
/// <param name="Trigger">A rule given by the batch itself.</param>
public sealed partial record LegacyBatchDefinition(
    LegacyDateRange? DateRange,
    ImmutableArray<string>? JobNames,
    bool AllJobs,
    int? Priority,
    bool UsesTypesOwnTrigger,
    LegacyTrigger? Trigger)
{
    /// <summary>Recipes of the type's current revision are left alone, as nothing in them would run again (§6.2).</summary>
    public bool OnlyOlderRevisions => !AllJobs && JobNames is not { IsEmpty: false };

    public ForcedNodes ForcedNodes => AllJobs ? ForcedNodes.Everything : ForcedNodes.None with { Nodes = ForcedNodes.None.Nodes.Union(JobNames ?? []) };

    /// <returns>Errors are INVALID_BATCH_DEFINITION.</returns>
    public static Parsed<LegacyBatchDefinition> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, BatchDefinition.Invalid, problems) is not { } reader)
        {
            return new Parsed<LegacyBatchDefinition>(null, problems, []);
        }

        if (reader.OptionalString("version") is { } version && version != "1.0")
        {
            reader.Report("version", $"'{version}' is not a supported version; use \"1.0\"");
        }

        var dateRange = reader.Object("date_range") is { } range ? ReadRange(range) : null;
        ImmutableArray<string>? jobNames = reader.Any("job_names") is null or { ValueKind: JsonValueKind.Null } ? null : [.. reader.Strings("job_names")];
        var allJobs = reader.Boolean("all_jobs", absent: false);
        var priority = reader.Integer("priority");
        var isRule = reader.Any("trigger_rule") is { ValueKind: JsonValueKind.Object };
        var trigger = isRule ? ReadTrigger(reader.Object("trigger_rule")!) : null;
        var usesTypesOwn = !isRule && reader.Boolean("trigger_rule", absent: false);
        reader.Close();
        var definition = new LegacyBatchDefinition(dateRange, jobNames, allJobs, priority, usesTypesOwn, trigger);
        return new Parsed<LegacyBatchDefinition>(problems.Count == 0 ? definition : null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <exception cref="DocumentException">The text is no valid definition.</exception>
    public static LegacyBatchDefinition FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    /// <summary>With defaults filled in; a date range or priority that was not given stays away.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["version"] = "1.0" };
        if (DateRange is { } range)
        {
            var shown = new JsonObject { ["type"] = range.IsOfData ? "data" : "created" };
            if (range.Started is { } started)
            {
                shown["started"] = started.ToString("O", CultureInfo.InvariantCulture);
            }

            if (range.Ended is { } ended)
            {
                shown["ended"] = ended.ToString("O", CultureInfo.InvariantCulture);
            }

            json["date_range"] = shown;
        }

        json["job_names"] = JobNames is { } names ? new JsonArray([.. names.Select(n => (JsonNode)n)]) : null;
        json["all_jobs"] = AllJobs;
        if (Priority is { } priority)
        {
            json["priority"] = priority;
        }

        json["trigger_rule"] = Trigger is { } trigger ? ToJson(trigger) : UsesTypesOwnTrigger;
        return json;
    }

    public string ToText() => ToJson().ToJsonString();

    private static JsonObject ToJson(LegacyTrigger trigger) => new()
    {
        ["condition"] = new JsonObject
        {
            ["media_type"] = trigger.MediaType,
            ["data_types"] = new JsonArray([.. trigger.DataTypes.Select(t => (JsonNode)t)]),
        },
        ["data"] = new JsonObject { ["input_data_name"] = trigger.InputName, ["workspace_name"] = trigger.WorkspaceName },
    };

    private static LegacyDateRange ReadRange(DocumentReader reader)
    {
        var type = reader.OptionalString("type");
        if (type is not (null or "created" or "data"))
        {
            reader.Report("type", $"'{type}' is none of created, data");
        }

        var range = new LegacyDateRange(type == "data", ReadTime(reader, "started"), ReadTime(reader, "ended"));
        if (!reader.Has("started") && !reader.Has("ended"))
        {
            reader.Report("", "must have started or ended");
        }

        reader.Close();
        return range;
    }

    private static DateTime? ReadTime(DocumentReader reader, string member)
    {
        if (reader.OptionalString(member) is not { } text)
        {
            return null;
        }

        if (IsoTime().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time.UtcDateTime;
        }

        reader.Report(member, $"'{text}' is no ISO-8601 date and time with a zone");
        return null;
    }

    private static LegacyTrigger ReadTrigger(DocumentReader reader)
    {
        var (mediaType, dataTypes) = ("", ImmutableArray<string>.Empty);
        if (reader.Object("condition") is { } condition)
        {
            mediaType = condition.OptionalString("media_type") ?? "";
            dataTypes = [.. condition.Strings("data_types")];
            condition.Close();
        }

        var (input, workspace) = ("", "");
        if (reader.Object("data", required: true) is { } data)
        {
            input = data.RequiredString("input_data_name", allowEmpty: false);
            workspace = data.RequiredString("workspace_name", allowEmpty: false);
            data.Close();
        }

        reader.Close();
        return new LegacyTrigger(mediaType, dataTypes, input, workspace);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:?\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();
}
