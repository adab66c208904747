namespace Scale.Model.Data;

/// <summary>Names of filter types and conditions in documents, and which go together (batches-and-datasets.md §4.3).</summary>
public static class FilterNames
{
    private static readonly Dictionary<string, FilterType> Types = Enum.GetValues<FilterType>().ToDictionary(Name, StringComparer.Ordinal);

    private static readonly Dictionary<string, FilterCondition> Conditions = Enum.GetValues<FilterCondition>().ToDictionary(Name, StringComparer.Ordinal);

    public static FilterType? FindType(string name) => Types.TryGetValue(name, out var type) ? type : null;

    public static FilterCondition? FindCondition(string name) => Conditions.TryGetValue(name, out var condition) ? condition : null;

    public static string Name(this FilterType type) => type switch
    {
        FilterType.String => "string",
        FilterType.FileName => "filename",
        FilterType.MediaType => "media-type",
        FilterType.DataType => "data-type",
        FilterType.Integer => "integer",
        FilterType.Number => "number",
        FilterType.Boolean => "boolean",
        FilterType.Object => "object",
        FilterType.MetaData => "meta-data",
        FilterType.Array => "array",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown filter type."),
    };

    public static string Name(this FilterCondition condition) => condition switch
    {
        FilterCondition.Less => "<",
        FilterCondition.LessOrEqual => "<=",
        FilterCondition.Greater => ">",
        FilterCondition.GreaterOrEqual => ">=",
        FilterCondition.Equal => "==",
        FilterCondition.NotEqual => "!=",
        FilterCondition.Between => "between",
        FilterCondition.In => "in",
        FilterCondition.NotIn => "not in",
        FilterCondition.Contains => "contains",
        FilterCondition.SubsetOf => "subset of",
        FilterCondition.SupersetOf => "superset of",
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "Unknown filter condition."),
    };

    /// <summary>Whether filters of that type look at files instead of JSON values.</summary>
    public static bool IsOfFiles(this FilterType type) =>
        type is FilterType.FileName or FilterType.MediaType or FilterType.DataType or FilterType.MetaData;

    /// <summary>Whether a filter of that type may have the condition. Arrays, which cannot be filtered at all, are not refused here.</summary>
    public static bool Allows(this FilterType type, FilterCondition condition, bool hasFields) => type switch
    {
        FilterType.String or FilterType.FileName or FilterType.MediaType or FilterType.DataType =>
            condition is FilterCondition.Equal or FilterCondition.NotEqual or FilterCondition.In or FilterCondition.NotIn or FilterCondition.Contains,
        FilterType.Integer or FilterType.Number => condition <= FilterCondition.NotIn,
        FilterType.Boolean => condition is FilterCondition.Equal or FilterCondition.NotEqual,
        FilterType.Object or FilterType.MetaData => hasFields || condition is FilterCondition.SubsetOf or FilterCondition.SupersetOf,
        _ => true,
    };
}
