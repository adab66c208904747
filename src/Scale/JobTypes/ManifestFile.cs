using System.Text.Json;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;

namespace Scale.JobTypes;

/// <summary>A manifest on disk: a file, or <c>seed.manifest.json</c> in a folder.</summary>
internal static class ManifestFile
{
    public const string Name = "seed.manifest.json";

    public static string PathOf(string place) => Directory.Exists(place) ? Path.Combine(place, Name) : place;

    /// <returns>The manifest, or everything that is wrong with the file.</returns>
    public static Parsed<SeedManifest> Read(string place)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(PathOf(place)));
            return SeedManifest.Parse(document.RootElement);
        }
        catch (JsonException e)
        {
            return new(null, [new Problem(SeedProblems.Invalid, "", $"is no JSON: {e.Message}")], []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(null, [new Problem(SeedProblems.Invalid, "", $"can't be read: {e.Message}")], []);
        }
    }

    /// <summary>One line for each problem: what kind, its name, where it is, what to do.</summary>
    public static void Show(TextWriter output, string kind, IEnumerable<Problem> problems)
    {
        foreach (var problem in problems)
        {
            output.WriteLine($"{kind} {problem.Name} {(problem.Path.Length == 0 ? "/" : problem.Path)}: {problem.Description}");
        }
    }
}
