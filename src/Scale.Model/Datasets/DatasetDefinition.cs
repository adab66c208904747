using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Datasets;

/// <summary>What members of a dataset hold, and the values they all share (batches-and-datasets.md §7.6).</summary>
/// <param name="GlobalData">Fits <paramref name="GlobalParameters"/>.</param>
public sealed record DatasetDefinition(DataInterface Parameters, DataInterface GlobalParameters, DataValues GlobalData)
{
    private const string Invalid = "INVALID_DATASET_DEFINITION";
    private const string InvalidGlobalData = "INVALID_GLOBAL_DATA";

    /// <returns>Errors INVALID_DATASET_DEFINITION, INVALID_VERSION, DUPLICATE_INPUT, DUPLICATE_PARAMETER, INVALID_GLOBAL_DATA and MISSING_GLOBAL_DATA.</returns>
    public static Parsed<DatasetDefinition> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, Invalid, problems) is not { } reader)
        {
            return new Parsed<DatasetDefinition>(null, problems, []);
        }

        DocumentVersion.Check(reader);
        var parameters = ReadInterface(reader, "parameters", problems);
        var globalParameters = ReadInterface(reader, "global_parameters", problems);
        foreach (var name in parameters.Names.Intersect(globalParameters.Names, StringComparer.Ordinal))
        {
            reader.Report("global_parameters", $"'{name}' is one of the parameters already", "DUPLICATE_PARAMETER");
        }

        var globalData = ReadGlobalData(reader, globalParameters, problems);
        reader.Close();
        return new Parsed<DatasetDefinition>(problems.Count == 0 ? new DatasetDefinition(parameters, globalParameters, globalData) : null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <exception cref="DocumentException">The text is no valid definition.</exception>
    public static DatasetDefinition FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    /// <summary>All three members with their defaults, without version.</summary>
    public JsonObject ToJson() => new()
    {
        ["parameters"] = Parameters.ToJson(),
        ["global_parameters"] = GlobalParameters.ToJson(),
        ["global_data"] = GlobalData.ToJson(),
    };

    public string ToText() => ToJson().ToJsonString();

    private static DataInterface ReadInterface(DocumentReader reader, string member, List<Problem> problems)
    {
        if (reader.Any(member) is not { } json)
        {
            return DataInterface.Empty;
        }

        var parsed = DataInterface.Parse(json);
        problems.AddRange(parsed.Errors.Select(e => new Problem(e.Name is "INVALID_VERSION" or "DUPLICATE_INPUT" ? e.Name : Invalid, reader.PathOf(member) + e.Path, e.Description)));
        return parsed.Document ?? DataInterface.Empty;
    }

    private static DataValues ReadGlobalData(DocumentReader reader, DataInterface globalParameters, List<Problem> problems)
    {
        const string Member = "global_data";
        if (reader.Any(Member) is { ValueKind: JsonValueKind.Null })
        {
            if (globalParameters.Names.Any())
            {
                reader.Report(Member, "must be given, as there are global parameters", "MISSING_GLOBAL_DATA");
            }

            return DataValues.Empty;
        }

        var parsed = reader.Any(Member) is { } json ? DataValues.Parse(json) : new Parsed<DataValues>(DataValues.Empty, [], []);
        problems.AddRange(parsed.Errors.Select(e => new Problem(InvalidGlobalData, reader.PathOf(Member) + e.Path, e.Description)));
        var (values, errors) = (parsed.Document ?? DataValues.Empty).Validate(globalParameters);
        if (parsed.IsValid)
        {
            problems.AddRange(errors.Select(e => new Problem(InvalidGlobalData, reader.PathOf(Member) + e.Path, e.Description)));
        }

        return values;
    }
}
