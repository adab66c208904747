using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Api.Answers;
using Scale.Api.V6.RecipeTypes;
using Scale.Api.V6.References;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;
using Scale.Store.JobTypes;
using Scale.Store.RecipeTypes;

namespace Scale.Api.V6.JobTypes;

/// <summary>A job type in lists (job-types-and-seed.md §2 JobType).</summary>
public record JobTypeAnswer(
    long Id, string Name, string Version, string Title, string Description, bool IsActive, bool IsPaused, bool IsSystem, bool IsPublished, string? IconCode, string? UnmetResources,
    int? MaxScheduled, int MaxTries, int RevisionNum, string DockerImage, DateTime Created, DateTime? Deprecated, DateTime? Paused, DateTime LastModified)
{
    public static JobTypeAnswer Of(StoredJobType t) => new(
        t.Id, t.Name, t.Version, t.Title, t.Description, t.IsActive, t.IsPaused, t.IsSystem, t.IsPublished, t.IconCode, t.UnmetResources,
        t.MaxScheduled, t.MaxTries, t.RevisionNum, t.DockerImage, t.Created, t.Deprecated, t.Paused, t.LastModified);
}

public sealed record JobTypeDetails : JobTypeAnswer
{
    private JobTypeDetails(StoredJobType type)
        : base(Of(type))
    {
    }

    public required JsonElement Manifest { get; init; }

    /// <summary>Without secrets.</summary>
    public required JsonObject Configuration { get; init; }

    /// <summary>Those with a node of this job type.</summary>
    public required IReadOnlyList<RecipeTypeAnswer> RecipeTypes { get; init; }

    /// <summary>Scrubbed again with the current manifest: what is secret now was perhaps stored before it was.</summary>
    public static async Task<IReadOnlyList<JobTypeDetails>> Of(Session session, IReadOnlyList<StoredJobType> types)
    {
        var details = new List<JobTypeDetails>();
        foreach (var type in types)
        {
            var recipeTypes = await RecipeTypeQueries.ContainingJobType(session, type.Id);
            var configuration = JobConfiguration.FromText(type.Configuration).WithoutSecrets(SeedManifest.FromText(type.Manifest));
            details.Add(new JobTypeDetails(type)
            {
                Manifest = AnswerJson.Document(type.Manifest)!.Value,
                Configuration = configuration.ToJson(),
                RecipeTypes = [.. recipeTypes.Select(RecipeTypeAnswer.Of)],
            });
        }

        return details;
    }
}

/// <summary>One row per name: the latest version speaks for all.</summary>
public sealed record JobTypeName(
    string Name, string Title, string Description, string? IconCode, bool IsActive, bool IsSystem, bool IsPaused, bool IsPublished, string? UnmetResources,
    IReadOnlyList<string> Versions, string LatestVersion, int NumVersions)
{
    /// <param name="newestFirst">All versions of one name.</param>
    public static JobTypeName Of(IReadOnlyList<JobTypeAnswer> newestFirst)
    {
        var latest = newestFirst[0];
        return new JobTypeName(
            latest.Name, latest.Title, latest.Description, latest.IconCode, latest.IsActive, latest.IsSystem, latest.IsPaused, latest.IsPublished, latest.UnmetResources,
            [.. newestFirst.Select(t => t.Version)], latest.Version, newestFirst.Count);
    }
}

/// <summary>A revision of a job type; details add the manifest.</summary>
public record JobTypeRevisionAnswer(long Id, JobTypeReference JobType, int RevisionNum, string DockerImage, DateTime Created);

public sealed record JobTypeRevisionDetails(long Id, JobTypeReference JobType, int RevisionNum, string DockerImage, DateTime Created, JsonElement Manifest)
    : JobTypeRevisionAnswer(Id, JobType, RevisionNum, DockerImage, Created);
