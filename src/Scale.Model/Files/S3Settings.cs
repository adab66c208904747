using System.Text.Json;
using Scale.Model.Documents;

namespace Scale.Model.Files;

/// <summary>Members that S3 workspaces, monitors and scanners share (storage-and-ingest.md §1.1, §4).</summary>
internal static class S3Settings
{
    /// <summary>A string; missing (when required), empty and of another kind are reported under <paramref name="errorName"/>.</summary>
    public static string? Text(DocumentReader reader, string member, string errorName, bool required = false)
    {
        var value = reader.Any(member);
        if (value is null)
        {
            if (required)
            {
                reader.Report(member, "is required", errorName);
            }

            return null;
        }

        if (value.Value.ValueKind == JsonValueKind.Null && !required)
        {
            return null;
        }

        if (value.Value.ValueKind != JsonValueKind.String)
        {
            reader.Report(member, $"must be a string, not {DocumentReader.KindOf(value.Value)}", errorName);
            return null;
        }

        var text = value.Value.GetString()!;
        if (required && string.IsNullOrWhiteSpace(text))
        {
            reader.Report(member, "must not be empty", errorName);
            return null;
        }

        return text;
    }

    /// <summary>Null when there are none or one of them is blank: then the ambient role is used.</summary>
    public static S3Credentials? Credentials(DocumentReader reader, string errorName)
    {
        if (reader.Any("credentials") is not { ValueKind: not JsonValueKind.Null } json)
        {
            return null;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            reader.Report("credentials", $"must be an object, not {DocumentReader.KindOf(json)}", errorName);
            return null;
        }

        if (!json.EnumerateObject().Any())
        {
            return null;
        }

        var id = Secret(reader, json, "access_key_id", errorName);
        var secret = Secret(reader, json, "secret_access_key", errorName);
        return string.IsNullOrWhiteSpace(id) || string.IsNullOrWhiteSpace(secret) ? null : new S3Credentials(id, secret);
    }

    /// <summary>An absolute http or https URL, or null for the store of AWS.</summary>
    public static string? Endpoint(DocumentReader reader, string errorName)
    {
        if (Text(reader, "endpoint_url", errorName)?.Trim() is not { Length: > 0 } url)
        {
            return null;
        }

        if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return url;
        }

        reader.Report("endpoint_url", $"must be an http or https URL, not '{url}'", errorName);
        return null;
    }

    public static bool PathStyle(DocumentReader reader, bool absent, string errorName)
    {
        switch (reader.Any("path_style"))
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return absent;
            case { ValueKind: JsonValueKind.True or JsonValueKind.False } value:
                return value.GetBoolean();
            case var value:
                reader.Report("path_style", $"must be a boolean, not {DocumentReader.KindOf(value.Value)}", errorName);
                return absent;
        }
    }

    private static string? Secret(DocumentReader reader, JsonElement credentials, string member, string errorName)
    {
        if (credentials.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        reader.Report("credentials", $"needs the string {member}", errorName);
        return null;
    }
}
