using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Scale.Api.Answers;

/// <summary>How answers are written (scheduler-and-system.md §1.8): snake_case, nulls kept, non-ASCII as is, times with Z.</summary>
public static class AnswerJson
{
    public static readonly JsonSerializerOptions Options = Configure(new JsonSerializerOptions());

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new TimeConverter());
        options.Converters.Add(new DurationConverter());
        return options;
    }

    /// <summary><c>YYYY-MM-DDTHH:MM:SS[.ffffff]Z</c>.</summary>
    public static string Time(DateTime moment)
    {
        var utc = moment.ToUniversalTime();
        var format = utc.Ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMicrosecond ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
        return utc.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary><c>P[nD]T[nH][nM]nS</c>, rounded to seconds; zero is <c>PT0S</c>.</summary>
    public static string Duration(TimeSpan duration)
    {
        var rounded = TimeSpan.FromSeconds(Math.Round(Math.Max(0, duration.TotalSeconds), MidpointRounding.AwayFromZero));
        var days = rounded.Days > 0 ? FormattableString.Invariant($"{rounded.Days}D") : "";
        var hours = rounded.Hours > 0 ? FormattableString.Invariant($"{rounded.Hours}H") : "";
        var minutes = rounded.Minutes > 0 ? FormattableString.Invariant($"{rounded.Minutes}M") : "";
        return FormattableString.Invariant($"P{days}T{hours}{minutes}{rounded.Seconds}S");
    }

    /// <summary>A stored JSON document as part of an answer; null stays null.</summary>
    public static JsonElement? Document(string? text) => text is null ? null : JsonSerializer.Deserialize<JsonElement>(text);

    private sealed class TimeConverter : JsonConverter<DateTime>
    {
        public override DateTime Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            throw new NotSupportedException("Requests are read by RequestParameters.");

        public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) => writer.WriteStringValue(Time(value));
    }

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            throw new NotSupportedException("Requests are read by RequestParameters.");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(Duration(value));
    }
}
