using System.Text.Json;

namespace Scale.Model.Documents;

/// <summary>
/// Reads one JSON object member by member and collects every problem with its JSON pointer instead of stopping at the first.
/// Members that nobody asked for are reported by <see cref="Close"/>, so a closed object is one whose reader was closed.
/// </summary>
/// <remarks>A reader of an invalid or missing object never exists: methods that open one return null and have reported why.</remarks>
public sealed class DocumentReader
{
    private readonly JsonElement json;
    private readonly string errorName;
    private readonly List<Problem> problems;
    private readonly bool nullIsAbsent;
    private readonly HashSet<string> known = new(StringComparer.Ordinal);

    private DocumentReader(JsonElement json, string path, string errorName, List<Problem> problems, bool nullIsAbsent)
    {
        this.json = json;
        this.errorName = errorName;
        this.problems = problems;
        this.nullIsAbsent = nullIsAbsent;
        Path = path;
    }

    /// <summary>JSON pointer of this object, empty for the root.</summary>
    public string Path { get; }

    /// <summary>The object itself.</summary>
    public JsonElement Json => json;

    /// <summary>Opens a whole document; null (and a problem) when it is no object or holds text that cannot be stored.</summary>
    /// <param name="json">Any JSON value, also an undefined one.</param>
    /// <param name="errorName">Name of the problems reported unless a call gives another.</param>
    /// <param name="problems">Where problems are added.</param>
    /// <param name="nullIsAbsent">Whether a member that is <c>null</c> counts as missing; otherwise it has the wrong kind.</param>
    public static DocumentReader? Open(JsonElement json, string errorName, List<Problem> problems, bool nullIsAbsent = false)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            problems.Add(new Problem(errorName, "", $"must be an object, not {KindOf(json)}"));
            return null;
        }

        return JsonSoundness.Check(json, errorName, problems) ? new DocumentReader(json, "", errorName, problems, nullIsAbsent) : null;
    }

    /// <summary>JSON pointer of a member of this object.</summary>
    public string PathOf(string member) => Path + "/" + Escape(member);

    /// <summary>Reports a problem of a member, or of the object itself for an empty <paramref name="member"/>.</summary>
    public void Report(string member, string description, string? name = null) =>
        problems.Add(new Problem(name ?? errorName, member.Length == 0 ? Path : PathOf(member), description));

    /// <summary>Whether the member is there; it counts as known from now on.</summary>
    public bool Has(string member) => Find(member, out _);

    /// <summary>Accepts a member without reading it.</summary>
    public void Ignore(string member) => known.Add(member);

    /// <summary>The member as it is, or null when absent.</summary>
    public JsonElement? Any(string member, bool required = false)
    {
        if (Find(member, out var value))
        {
            return value;
        }

        ReportMissing(member, required);
        return null;
    }

    /// <summary>A string that must be there; empty (with a problem) when it is not one.</summary>
    public string RequiredString(string member, bool allowEmpty = true) => String(member, required: true, allowEmpty) ?? "";

    /// <summary>Reads a string that must be there; false (with a problem) when it is not one.</summary>
    public bool TryRequiredString(string member, out string text)
    {
        var found = String(member, required: true, allowEmpty: true);
        text = found ?? "";
        return found is not null;
    }

    /// <summary>A string, or null when absent or not a string (then with a problem).</summary>
    public string? OptionalString(string member, bool allowEmpty = true) => String(member, required: false, allowEmpty);

    public bool Boolean(string member, bool absent)
    {
        if (!Find(member, out var value))
        {
            return absent;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        ReportKind(member, "a boolean", value);
        return absent;
    }

    /// <summary>A whole number of 32 bits, however spelled (<c>60</c>, <c>60.0</c>); null when absent or wrong.</summary>
    public int? Integer(string member, bool required = false)
    {
        if (!Find(member, out var value))
        {
            ReportMissing(member, required);
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || number != Math.Floor(number))
        {
            ReportKind(member, "an integer", value);
            return null;
        }

        if (number is < int.MinValue or > int.MaxValue)
        {
            Report(member, $"{value.GetRawText()} is outside {int.MinValue}..{int.MaxValue}");
            return null;
        }

        return (int)number;
    }

    /// <summary>A finite number; null when absent or wrong.</summary>
    public double? Number(string member, bool required = false)
    {
        if (!Find(member, out var value))
        {
            ReportMissing(member, required);
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number)
        {
            ReportKind(member, "a number", value);
            return null;
        }

        if (!value.TryGetDouble(out var number) || !double.IsFinite(number))
        {
            Report(member, "is too large a number");
            return null;
        }

        return number;
    }

    /// <summary>A nested object; null when absent or wrong.</summary>
    public DocumentReader? Object(string member, bool required = false)
    {
        if (!Find(member, out var value))
        {
            ReportMissing(member, required);
            return null;
        }

        return Nested(value, PathOf(member));
    }

    /// <summary>The objects of an array; empty when absent. Elements that are no objects are reported and left out.</summary>
    public IReadOnlyList<DocumentReader> Objects(string member, bool required = false)
    {
        var readers = new List<DocumentReader>();
        foreach (var (path, value) in Elements(member, required))
        {
            if (Nested(value, path) is { } reader)
            {
                readers.Add(reader);
            }
        }

        return readers;
    }

    /// <summary>The strings of an array; empty when absent. Elements that are no strings are reported and left out.</summary>
    public IReadOnlyList<string> Strings(string member, bool required = false, bool allowEmpty = true)
    {
        var strings = new List<string>();
        foreach (var (path, value) in Elements(member, required))
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                problems.Add(new Problem(errorName, path, $"must be a string, not {KindOf(value)}"));
            }
            else if (!allowEmpty && value.ValueEquals(""u8))
            {
                problems.Add(new Problem(errorName, path, "must not be empty"));
            }
            else
            {
                strings.Add(value.GetString()!);
            }
        }

        return strings;
    }

    /// <summary>The 64-bit integers of an array; empty when absent. Other elements are reported and left out.</summary>
    public IReadOnlyList<long> Longs(string member, bool required = false)
    {
        var numbers = new List<long>();
        foreach (var (path, value) in Elements(member, required))
        {
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
            {
                numbers.Add(number);
            }
            else
            {
                problems.Add(new Problem(errorName, path, $"must be an integer, not {KindOf(value)}"));
            }
        }

        return numbers;
    }

    /// <summary>Path and value of each element of an array; empty when absent or no array.</summary>
    public IReadOnlyList<(string Path, JsonElement Value)> Elements(string member, bool required = false)
    {
        if (!Find(member, out var array))
        {
            ReportMissing(member, required);
            return [];
        }

        if (array.ValueKind != JsonValueKind.Array)
        {
            ReportKind(member, "an array", array);
            return [];
        }

        var path = PathOf(member);
        return array.EnumerateArray().Select((value, index) => ($"{path}/{index}", value)).ToList();
    }

    /// <summary>Names of all members, for objects whose names are free; asking makes them all known.</summary>
    public IReadOnlyList<string> MemberNames()
    {
        foreach (var member in json.EnumerateObject())
        {
            known.Add(member.Name);
        }

        return json.EnumerateObject().Select(m => m.Name).Distinct(StringComparer.Ordinal).ToList();
    }

    /// <summary>An object of free names whose values are all strings; empty when absent. Other values are reported and left out.</summary>
    public IReadOnlyDictionary<string, string> StringMap(string member)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Object(member) is { } reader)
        {
            foreach (var name in reader.MemberNames())
            {
                if (reader.OptionalString(name) is { } value)
                {
                    map[name] = value;
                }
            }
        }

        return map;
    }

    /// <summary>Reports every member that was not asked for.</summary>
    public void Close()
    {
        foreach (var member in json.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                Report(member.Name, "is not a member known here");
                known.Add(member.Name);
            }
        }
    }

    /// <summary>What a value is, for messages: <c>a string</c>, <c>null</c>.</summary>
    public static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {Shortened(value.GetRawText())}",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Null => "null",
        _ => "missing",
    };

    /// <summary>A member name as one step of a JSON pointer (RFC 6901).</summary>
    public static string Escape(string member) => member.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "...";

    private string? String(string member, bool required, bool allowEmpty)
    {
        if (!Find(member, out var value))
        {
            ReportMissing(member, required);
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            ReportKind(member, "a string", value);
            return null;
        }

        var text = value.GetString()!;
        if (text.Length == 0 && !allowEmpty)
        {
            Report(member, "must not be empty");
            return null;
        }

        return text;
    }

    private DocumentReader? Nested(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            return new DocumentReader(value, path, errorName, problems, nullIsAbsent);
        }

        problems.Add(new Problem(errorName, path, $"must be an object, not {KindOf(value)}"));
        return null;
    }

    private bool Find(string member, out JsonElement value)
    {
        known.Add(member);
        return json.TryGetProperty(member, out value) && !(nullIsAbsent && value.ValueKind == JsonValueKind.Null);
    }

    private void ReportMissing(string member, bool required)
    {
        if (required)
        {
            Report(member, "is required");
        }
    }

    private void ReportKind(string member, string wanted, JsonElement value) => Report(member, $"must be {wanted}, not {KindOf(value)}");
}
