using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;

namespace Scale.Model.Recipes;

/// <summary>
/// A value that may have one of several shapes. When it has none, that is one INVALID_DEFINITION_JSON whose description is a JSON array with a
/// text per shape (recipes.md §4.2); it has no path, which would make it unreadable for those who parse it.
/// </summary>
internal sealed class Alternatives(string subject)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<string> failures = [];
    private bool hasMatch;

    /// <summary>Tries one shape, unless an earlier one matched.</summary>
    public void Try(string shape, JsonElement json, Action<DocumentReader> read)
    {
        if (hasMatch)
        {
            return;
        }

        var problems = new List<Problem>();
        if (DocumentReader.Open(json, "INVALID_DEFINITION_JSON", problems) is { } reader)
        {
            read(reader);
        }

        hasMatch = problems.Count == 0;
        failures.Add($"{subject} is no {shape}: {string.Join("; ", problems.Select(p => p.Text))}");
    }

    /// <summary>Whether a shape matched; reports the failure of all otherwise.</summary>
    public bool Succeed(List<Problem> problems)
    {
        if (!hasMatch)
        {
            var texts = new JsonArray(failures.Select(f => (JsonNode)f).ToArray());
            problems.Add(new Problem("INVALID_DEFINITION_JSON", "", texts.ToJsonString(Readable)));
        }

        return hasMatch;
    }
}
