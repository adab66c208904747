using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Scale.Model.Data;

/// <summary>Evaluates one filter (batches-and-datasets.md §4.3). A missing or null value and a clash of types fail every test but <c>not in</c>.</summary>
internal static class FilterEvaluation
{
    private static readonly JsonElement Null = JsonElement.Parse("null");

    public static bool Passes(FilterItem filter, DataValues data, IReadOnlyDictionary<long, FileFacts> files)
    {
        if (!filter.Type.IsOfFiles())
        {
            return data.Json.TryGetValue(filter.Name, out var value) && PassesValue(filter, value);
        }

        if (!data.Files.TryGetValue(filter.Name, out var ids) || ids.IsEmpty)
        {
            return false;
        }

        foreach (var id in ids)
        {
            if ((files.TryGetValue(id, out var facts) && PassesFile(filter, facts)) != filter.AllFiles)
            {
                return !filter.AllFiles;
            }
        }

        return filter.AllFiles;
    }

    /// <summary>A number, or a text that is one; null otherwise.</summary>
    public static double? NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number) => number,
        JsonValueKind.String when double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) => number,
        _ => null,
    };

    private static bool PassesFile(FilterItem filter, FileFacts file) => filter.Type switch
    {
        FilterType.FileName => PassesValue(filter, Text(file.FileName)),
        FilterType.MediaType => PassesValue(filter, Text(file.MediaType)),
        FilterType.DataType => file.DataTypeTags.Count == 0 ? PassesValue(filter, Null) : file.DataTypeTags.Any(tag => PassesValue(filter, Text(tag))),
        _ => PassesValue(filter, file.MetaData ?? Null),
    };

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);

    private static bool PassesValue(FilterItem filter, JsonElement value)
    {
        if (filter.Fields.IsEmpty)
        {
            return Test(filter.Type, filter.Condition, value, filter.Values);
        }

        for (var i = 0; i < filter.Fields.Length; i++)
        {
            var wanted = filter.Values[i] is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : ImmutableArray.Create(filter.Values[i]);
            if (Test(filter.Type, filter.Condition, ValueAt(value, filter.Fields[i]), wanted) != filter.AllFields)
            {
                return !filter.AllFields;
            }
        }

        return filter.AllFields;
    }

    private static JsonElement ValueAt(JsonElement value, ImmutableArray<string> path)
    {
        foreach (var key in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(key, out value))
            {
                return Null;
            }
        }

        return value;
    }

    private static bool Test(FilterType type, FilterCondition condition, JsonElement value, ImmutableArray<JsonElement> wanted)
    {
        if (condition is FilterCondition.In or FilterCondition.NotIn)
        {
            return wanted.Any(w => AreEqual(type, value, w)) == (condition == FilterCondition.In);
        }

        return !wanted.IsEmpty && condition switch
        {
            FilterCondition.Equal => AreEqual(type, value, wanted[0]),
            FilterCondition.NotEqual => AreComparable(type, value, wanted[0]) && !AreEqual(type, value, wanted[0]),
            FilterCondition.Less => Compare(type, value, wanted[0]) < 0,
            FilterCondition.LessOrEqual => Compare(type, value, wanted[0]) <= 0,
            FilterCondition.Greater => Compare(type, value, wanted[0]) > 0,
            FilterCondition.GreaterOrEqual => Compare(type, value, wanted[0]) >= 0,
            FilterCondition.Between => wanted.Length > 1 && Compare(type, value, wanted[0]) >= 0 && Compare(type, value, wanted[1]) <= 0,
            FilterCondition.Contains => wanted.Any(w => Contains(value, w)),
            FilterCondition.SubsetOf => IsSubset(value, wanted[0]),
            FilterCondition.SupersetOf => IsSubset(wanted[0], value),
            _ => false,
        };
    }

    private static bool IsNumeric(FilterType type) => type is FilterType.Integer or FilterType.Number;

    private static bool AreEqual(FilterType type, JsonElement value, JsonElement wanted) =>
        IsNumeric(type) ? NumberOf(value) is { } number && number == NumberOf(wanted) : JsonElement.DeepEquals(value, wanted);

    private static bool AreComparable(FilterType type, JsonElement value, JsonElement wanted)
    {
        if (IsNumeric(type))
        {
            return NumberOf(value) is not null && NumberOf(wanted) is not null;
        }

        return KindOf(value) == KindOf(wanted) && value.ValueKind != JsonValueKind.Null;
    }

    private static JsonValueKind KindOf(JsonElement value) => value.ValueKind == JsonValueKind.False ? JsonValueKind.True : value.ValueKind;

    /// <returns>Sign of value minus wanted, null when the two have no order.</returns>
    private static int? Compare(FilterType type, JsonElement value, JsonElement wanted)
    {
        if (!IsNumeric(type) && value.ValueKind == JsonValueKind.String && wanted.ValueKind == JsonValueKind.String)
        {
            return string.CompareOrdinal(value.GetString(), wanted.GetString());
        }

        if (!IsNumeric(type) && (value.ValueKind != JsonValueKind.Number || wanted.ValueKind != JsonValueKind.Number))
        {
            return null;
        }

        return NumberOf(value) is { } left && NumberOf(wanted) is { } right ? left.CompareTo(right) : null;
    }

    private static bool Contains(JsonElement value, JsonElement wanted) => value.ValueKind switch
    {
        JsonValueKind.String => wanted.ValueKind == JsonValueKind.String && value.GetString()!.Contains(wanted.GetString()!, StringComparison.Ordinal),
        JsonValueKind.Array => value.EnumerateArray().Any(element => JsonElement.DeepEquals(element, wanted)),
        JsonValueKind.Object => wanted.ValueKind == JsonValueKind.String && value.TryGetProperty(wanted.GetString()!, out _),
        _ => false,
    };

    private static bool IsSubset(JsonElement inner, JsonElement outer) =>
        inner.ValueKind == JsonValueKind.Object && outer.ValueKind == JsonValueKind.Object
        && inner.EnumerateObject().All(member => outer.TryGetProperty(member.Name, out var value) && JsonElement.DeepEquals(member.Value, value));
}
