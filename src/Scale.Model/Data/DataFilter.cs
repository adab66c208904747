using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Data;

/// <summary>What a condition tests (batches-and-datasets.md §4.3, recipes.md §5).</summary>
public sealed record DataFilter
{
    public static readonly DataFilter AcceptAll = new();

    public static Parsed<DataFilter> Parse(JsonElement json) => throw new NotImplementedException();

    public JsonObject ToJson() => throw new NotImplementedException();
}
