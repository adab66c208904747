using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Scale.Model.Files;

/// <summary>Stable identities of files, 32 lower-case hexadecimal digits (storage-and-ingest.md §2.5, §3.3).</summary>
public static class FileUuid
{
    /// <summary>MD5 of the parts joined without separator as UTF-8; nulls are skipped.</summary>
    /// <exception cref="ArgumentException">There are no parts.</exception>
    public static string Of(params IReadOnlyList<string?> parts)
    {
        if (parts.Count == 0)
        {
            throw new ArgumentException("a file uuid needs at least one part", nameof(parts));
        }

        // MD5 names files here and protects nothing; the digits are part of the contract.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(string.Concat(parts))));
    }

    public static string OfSource(string fileName) => Of(fileName);

    /// <summary>The same for the same job type version, name, inputs and JSON values, whatever the run, recipe or revision.</summary>
    public static string OfProduct(long jobTypeId, string fileName, IEnumerable<string> inputUuids, IEnumerable<KeyValuePair<string, JsonElement>> jsonInputs)
    {
        var parts = new List<string?> { jobTypeId.ToString(CultureInfo.InvariantCulture), fileName };
        parts.AddRange(inputUuids.Order(StringComparer.Ordinal));
        parts.AddRange(jsonInputs.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => $"{i.Key}={Text(i.Value)}"));
        return Of(parts);
    }

    private static string Text(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonSerializer.Serialize(value);
}
