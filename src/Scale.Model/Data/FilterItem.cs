using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Data;

public enum FilterType { String, FileName, MediaType, DataType, Integer, Number, Boolean, Object, MetaData, Array }

public enum FilterCondition { Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual, Between, In, NotIn, Contains, SubsetOf, SupersetOf }

/// <summary>One test of one parameter.</summary>
/// <param name="Values">At least one. Values of numeric filters are numbers. With <paramref name="Fields"/>, <c>Values[i]</c> is the list of values for path i.</param>
/// <param name="Fields">Key paths into an object, as many as values; empty when the parameter itself is tested.</param>
/// <param name="AllFields">Whether every path must pass; otherwise one is enough.</param>
/// <param name="AllFiles">Whether every file must pass; otherwise one is enough.</param>
public sealed record FilterItem(
    string Name,
    FilterType Type,
    FilterCondition Condition,
    ImmutableArray<JsonElement> Values,
    ImmutableArray<ImmutableArray<string>> Fields,
    bool AllFields,
    bool AllFiles)
{
    /// <summary>
    /// Checks and reads one item; problems in this order: MISSING_NAME, MISSING_TYPE, MISSING_CONDITION, MISSING_VALUES, INVALID_CONDITION,
    /// INVALID_FIELDS, INVALID_TYPE, VALUE_ERROR.
    /// </summary>
    public static Parsed<FilterItem> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, "INVALID_DATA_FILTER", problems) is not { } reader)
        {
            return new Parsed<FilterItem>(null, problems, []);
        }

        var name = Required(reader, "name", "MISSING_NAME");
        var typeName = Required(reader, "type", "MISSING_TYPE");
        var conditionName = Required(reader, "condition", "MISSING_CONDITION");
        var values = reader.Elements("values").Select(v => v.Value.Clone()).ToImmutableArray();
        if (values.IsEmpty)
        {
            reader.Report("values", "at least one value is required", "MISSING_VALUES");
        }

        var fields = ReadFields(reader);
        var type = FilterNames.FindType(typeName);
        var condition = FilterNames.FindCondition(conditionName);
        if (conditionName.Length > 0 && condition is null)
        {
            reader.Report("condition", $"'{conditionName}' is no condition", "INVALID_CONDITION");
        }
        else if (type is { } known && condition is { } wanted && !known.Allows(wanted, !fields.IsEmpty))
        {
            reader.Report("condition", $"'{conditionName}' cannot test a {typeName}", "INVALID_CONDITION");
        }

        if (!fields.IsEmpty && fields.Length != values.Length)
        {
            reader.Report("fields", $"{fields.Length} fields need as many values, not {values.Length}", "INVALID_FIELDS");
        }

        if (typeName.Length > 0 && type is null or FilterType.Array)
        {
            reader.Report("type", $"'{typeName}' cannot be filtered", "INVALID_TYPE");
        }

        if (type is FilterType.Integer or FilterType.Number)
        {
            values = [.. values.Select(value => Number(reader, value, type == FilterType.Integer))];
        }

        if (condition == FilterCondition.Between && fields.IsEmpty && values.Length == 1)
        {
            reader.Report("values", "'between' needs two values", "VALUE_ERROR");
        }

        var allFields = reader.Boolean("all_fields", absent: true);
        var allFiles = reader.Boolean("all_files", absent: false);
        var item = problems.Count == 0 ? new FilterItem(name, type!.Value, condition!.Value, values, fields, allFields, allFiles) : null;
        return new Parsed<FilterItem>(item, problems, []);
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["name"] = Name,
            ["type"] = Type.Name(),
            ["condition"] = Condition.Name(),
            ["values"] = new JsonArray(Values.Select(NodeOf).ToArray()),
        };
        if (!Fields.IsEmpty)
        {
            json["fields"] = new JsonArray(Fields.Select(f => (JsonNode)new JsonArray(f.Select(key => (JsonNode)key).ToArray())).ToArray());
        }

        if (!AllFields)
        {
            json["all_fields"] = false;
        }

        if (AllFiles)
        {
            json["all_files"] = true;
        }

        return json;
    }

    /// <summary>Why this filter cannot test the parameter of its name; null when it can.</summary>
    internal string? MismatchWith(DataInterface target)
    {
        if (target.FindFile(Name) is not null)
        {
            return Type.IsOfFiles() ? null : $"Parameter '{Name}' takes files and needs a filter of filename, media-type, data-type or meta-data, not {Type.Name()}";
        }

        var json = target.FindJson(Name)!.Type;
        var fits = json switch
        {
            JsonType.String => Type == FilterType.String,
            JsonType.Integer or JsonType.Number => Type is FilterType.Integer or FilterType.Number,
            JsonType.Boolean => Type == FilterType.Boolean,
            JsonType.Object => Type == FilterType.Object,
            _ => false,
        };
        return fits ? null : $"Parameter '{Name}' is JSON of type {json.Name()} and cannot be tested by a filter of type {Type.Name()}";
    }

    private static JsonNode? NodeOf(JsonElement value) => JsonNode.Parse(value.GetRawText());

    private static string Required(DocumentReader reader, string member, string missing)
    {
        if (!reader.Has(member))
        {
            reader.Report(member, "is required", missing);
            return "";
        }

        return reader.RequiredString(member, allowEmpty: false);
    }

    private static ImmutableArray<ImmutableArray<string>> ReadFields(DocumentReader reader) =>
        [.. reader.Elements("fields").Select(f => f.Value.ValueKind == JsonValueKind.Array
            ? f.Value.EnumerateArray().Select(key => key.ValueKind == JsonValueKind.String ? key.GetString()! : key.GetRawText()).ToImmutableArray()
            : [])];

    private static JsonElement Number(DocumentReader reader, JsonElement value, bool isWhole)
    {
        if (FilterEvaluation.NumberOf(value) is { } number && (!isWhole || number == Math.Floor(number)))
        {
            return value.ValueKind == JsonValueKind.Number ? value : JsonElement.Parse(number.ToString("R", CultureInfo.InvariantCulture));
        }

        reader.Report("values", $"{value.GetRawText()} is no {(isWhole ? "integer" : "number")}", "VALUE_ERROR");
        return value;
    }
}
