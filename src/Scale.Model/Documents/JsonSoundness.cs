using System.Text.Json;

namespace Scale.Model.Documents;

/// <summary>
/// Finds what is valid JSON but cannot be read as UTF-16, stored or kept apart: lone surrogate escapes, the NUL character
/// (PostgreSQL refuses it) and members given twice. Checked once per document so that nothing after it has to think of it.
/// </summary>
public static class JsonSoundness
{
    /// <summary>Whether all names and strings are sound; each one that is not is reported with its JSON pointer.</summary>
    public static bool Check(JsonElement json, string errorName, List<Problem> problems)
    {
        var before = problems.Count;
        Visit(json, "", errorName, problems);
        return problems.Count == before;
    }

    private static void Visit(JsonElement value, string path, string errorName, List<Problem> problems)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when Unsound(value) is { } reason:
                problems.Add(new Problem(errorName, path, reason));
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var element in value.EnumerateArray())
                {
                    Visit(element, $"{path}/{index++}", errorName, problems);
                }

                break;
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var member in value.EnumerateObject())
                {
                    if (Unsound(member) is { } name)
                    {
                        problems.Add(new Problem(errorName, path, "a member name " + name));
                    }
                    else if (!names.Add(member.Name))
                    {
                        problems.Add(new Problem(errorName, path + "/" + DocumentReader.Escape(member.Name), "is given twice"));
                    }
                    else
                    {
                        Visit(member.Value, path + "/" + DocumentReader.Escape(member.Name), errorName, problems);
                    }
                }

                break;
        }
    }

    private static string? Unsound(JsonElement text) => Unsound(() => text.GetString()!);

    private static string? Unsound(JsonProperty member) => Unsound(() => member.Name);

    private static string? Unsound(Func<string> read)
    {
        try
        {
            return read().Contains('\0') ? "holds the NUL character" : null;
        }
        catch (InvalidOperationException)
        {
            return "holds half of a surrogate pair";
        }
    }
}
