using System.Text.Json;
using Scale.Model.Documents;

namespace Scale.Model.Data;

/// <summary>Shape of a filter item inside a document; every violation is an INVALID_DATA_FILTER.</summary>
internal static class FilterGrammar
{
    public static void Check(DocumentReader item)
    {
        item.RequiredString("name");
        var type = item.RequiredString("type", allowEmpty: false);
        if (type.Length > 0 && FilterNames.FindType(type) is null)
        {
            item.Report("type", $"'{type}' is no filter type");
        }

        var condition = item.RequiredString("condition", allowEmpty: false);
        if (condition.Length > 0 && FilterNames.FindCondition(condition) is null)
        {
            item.Report("condition", $"'{condition}' is no condition");
        }

        if (item.Any("values") is { ValueKind: JsonValueKind.Array } values && values.GetArrayLength() == 0)
        {
            item.Report("values", "at least one value is required");
        }

        item.Elements("values", required: true);
        foreach (var (_, field) in item.Elements("fields"))
        {
            if (field.ValueKind != JsonValueKind.Array || field.GetArrayLength() == 0 || field.EnumerateArray().Any(key => key.ValueKind != JsonValueKind.String))
            {
                item.Report("fields", "each must be a path: a list of at least one string");
            }
        }

        item.Boolean("all_fields", absent: true);
        item.Boolean("all_files", absent: false);
        item.Close();
    }
}
