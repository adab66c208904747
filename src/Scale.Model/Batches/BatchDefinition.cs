using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.Recipes;

namespace Scale.Model.Batches;

/// <param name="RootBatchId">First batch of the chain whose last batch is re-processed.</param>
/// <param name="ForcedNodes">Wins over the definition's own; null when absent.</param>
public sealed record PreviousBatch(long RootBatchId, ForcedNodes? ForcedNodes);

/// <summary>What the recipes of a batch are made from (batches-and-datasets.md §3.1). With a previous batch the dataset means nothing.</summary>
/// <param name="Supersedes">Dataset batches only: whether existing recipes of the same files are re-processed.</param>
public sealed record BatchDefinition(PreviousBatch? PreviousBatch, long? Dataset, bool Supersedes, ForcedNodes? ForcedNodes)
{
    private const string Invalid = "INVALID_BATCH_DEFINITION";

    /// <param name="supersedes">What an absent <c>supersedes</c> means; clients also send it beside the definition.</param>
    /// <returns>Errors INVALID_BATCH_DEFINITION.</returns>
    public static Parsed<BatchDefinition> Parse(JsonElement json, bool supersedes = true)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, Invalid, problems, nullIsAbsent: true) is not { } reader)
        {
            return new Parsed<BatchDefinition>(null, problems, []);
        }

        DocumentVersion.Check(reader, Invalid);
        var definition = new BatchDefinition(ReadPrevious(reader, problems), ReadId(reader, "dataset"), reader.Boolean("supersedes", supersedes), ReadForced(reader, problems));
        reader.Close();
        return new Parsed<BatchDefinition>(problems.Count == 0 ? definition : null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    /// <exception cref="DocumentException">The text is no valid definition.</exception>
    public static BatchDefinition FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    /// <summary>What was given, with <c>supersedes</c> always there and without version.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (PreviousBatch is { } previous)
        {
            json["previous_batch"] = new JsonObject { ["root_batch_id"] = previous.RootBatchId };
            if (previous.ForcedNodes is { } forced)
            {
                json["previous_batch"]!["forced_nodes"] = forced.ToJson();
            }
        }

        if (Dataset is { } dataset)
        {
            json["dataset"] = dataset;
        }

        json["supersedes"] = Supersedes;
        if (ForcedNodes is not null)
        {
            json["forced_nodes"] = ForcedNodes.ToJson();
        }

        return json;
    }

    public string ToText() => ToJson().ToJsonString();

    private static PreviousBatch? ReadPrevious(DocumentReader reader, List<Problem> problems)
    {
        if (reader.Object("previous_batch") is not { } previous)
        {
            return null;
        }

        var root = ReadId(previous, "root_batch_id", required: true);
        var forced = ReadForced(previous, problems);
        previous.Close();
        return new PreviousBatch(root ?? 0, forced);
    }

    private static ForcedNodes? ReadForced(DocumentReader reader, List<Problem> problems)
    {
        const string Member = "forced_nodes";
        if (reader.Any(Member) is not { } json)
        {
            return null;
        }

        var parsed = ForcedNodes.Parse(json, Invalid);
        problems.AddRange(parsed.Errors.Select(e => e with { Path = reader.PathOf(Member) + e.Path }));
        return parsed.Document;
    }

    private static long? ReadId(DocumentReader reader, string member, bool required = false)
    {
        if (reader.Any(member, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var id))
        {
            return id;
        }

        reader.Report(member, $"must be an integer, not {DocumentReader.KindOf(value)}");
        return null;
    }
}
