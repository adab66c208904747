using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Data;

/// <summary>Values for the parameters of an interface: file ids and JSON values by name (batches-and-datasets.md §4.1).</summary>
public sealed record DataValues(ImmutableSortedDictionary<string, ImmutableArray<long>> Files, ImmutableSortedDictionary<string, JsonElement> Json)
{
    public static readonly DataValues Empty = new(ImmutableSortedDictionary<string, ImmutableArray<long>>.Empty, ImmutableSortedDictionary<string, JsonElement>.Empty);

    /// <summary>Reads v6/v7 data and legacy <c>"version":"1.0"</c> data.</summary>
    public static Parsed<DataValues> Parse(JsonElement json) => throw new NotImplementedException();

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static DataValues FromText(string text) => throw new NotImplementedException();

    public JsonObject ToJson() => throw new NotImplementedException();

    public string ToText() => throw new NotImplementedException();

    /// <summary>The values restricted to the parameters of <paramref name="target"/>, and everything that does not fit.</summary>
    public (DataValues Values, IReadOnlyList<Problem> Errors) Validate(DataInterface target) => throw new NotImplementedException();
}
