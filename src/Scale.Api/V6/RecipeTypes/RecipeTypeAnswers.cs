using System.Linq.Expressions;
using System.Text.Json.Nodes;
using Scale.Api.Answers;
using Scale.Api.V6.JobTypes;
using Scale.Api.V6.References;
using Scale.Model.Recipes;
using Scale.Store.Databases;
using Scale.Store.JobTypes;
using Scale.Store.Recipes;
using Scale.Store.RecipeTypes;

namespace Scale.Api.V6.RecipeTypes;

/// <summary>The plain form of a recipe type (recipes.md §2).</summary>
public record RecipeTypeAnswer(
    long Id, string Name, string Title, string? Description, int RevisionNum, bool IsActive, bool IsSystem, DateTime Created, DateTime? Deprecated, DateTime LastModified)
{
    public static readonly Expression<Func<RecipeTypeRow, RecipeTypeAnswer>> OfRow = t =>
        new RecipeTypeAnswer(t.Id, t.Name, t.Title, t.Description, t.RevisionNum, t.IsActive, t.IsSystem, t.Created, t.Deprecated, t.LastModified);

    public static RecipeTypeAnswer Of(StoredRecipeType t) =>
        new(t.Id, t.Name, t.Title, t.Description, t.RevisionNum, t.IsActive, t.IsSystem, t.Created, t.Deprecated, t.LastModified);
}

public sealed record JobTypeVersion(string Name, string Version);

/// <summary>The list form: what the current definition contains, by name.</summary>
public sealed record RecipeTypeListed : RecipeTypeAnswer
{
    private RecipeTypeListed(StoredRecipeType type)
        : base(Of(type))
    {
    }

    public required IReadOnlyList<JobTypeVersion> JobTypes { get; init; }

    public required IReadOnlyList<string> SubRecipeTypes { get; init; }

    public static async Task<IReadOnlyList<object>> Of(Session session, IReadOnlyList<StoredRecipeType> types)
    {
        var ids = types.Select(t => t.Id).ToArray();
        var jobTypes = (await session.Query(
            "SELECT l.recipe_type_id, t.name, t.version FROM recipe_type_job_type l JOIN job_type t ON t.id = l.job_type_id WHERE l.recipe_type_id IN @ids ORDER BY t.name, t.version_order",
            r => (Id: r.GetInt64(0), JobType: new JobTypeVersion(r.GetString(1), r.GetString(2))),
            ("ids", ids))).ToLookup(l => l.Id, l => l.JobType);
        var recipeTypes = (await session.Query(
            "SELECT l.recipe_type_id, t.name FROM recipe_type_sub_recipe_type l JOIN recipe_type t ON t.id = l.sub_recipe_type_id WHERE l.recipe_type_id IN @ids ORDER BY t.name",
            r => (Id: r.GetInt64(0), Name: r.GetString(1)),
            ("ids", ids))).ToLookup(l => l.Id, l => l.Name);
        return [.. types.Select(t => new RecipeTypeListed(t) { JobTypes = [.. jobTypes[t.Id]], SubRecipeTypes = [.. recipeTypes[t.Id]] })];
    }
}

public sealed record RecipeTypeDetails : RecipeTypeAnswer
{
    private RecipeTypeDetails(StoredRecipeType type)
        : base(Of(type))
    {
    }

    public required JsonObject Definition { get; init; }

    public required IReadOnlyList<JobTypeDetails> JobTypes { get; init; }

    public required IReadOnlyList<RecipeTypeAnswer> SubRecipeTypes { get; init; }

    public required IReadOnlyList<RecipeTypeAnswer> SuperRecipeTypes { get; init; }

    /// <summary>Why it did not follow a newer revision of something it contains; null when it did. An addition.</summary>
    public required string? AutoUpdateError { get; init; }

    public static async Task<RecipeTypeDetails> Of(Session session, StoredRecipeType type)
    {
        var jobTypes = await session.Query(
            $"SELECT {StoredJobType.Columns} FROM job_type t JOIN recipe_type_job_type l ON l.job_type_id = t.id WHERE l.recipe_type_id = @id ORDER BY t.name, t.version_order",
            StoredJobType.Read, ("id", type.Id));
        return new RecipeTypeDetails(type)
        {
            Definition = RecipeDefinition.FromText(type.Definition).ToJson(),
            JobTypes = await JobTypeDetails.Of(session, jobTypes),
            SubRecipeTypes = [.. (await RecipeTypeQueries.Inside(session, type.Id)).Select(RecipeTypeAnswer.Of)],
            SuperRecipeTypes = [.. (await RecipeTypeQueries.ContainingRecipeType(session, type.Id)).Select(RecipeTypeAnswer.Of)],
            AutoUpdateError = type.UpdateError,
        };
    }
}

/// <summary>Reply of validation and editing; the diff is an object always.</summary>
public record RecipeTypeValidation(bool IsValid, IReadOnlyList<ProblemAnswer> Errors, IReadOnlyList<ProblemAnswer> Warnings, JsonObject Diff)
{
    public RecipeTypeValidation(IReadOnlyList<ProblemAnswer> errors, IReadOnlyList<ProblemAnswer> warnings, JsonObject diff)
        : this(errors.Count == 0, errors, warnings, diff)
    {
    }
}

/// <summary>Reply of editing.</summary>
public sealed record RecipeTypeEdited : RecipeTypeValidation
{
    public RecipeTypeEdited(IReadOnlyList<ProblemAnswer> warnings, JsonObject diff)
        : base([], warnings, diff)
    {
    }

    /// <summary>Types that contain the edited one and followed it to a new revision; an addition.</summary>
    public required IReadOnlyList<RecipeTypeRaised> UpdatedRecipeTypes { get; init; }
}

public sealed record RecipeTypeRaised(string Name, int RevisionNum);

/// <summary>Two revisions of a recipe type side by side.</summary>
public sealed record RecipeTypeComparison(RecipeTypeReference RecipeType, int From, int To, JsonObject Diff);

public sealed record RecipeTypeRevisionAnswer(long Id, RecipeTypeReference RecipeType, int RevisionNum, DateTime Created);

public sealed record WholeRecipeTypeRevision(long Id, RecipeTypeAnswer RecipeType, int RevisionNum, JsonObject Definition, DateTime Created);
