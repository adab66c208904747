using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Documents;

namespace Scale.Model.JobTypes.Seed;

public sealed record SeedFileInput(string Name, bool Required, IReadOnlyList<string> MediaTypes, bool Multiple, bool Partial);

public sealed record SeedJsonInput(string Name, JsonType Type, bool Required);

public sealed record SeedFileOutput(string Name, string Pattern, string MediaType, bool Multiple, bool Required);

/// <param name="Key">Member of <c>seed.outputs.json</c> that holds the value; the name when the manifest gives none.</param>
public sealed record SeedJsonOutput(string Name, JsonType Type, string Key, bool Required);

public sealed record SeedMount(string Name, string Path, bool IsWritable);

public sealed record SeedSetting(string Name, bool IsSecret);

public sealed record SeedResource(string Name, double Value, double? InputMultiplier);

public sealed record SeedError(int Code, string Name, string Title, string? Description, bool IsDataError);

public sealed record SeedMaintainer(string Name, string Email, string? Organization, string? Url, string? Phone);

/// <summary>A Seed 1.0.0 manifest (job-types-and-seed.md §4): what an algorithm takes, gives, needs and says when it fails.</summary>
public sealed record SeedManifest
{
    public required string Name { get; init; }
    public required string JobVersion { get; init; }
    public required string PackageVersion { get; init; }
    public required string Title { get; init; }
    public required string Description { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    public required SeedMaintainer Maintainer { get; init; }

    /// <summary>Hard limit of the algorithm's run, in seconds.</summary>
    public required int Timeout { get; init; }

    public required string Command { get; init; }
    public required IReadOnlyList<SeedFileInput> FileInputs { get; init; }
    public required IReadOnlyList<SeedJsonInput> JsonInputs { get; init; }
    public required IReadOnlyList<SeedFileOutput> FileOutputs { get; init; }
    public required IReadOnlyList<SeedJsonOutput> JsonOutputs { get; init; }
    public required IReadOnlyList<SeedMount> Mounts { get; init; }
    public required IReadOnlyList<SeedSetting> Settings { get; init; }
    public required IReadOnlyList<SeedResource> Resources { get; init; }
    public required IReadOnlyList<SeedError> Errors { get; init; }

    /// <summary>The stored and returned form (§4.4): defaults filled in, resource names in lower case.</summary>
    public required string NormalForm { get; init; }

    /// <summary>Parses and validates; every problem with its JSON path, names of job-types-and-seed.md §3.8.</summary>
    /// <param name="json">The manifest, or a string that holds its text (the form of an image label).</param>
    public static Parsed<SeedManifest> Parse(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.String)
        {
            return SeedManifestReader.Read(json);
        }

        try
        {
            using var document = JsonDocument.Parse(json.GetString()!);
            return SeedManifestReader.Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new(null, [new Problem(SeedProblems.Invalid, "", $"is a text that is no JSON: {e.Message}")], []);
        }
    }

    /// <summary>Reads a stored <see cref="NormalForm"/>; throws <see cref="DocumentException"/> for anything else.</summary>
    public static SeedManifest FromText(string text)
    {
        using var document = JsonDocument.Parse(text);
        return SeedManifestReader.Read(document.RootElement).Required();
    }

    public DataInterface InputInterface => new(
        FileInputs.Select(f => new FileParameter(f.Name, f.MediaTypes, f.Required, f.Multiple)).ToList(),
        JsonInputs.Select(j => new JsonParameter(j.Name, j.Type, j.Required)).ToList());

    public DataInterface OutputInterface => new(
        FileOutputs.Select(f => new FileParameter(f.Name, [f.MediaType], f.Required, f.Multiple)).ToList(),
        JsonOutputs.Select(j => new JsonParameter(j.Name, j.Type, j.Required)).ToList());

    /// <summary>Names of the settings whose values are secret.</summary>
    public IEnumerable<string> SecretSettings => Settings.Where(s => s.IsSecret).Select(s => s.Name).Distinct(StringComparer.Ordinal);

    /// <summary>Equality of two normal forms (§4.4): member order and number spelling do not matter.</summary>
    public static bool SameNormalForm(string left, string right)
    {
        using var leftDocument = JsonDocument.Parse(left);
        using var rightDocument = JsonDocument.Parse(right);
        return JsonElement.DeepEquals(leftDocument.RootElement, rightDocument.RootElement);
    }
}
