using System.Text.Json;
using Scale.Model.Documents;

namespace Scale.Model.Data;

/// <summary>The optional <c>version</c> of v6 documents: <c>"6"</c> and <c>"7"</c> are the same grammar, absent means <c>"7"</c>.</summary>
public static class DocumentVersion
{
    public const string Current = "7";

    /// <summary>Reports any other version of the document under <paramref name="errorName"/>.</summary>
    public static bool Check(DocumentReader reader, string errorName = "INVALID_VERSION")
    {
        if (reader.Any("version") is not { } value || value.ValueKind == JsonValueKind.String && value.GetString() is "6" or "7")
        {
            return true;
        }

        reader.Report("version", $"{value.GetRawText()} is not a supported version; use \"6\" or \"7\"", errorName);
        return false;
    }
}
