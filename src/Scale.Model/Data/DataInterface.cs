using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Data;

public enum JsonType { Array, Boolean, Integer, Number, Object, String }

public sealed record FileParameter(string Name, IReadOnlyList<string> MediaTypes, bool Required, bool Multiple);

public sealed record JsonParameter(string Name, JsonType Type, bool Required);

/// <summary>What a recipe, job, condition or dataset takes or gives (batches-and-datasets.md §4.2).</summary>
public sealed record DataInterface(IReadOnlyList<FileParameter> Files, IReadOnlyList<JsonParameter> Json)
{
    public static readonly DataInterface Empty = new([], []);

    public static Parsed<DataInterface> Parse(JsonElement json) => throw new NotImplementedException();

    /// <summary>With all defaults filled in, without version.</summary>
    public JsonObject ToJson() => throw new NotImplementedException();

    /// <summary>Problems and warnings of letting <paramref name="sender"/> feed this interface (§4.2 "connection").</summary>
    public (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) CheckConnection(DataInterface sender) => throw new NotImplementedException();
}
