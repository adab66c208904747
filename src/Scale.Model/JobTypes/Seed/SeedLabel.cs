using System.Text.Json;

namespace Scale.Model.JobTypes.Seed;

/// <summary>The label of an image that holds its manifest (job-types-and-seed.md §11).</summary>
public static class SeedLabel
{
    public const string Name = "com.ngageoint.seed.manifest";

    /// <summary>
    /// Reads a label's value: JSON, or JSON that is still escaped for the Dockerfile it came from (<c>\"</c>, <c>\$</c>), once or twice, with or without quotes around it.
    /// </summary>
    /// <returns>The manifest, not validated; null when the value is none of these.</returns>
    public static JsonElement? Read(string label)
    {
        // As few changes as possible: a manifest may hold a backslash of its own.
        var text = label.Trim();
        for (var escapes = 0; escapes <= 2; escapes++)
        {
            if ((ParseObject(text) ?? ParseObject(Unescape(text, '$')) ?? ParseObject(WithoutQuotes(text))) is { } manifest)
            {
                return manifest;
            }

            text = Unescape(Unescape(text, '$'), '"');
        }

        return null;
    }

    private static string Unescape(string text, char character) => text.Replace($"\\{character}", $"{character}", StringComparison.Ordinal);

    private static string WithoutQuotes(string text) => text.Trim('\'', '"');

    private static JsonElement? ParseObject(string text)
    {
        try
        {
            var json = JsonElement.Parse(text);
            return json.ValueKind switch
            {
                JsonValueKind.Object => json,
                JsonValueKind.String => ParseObject(json.GetString()!),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
