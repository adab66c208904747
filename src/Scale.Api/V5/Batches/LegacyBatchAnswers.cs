using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.V6.References;
using Scale.Model.Batches;
using Scale.Model.Recipes;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Api.V5.Batches;

/// <summary>A batch in v5 lists (batches-and-datasets.md §6).</summary>
public record LegacyBatchAnswer
{
    public required long Id { get; init; }
    public required string? Title { get; init; }
    public required string? Description { get; init; }
    public required string Status { get; init; }

    /// <summary>A <see cref="LegacyRecipeType"/>, in details a <see cref="LegacyRecipeTypeDetails"/>.</summary>
    public required object? RecipeType { get; init; }

    /// <summary>A <see cref="RuleEventReference"/>, in details a <see cref="RuleEventDetails"/>.</summary>
    public required object? Event { get; init; }

    /// <summary>The job that stands for the making of a v5 batch; null for a batch made by the v6 services.</summary>
    public required LegacyCreatorJob? CreatorJob { get; init; }

    public required int CreatedCount { get; init; }
    public required int FailedCount { get; init; }
    public required int TotalCount { get; init; }
    public required int CompletedJobCount { get; init; }
    public required int CompletedRecipeCount { get; init; }
    public required DateTime Created { get; init; }
    public required DateTime LastModified { get; init; }
}

/// <summary>One batch in its v5 form.</summary>
public sealed record LegacyBatchDetails : LegacyBatchAnswer
{
    public required JsonElement Definition { get; init; }
}

/// <param name="Version">Recipe types have no versions any more; clients of v5 expect one.</param>
public sealed record LegacyRecipeType(long Id, string Name, string Version, string Title, string? Description);

public sealed record LegacyRecipeTypeDetails(
    long Id, string Name, string Version, string Title, string? Description, bool IsActive, bool IsSystem, JsonElement Definition, int RevisionNum,
    DateTime Created, DateTime LastModified, DateTime? Archived, object? TriggerRule)
{
    public static LegacyRecipeTypeDetails Of(RecipeTypeRow t) => new(
        t.Id, t.Name, LegacyBatchAnswers.RecipeTypeVersion, t.Title, t.Description, t.IsActive, t.IsSystem,
        JsonSerializer.SerializeToElement(RecipeDefinition.FromText(t.Definition).ToJson()), t.RevisionNum, t.Created, t.LastModified, t.Deprecated, null);
}

/// <summary>Reads batches in their v5 form, by id and in a fixed number of statements.</summary>
internal static class LegacyBatchAnswers
{
    public const string RecipeTypeVersion = "1.0";

    /// <returns>In the order of <paramref name="ids"/>; ids without a row are left out.</returns>
    public static async Task<IReadOnlyList<LegacyBatchAnswer>> Read(ScaleContext context, IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var rows = await context.Batches.Where(b => ids.Contains(b.Id)).ToDictionaryAsync(b => b.Id, cancel);
        var related = new Related(context, cancel);
        var types = await related.RecipeTypes(rows.Values.Select(b => (long?)b.RecipeTypeId));
        var events = await related.Events(rows.Values.Select(b => (long?)b.EventId));
        var creators = await LegacyCreatorJob.Read(context, rows.Values.Select(b => b.CreatorJobId), cancel);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id]).Select(b => new LegacyBatchAnswer
        {
            Id = b.Id,
            Title = b.Title,
            Description = b.Description,
            Status = StatusOf(b),
            RecipeType = types.Named(b.RecipeTypeId) is { } type ? new LegacyRecipeType(type.Id, type.Name, RecipeTypeVersion, type.Title, type.Description) : null,
            Event = events.Named(b.EventId) is { } happened ? new RuleEventReference(happened.Id, happened.Type, null, happened.Occurred) : null,
            CreatorJob = creators.Named(b.CreatorJobId),
            CreatedCount = b.RecipesTotal > 0 ? b.RecipesTotal : b.ItemsCreated,
            FailedCount = b.ItemsFailed,
            TotalCount = TotalOf(b),
            CompletedJobCount = b.JobsCompleted,
            CompletedRecipeCount = b.RecipesCompleted,
            Created = b.Created,
            LastModified = b.LastModified,
        })];
    }

    /// <returns>Null for an unknown batch.</returns>
    public static async Task<LegacyBatchDetails?> Details(ScaleContext context, long id, CancellationToken cancel)
    {
        var row = await context.Batches.Where(b => b.Id == id).Select(b => new { b.RecipeTypeId, b.EventId, b.Definition, b.LegacyDefinition }).FirstOrDefaultAsync(cancel);
        if (row is null || (await Read(context, [id], cancel)) is not [var batch])
        {
            return null;
        }

        var type = await context.RecipeTypes.FirstOrDefaultAsync(t => t.Id == row.RecipeTypeId, cancel);
        return new LegacyBatchDetails
        {
            Id = batch.Id,
            Title = batch.Title,
            Description = batch.Description,
            Status = batch.Status,
            RecipeType = type is null ? null : LegacyRecipeTypeDetails.Of(type),
            Event = RuleEventDetails.Of(await context.Events.FirstOrDefaultAsync(e => e.Id == row.EventId, cancel)),
            CreatorJob = batch.CreatorJob,
            CreatedCount = batch.CreatedCount,
            FailedCount = batch.FailedCount,
            TotalCount = batch.TotalCount,
            CompletedJobCount = batch.CompletedJobCount,
            CompletedRecipeCount = batch.CompletedRecipeCount,
            Created = batch.Created,
            LastModified = batch.LastModified,
            Definition = row.LegacyDefinition is { } own
                ? JsonSerializer.Deserialize<JsonElement>(own)
                : JsonSerializer.SerializeToElement(DefinitionOf(BatchDefinition.FromText(row.Definition))),
        };
    }

    private static string StatusOf(BatchRow b) => b.IsCreationDone ? LegacyBatchFilter.Created : LegacyBatchFilter.Submitted;

    private static int TotalOf(BatchRow b) => b.RecipesTotal > 0 ? b.RecipesTotal : b.IsCreationDone ? b.ItemsCreated + b.ItemsFailed : b.RecipesEstimated;

    /// <summary>What of a v6 definition can be said in version 1.0.</summary>
    private static JsonObject DefinitionOf(BatchDefinition definition)
    {
        var json = new JsonObject { ["version"] = "1.0" };
        if (definition.PreviousBatch?.ForcedNodes is { } forced)
        {
            json["job_names"] = new JsonArray([.. forced.Nodes.Select(n => (JsonNode)n)]);
            json["all_jobs"] = forced.All;
        }

        return json;
    }
}
