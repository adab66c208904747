using System.Globalization;
using System.Text;

namespace Scale.Model.Files;

/// <summary>The recipe that a product's job belongs to originally: its recipe type and the recipe's own revision.</summary>
public sealed record ProductRecipe(string RecipeTypeName, int RevisionNum);

/// <summary>Where a product lies in its workspace (storage-and-ingest.md §3.2).</summary>
public static class ProductPath
{
    /// <summary>The path relative to the workspace root; unique, because the execution's id is in it.</summary>
    /// <param name="recipe">Null for a job outside recipes.</param>
    /// <param name="sourceStarted">The job's <c>source_started</c>, else the earliest <c>data_started</c> of its source ancestors, else null. UTC.</param>
    /// <param name="today">Used, and marked as unknown, when there is no source time. UTC.</param>
    /// <param name="relativePath">Path below the output directory with <c>/</c> between names.</param>
    /// <exception cref="ArgumentException">The relative path is empty, absolute or leaves the output directory.</exception>
    public static string Of(
        ProductRecipe? recipe, string jobTypeName, string jobTypeVersion, DateTime? sourceStarted, DateTime today, long executionId, string relativePath)
    {
        if (!RelativePath.IsSafe(relativePath))
        {
            throw new ArgumentException($"'{relativePath}' is no path below the output directory", nameof(relativePath));
        }

        var path = new StringBuilder();
        if (recipe is not null)
        {
            path.Append("recipes/").Append(Part(recipe.RecipeTypeName)).Append(CultureInfo.InvariantCulture, $"/revision_{recipe.RevisionNum}/");
        }

        path.Append("jobs/").Append(Part(jobTypeName)).Append('/').Append(Part(jobTypeVersion)).Append('/');
        if (sourceStarted is null)
        {
            path.Append("unknown_source_data_time/");
        }

        return path
            .Append((sourceStarted ?? today).ToString("yyyy'/'MM'/'dd", CultureInfo.InvariantCulture))
            .Append(CultureInfo.InvariantCulture, $"/job_exe_{executionId}/")
            .Append(relativePath)
            .ToString();
    }

    private static string Part(string name)
    {
        var part = new string(name.Trim().Replace(' ', '_').Where(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.').ToArray());
        return part is "" or "." or ".." ? "_" : part;
    }
}
