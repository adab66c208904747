using System.Text.Json;
using Scale.Model.Documents;
using Scale.Model.JobTypes;

namespace Scale.Model.Recipes;

/// <summary>A recipe configuration document (recipes.md §8): the grammar of a job's, laid over every job type's own.</summary>
public static class RecipeConfiguration
{
    /// <returns>The overlay for <see cref="JobConfiguration.OverlaidBy"/>; errors INVALID_VERSION and INVALID_CONFIGURATION.</returns>
    public static Parsed<JobConfiguration> Parse(JsonElement json)
    {
        // Job configurations also come as 2.0, which recipes never had.
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("version", out var version)
            && !(version.ValueKind == JsonValueKind.String && version.GetString() is "6" or "7"))
        {
            return new Parsed<JobConfiguration>(null, [new Problem("INVALID_VERSION", "/version", $"{version.GetRawText()} is not a supported version; use \"6\" or \"7\"")], []);
        }

        return JobConfiguration.Parse(json);
    }
}
