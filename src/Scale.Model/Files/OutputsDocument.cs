using System.Collections.Immutable;
using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Documents;
using Scale.Model.Errors;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.Files;

/// <summary>The JSON results of an execution, or the builtin error they stand for and why.</summary>
public sealed record OutputsResult(ImmutableSortedDictionary<string, JsonElement> Values, string? ErrorName, string? Reason)
{
    public bool IsValid => ErrorName is null;
}

/// <summary>Reads <c>seed.outputs.json</c> (job-types-and-seed.md §9.2).</summary>
public static class OutputsDocument
{
    public const string FileName = "seed.outputs.json";

    private static readonly ImmutableSortedDictionary<string, JsonElement> Nothing = ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>The declared values by output name; members that the manifest does not declare are ignored.</summary>
    /// <param name="content">Bytes of the file in the root of the output directory, or null when there is none.</param>
    /// <remarks>A member that is null counts as not given.</remarks>
    public static OutputsResult Read(SeedManifest manifest, ReadOnlyMemory<byte>? content)
    {
        if (content is not { } bytes)
        {
            return manifest.JsonOutputs.FirstOrDefault(o => o.Required) is { } missing
                ? Failed(BuiltinErrors.MissingRequiredOutput, $"there is no {FileName}, but JSON output {missing.Name} is required")
                : new OutputsResult(Nothing, null, null);
        }

        try
        {
            using var document = JsonBytes.Parse(bytes);
            return Read(manifest, document.RootElement);
        }
        catch (JsonException e)
        {
            return Failed(BuiltinErrors.InvalidResultsManifest, $"{FileName} is no JSON: {e.Message}");
        }
    }

    private static OutputsResult Read(SeedManifest manifest, JsonElement root)
    {
        var problems = new List<Problem>();
        if (DocumentReader.Open(root, BuiltinErrors.InvalidResultsManifest, problems) is null)
        {
            return Failed(BuiltinErrors.InvalidResultsManifest, $"{FileName}: {problems[0].Text}");
        }

        var values = Nothing.ToBuilder();
        foreach (var output in manifest.JsonOutputs)
        {
            if (!root.TryGetProperty(output.Key, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                if (output.Required)
                {
                    return Failed(BuiltinErrors.MissingRequiredOutput, $"{FileName} has no member {output.Key}, but JSON output {output.Name} is required");
                }
            }
            else if (!output.Type.Accepts(value))
            {
                return Failed(
                    BuiltinErrors.InvalidResultsManifest,
                    $"member {output.Key} of {FileName} must be of type {output.Type.Name()}, not {DocumentReader.KindOf(value)}");
            }
            else
            {
                values[output.Name] = value.Clone();
            }
        }

        return new OutputsResult(values.ToImmutable(), null, null);
    }

    private static OutputsResult Failed(string errorName, string reason) => new(Nothing, errorName, reason);
}
