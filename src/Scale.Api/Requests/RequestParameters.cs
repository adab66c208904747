using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Scale.Api.Answers;
using Scale.Store.Databases;

namespace Scale.Api.Requests;

/// <summary>
/// The parameters of a request, looked up in the query string first, then in the body (scheduler-and-system.md §1.5).
/// Leftovers of clients count as absent: empty query values, the query text <c>null</c>, JSON null (existing-clients.md).
/// Every refusal is a 400 that names the parameter. A handler takes it as an argument and is bound to it.
/// </summary>
public sealed class RequestParameters
{
    private static readonly string[] True = ["true", "t", "1"];
    private static readonly string[] False = ["false", "f", "0"];

    private readonly Dictionary<string, string[]> query;

    /// <param name="query">Values by name; leftovers are dropped here.</param>
    /// <param name="body">A JSON object.</param>
    /// <param name="now">What durations in time parameters are taken from.</param>
    public RequestParameters(IEnumerable<KeyValuePair<string, string[]>> query, JsonElement body, DateTime now, RequestLinks links)
    {
        this.query = query
            .Select(p => (p.Key, Values: p.Value.Where(v => v.Length > 0 && v != "null").ToArray()))
            .Where(p => p.Key.Length > 0 && p.Values.Length > 0)
            .ToDictionary(p => p.Key, p => p.Values, StringComparer.Ordinal);
        Body = body;
        Now = now;
        Links = links;
        if (this.query.Values.SelectMany(v => v).Any(v => v.Contains('\0', StringComparison.Ordinal)))
        {
            throw ApiProblem.BadRequest("The query string holds U+0000, which can't be stored.");
        }
    }

    /// <summary>The body, an empty object when there was none.</summary>
    public JsonElement Body { get; }

    public DateTime Now { get; }

    public RequestLinks Links { get; }

    /// <summary>Absolute address below the version prefix of the request: <c>request.Link($"scans/{id}/")</c>.</summary>
    public string Link(string path) => Links.To(path);

