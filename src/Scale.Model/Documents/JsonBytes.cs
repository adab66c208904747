using System.Text.Json;

namespace Scale.Model.Documents;

/// <summary>JSON as programs of others write it to files.</summary>
internal static class JsonBytes
{
    /// <summary>Parses the content of a file; a byte order mark in front is allowed. Throws <see cref="JsonException"/> for what is no JSON.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> content) =>
        JsonDocument.Parse(content.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? content[3..] : content);
}
