using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.JobTypes;

namespace Scale.Model.Jobs;

/// <summary>
/// Tells jobs apart by what their result depends on: revision, settings, mounts, the contents of input files and the values of JSON inputs, and where outputs go.
/// Jobs with one key make the same outputs, as far as their job type claims so by <c>configuration.reuse</c>.
/// </summary>
public static class ReuseKey
{
    /// <param name="contents">By input name: what identifies the content of each file, in order.</param>
    /// <param name="secrets">Values of secret settings; they go into the hash and nowhere else.</param>
    /// <param name="outputWorkspaces">Workspace id by output name.</param>
    /// <returns>A hash in hexadecimal digits.</returns>
    public static string Of(
        long revisionId, DataValues input, IReadOnlyDictionary<string, IReadOnlyList<string>> contents, JobConfiguration configuration,
        IReadOnlyDictionary<string, string> secrets, IReadOnlyDictionary<string, long> outputWorkspaces)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteNumberValue(revisionId);
            json.WriteStartObject();
            foreach (var (name, value) in input.Json)
            {
                json.WritePropertyName(name);
                WriteByValue(json, value);
            }

            json.WriteEndObject();
            Write(json, contents, texts =>
            {
                json.WriteStartArray();
                foreach (var text in texts)
                {
                    json.WriteStringValue(text);
                }

                json.WriteEndArray();
            });
            var settings = configuration.Settings ?? ImmutableSortedDictionary<string, string>.Empty;
            Write(json, settings.SetItems(secrets), json.WriteStringValue);
            (JobConfiguration.Empty with { Mounts = configuration.Mounts }).WriteTo(json);
            Write(json, outputWorkspaces, json.WriteNumberValue);
            json.WriteEndArray();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static void Write<T>(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, T>> members, Action<T> write)
    {
        json.WriteStartObject();
        foreach (var (name, value) in members.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(name);
            write(value);
        }

        json.WriteEndObject();
    }

    /// <summary>Members in order and numbers in one spelling, so that equal values are equal texts.</summary>
    private static void WriteByValue(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Write(json, value.EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value)), member => WriteByValue(json, member));
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var element in value.EnumerateArray())
                {
                    WriteByValue(json, element);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.Number when value.TryGetDecimal(out var number):
                // Dividing by one with this many digits takes trailing zeros away.
                json.WriteRawValue((number / 1.000000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture));
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }
}
