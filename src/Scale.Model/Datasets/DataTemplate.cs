using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.Datasets;

/// <summary>Data with places for a file: one member per file is made of it (batches-and-datasets.md §7.5).</summary>
public sealed class DataTemplate
{
    /// <summary>What stands for the file in a document, instead of a list of ids.</summary>
    public const string Placeholder = "FILE_VALUE";

    private const string Invalid = "INVALID_TEMPLATE";

    private readonly DataValues values;
    private readonly ImmutableArray<string> places;

    private DataTemplate(DataValues values, ImmutableArray<string> places)
    {
        this.values = values;
        this.places = places;
    }

    /// <returns>Errors INVALID_TEMPLATE, and those of <see cref="DataValues.Parse"/>.</returns>
    public static Parsed<DataTemplate> Parse(JsonElement json)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, Invalid, problems) is not { } reader || reader.Object("files", required: true) is not { } files)
        {
            return new Parsed<DataTemplate>(null, problems, []);
        }

        var places = files.MemberNames().Where(name => files.Json.GetProperty(name) is { ValueKind: JsonValueKind.String } value && value.ValueEquals(Placeholder)).ToImmutableArray();
        var data = JsonObject.Create(json)!;
        foreach (var name in places)
        {
            data["files"]![name] = new JsonArray(0L); // any id: it is replaced in every copy
        }

        var parsed = DataValues.Parse(JsonSerializer.SerializeToElement(data));
        return new Parsed<DataTemplate>(parsed.Document is { } values ? new DataTemplate(values, places) : null, parsed.Errors, []);
    }

    /// <summary>A copy with the file at every place.</summary>
    public DataValues Fill(long fileId)
    {
        var file = ImmutableArray.Create(fileId);
        return values with { Files = values.Files.SetItems(places.Select(name => KeyValuePair.Create(name, file))) };
    }
}