    /// <summary>Binds handlers' arguments of this type.</summary>
    public static async ValueTask<RequestParameters?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var options = context.RequestServices.GetRequiredService<ApiOptions>();
        var clock = context.RequestServices.GetRequiredService<TimeProvider>();
        var body = await RequestBody.Read(context, options.MaxBodyBytes);
        var query = context.Request.Query.Select(p => KeyValuePair.Create(p.Key, p.Value.Select(v => v ?? "").ToArray()));
        return new RequestParameters(query, body, Time.Now(clock), RequestLinks.Of(context));
    }

    /// <summary>Whether a value was given that counts.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>The raw text of a query parameter, for those that are never refused.</summary>
    public string? QueryText(string name) => query.GetValueOrDefault(name)?[^1];

    /// <summary>Whether the body says null where absence means something else.</summary>
    public bool IsNull(string name) => !query.ContainsKey(name) && Body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    public string? OptionalText(string name, int maxLength = int.MaxValue) => Find(name) is { } value ? Text(name, value, maxLength) : null;

    public string RequiredText(string name, int maxLength = int.MaxValue) => OptionalText(name, maxLength) ?? throw Missing(name);

    /// <summary>One of the accepted values; an empty text skips the check.</summary>
    public string? OptionalChoice(string name, params IReadOnlyCollection<string> accepted)
    {
        var text = OptionalText(name);
        return string.IsNullOrEmpty(text) || accepted.Contains(text) ? text : throw Bad(name, $"must be one of {string.Join(", ", accepted)}, not '{text}'");
    }

    public bool? OptionalBool(string name) => Find(name) is { } value ? Bool(name, value) : null;

    public bool RequiredBool(string name) => OptionalBool(name) ?? throw Missing(name);

    public int? OptionalInt(string name) => Find(name) is { } value ? Int(name, value) : null;

    public int RequiredInt(string name) => OptionalInt(name) ?? throw Missing(name);

    public long? OptionalLong(string name) => Find(name) is { } value ? Long(name, value) : null;

    public long RequiredLong(string name) => OptionalLong(name) ?? throw Missing(name);

    /// <summary>All values of a repeatable parameter; empty when absent. A JSON scalar is a list of one; commas do not split.</summary>
    public IReadOnlyList<string> Texts(string name) => [.. FindAll(name).Select(v => Text(name, v, int.MaxValue))];

    public long[] Longs(string name) => [.. FindAll(name).Select(v => Long(name, v))];

    public int[] Ints(string name) => [.. FindAll(name).Select(v => Int(name, v))];

    /// <summary>A JSON object of the body; null when absent.</summary>
    public JsonElement? OptionalObject(string name)
    {
        var value = Find(name);
        return value is null or { ValueKind: JsonValueKind.Object } ? value : throw Bad(name, "must be a JSON object");
    }

    public JsonElement RequiredObject(string name) => OptionalObject(name) ?? throw Missing(name);

    /// <summary>A JSON array of the body; null when absent.</summary>
    public JsonElement? OptionalArray(string name)
    {
        var value = Find(name);
        return value is null or { ValueKind: JsonValueKind.Array } ? value : throw Bad(name, "must be a JSON array");
    }

    /// <summary>A moment with a zone, or a duration back from now.</summary>
    public DateTime? OptionalTime(string name)
    {
        if (OptionalText(name) is not { } text)
        {
            return null;
        }

        return TimeText.ParseMoment(text, Now)
            ?? throw Bad(name, $"must be an ISO-8601 date-time with a zone (2030-01-31T12:00:00Z) or a duration (PT3H), not '{text}'");
    }

    public TimeSpan? OptionalDuration(string name)
    {
        if (OptionalText(name) is not { } text)
        {
            return null;
        }

        return TimeText.ParseDuration(text) ?? throw Bad(name, $"must be a duration such as P1DT2H, not '{text}'");
    }

    /// <summary>Inclusive bounds, each null when absent; equal or swapped bounds are refused.</summary>
    public TimeRange Range(string started = "started", string ended = "ended")
    {
        var range = new TimeRange(OptionalTime(started), OptionalTime(ended));
        if (range.Started == range.Ended && range.Started is not null)
        {
            throw Bad(started, $"must not equal '{ended}'");
        }

        return range.Started > range.Ended ? throw Bad(started, $"must be before '{ended}'") : range;
    }

    /// <summary>Refuses bodies with any other member.</summary>
    public void AllowOnly(params IReadOnlyCollection<string> names)
    {
        var unknown = Body.EnumerateObject().Select(m => m.Name).Where(n => !names.Contains(n)).Distinct().ToList();
        if (unknown.Count > 0)
        {
            throw ApiProblem.BadRequest($"Unexpected fields: {string.Join(", ", unknown)}. Allowed are {string.Join(", ", names)}.");
        }
    }

    /// <summary>A 400 about one parameter: <c>'priority' must be …</c>.</summary>
    public static ApiProblem Bad(string name, string rule) => ApiProblem.BadRequest($"Parameter '{name}' {rule}.");

    private static ApiProblem Missing(string name) => ApiProblem.BadRequest($"Missing required parameter: '{name}'.");

    /// <summary>The value that counts: the last of the query, else the body's.</summary>
    private JsonElement? Find(string name)
    {
        if (query.TryGetValue(name, out var values))
        {
            return JsonSerializer.SerializeToElement(values[^1]);
        }

        return Body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private IEnumerable<JsonElement> FindAll(string name)
    {
        if (query.TryGetValue(name, out var values))
        {
            return values.Select(v => JsonSerializer.SerializeToElement(v));
        }

        return Find(name) switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } array => array.EnumerateArray(),
            { } scalar => [scalar],
        };
    }

    private static string Text(string name, JsonElement value, int maxLength)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Bad(name, "must be a string");
        return text.Length <= maxLength ? text : throw Bad(name, $"is longer than {maxLength} characters");
    }

    private static bool Bool(string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        var text = value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim().ToLowerInvariant() : "";
        return True.Contains(text) || (False.Contains(text) ? false : throw Bad(name, "must be a boolean: true or false"));
    }

    private static int Int(string name, JsonElement value) =>
        Long(name, value) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : throw Bad(name, "is out of range for an integer");

    private static long Long(string name, JsonElement value)
    {
        long number = 0;
        var isInteger = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out number),
            JsonValueKind.String => long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
        return isInteger ? number : throw Bad(name, "must be an integer");
    }
}

/// <summary>Inclusive bounds of a time filter; null is unbounded.</summary>
public readonly record struct TimeRange(DateTime? Started, DateTime? Ended);
