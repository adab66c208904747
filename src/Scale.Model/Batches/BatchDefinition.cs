using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.Recipes;

namespace Scale.Model.Batches;

/// <param name="RootBatchId">The first batch of the chain whose last batch is processed again.</param>
public sealed record PreviousBatch(long RootBatchId, ForcedNodes? ForcedNodes);

/// <summary>Which recipes a batch makes (batches-and-datasets.md §3.1).</summary>
/// <param name="PreviousBatch">Decides when present; the dataset is then only kept.</param>
/// <param name="Supersedes">Dataset batches: process matching recipes again instead of making new ones beside them.</param>
/// <param name="ForcedNodes">Also those of the previous batch when it has none of its own.</param>
public sealed record BatchDefinition(PreviousBatch? PreviousBatch, long? Dataset, bool Supersedes, ForcedNodes? ForcedNodes)
{
    public const string Invalid = "INVALID_BATCH_DEFINITION";

    /// <summary>What is forced in recipes that are processed again.</summary>
    public ForcedNodes EffectiveForcedNodes => PreviousBatch?.ForcedNodes ?? ForcedNodes ?? ForcedNodes.None;

    /// <param name="supersedes">Taken when the document does not say: one client sends it beside the definition.</param>
    /// <returns>Errors are INVALID_BATCH_DEFINITION.</returns>
    public static Parsed<BatchDefinition> Parse(JsonElement json, bool supersedes = true)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(json, Invalid, problems) is not { } reader)
        {
            return new Parsed<BatchDefinition>(null, problems, []);
        }

        DocumentVersion.Check(reader, Invalid);
        var definition = new BatchDefinition(ReadPrevious(reader), ReadId(reader, "dataset"), reader.Boolean("supersedes", absent: supersedes), ReadForced(reader));
        reader.Close();
        return problems.Count == 0 ? new Parsed<BatchDefinition>(definition, [], []) : new Parsed<BatchDefinition>(null, problems, []);
    }

    /// <summary>Reads what <see cref="ToText"/> wrote.</summary>
    public static BatchDefinition FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Parse(document.RootElement).Required();
    }

    /// <summary>As accepted, normalised: <c>supersedes</c> always there, versions gone, absent members absent.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (PreviousBatch is { } previous)
        {
            json["previous_batch"] = new JsonObject { ["root_batch_id"] = previous.RootBatchId };
            if ((previous.ForcedNodes ?? ForcedNodes) is { } forced)
            {
                json["previous_batch"]!["forced_nodes"] = forced.ToJson();
            }
        }

        if (Dataset is { } dataset)
        {
            json["dataset"] = dataset;
        }

        if (ForcedNodes is not null && PreviousBatch is null)
        {
            json["forced_nodes"] = ForcedNodes.ToJson();
        }

        json["supersedes"] = Supersedes;
        return json;
    }

    public string ToText() => ToJson().ToJsonString();

    private static PreviousBatch? ReadPrevious(DocumentReader reader)
    {
        if (reader.Object("previous_batch") is not { } previous)
        {
            return null;
        }

        var root = ReadId(previous, "root_batch_id");
        if (root is null && !previous.Has("root_batch_id"))
        {
            previous.Report("root_batch_id", "is required: the id of the first batch of the chain");
        }

        var forced = ReadForced(previous);
        previous.Close();
        return new PreviousBatch(root ?? 0, forced);
    }

    private static ForcedNodes? ReadForced(DocumentReader reader) =>
        reader.Object("forced_nodes") is { } forced ? ForcedNodes.Read(forced, Invalid) : null;

    private static long? ReadId(DocumentReader reader, string member)
    {
        if (reader.Any(member) is not { } value || value.ValueKind == JsonValueKind.Null)
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
