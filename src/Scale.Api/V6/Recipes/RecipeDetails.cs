using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.V6.RecipeTypes;
using Scale.Api.V6.References;
using Scale.Engine.Recipes;
using Scale.Model.JobTypes;
using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Api.V6.Recipes;

/// <summary>A revision with its definition, in the output form of recipes.md §4.4, and its type in short, as batches show it.</summary>
public sealed record RecipeTypeRevisionDetails(long Id, RecipeTypeReference? RecipeType, int RevisionNum, JsonObject Definition, DateTime Created);

/// <summary>One recipe (recipes.md §3).</summary>
public sealed record RecipeDetails : RecipeFields
{
    public required WholeRecipeTypeRevision RecipeTypeRev { get; init; }
    public required RuleEventDetails? Event { get; init; }
    public required EventDetails? IngestEvent { get; init; }
    public required RecipeReference? SupersededRecipe { get; init; }
    public required RecipeReference? SupersededByRecipe { get; init; }
    public required JsonElement? Input { get; init; }
    public required JsonElement? Configuration { get; init; }
    public required JsonObject Details { get; init; }

    /// <summary>Job types of the recipe's own revision.</summary>
    public required IReadOnlyList<JobTypeReference> JobTypes { get; init; }

    public required IReadOnlyList<RecipeTypeReference> SubRecipeTypes { get; init; }

    /// <returns>Null for an unknown recipe.</returns>
    public static async Task<RecipeDetails?> Read(Database database, RecipeTypeCatalog recipeTypes, long id, CancellationToken cancel)
    {
        await using var context = database.Context();
        var row = await context.Recipes.Where(r => r.Id == id)
            .Select(r => new { r.RecipeTypeRevId, r.EventId, r.IngestEventId, r.SupersededRecipeId, r.Input, r.Configuration })
            .FirstOrDefaultAsync(cancel);
        if (row is null || (await RecipeAnswers.Read(context, [id], cancel)) is not [var recipe])
        {
            return null;
        }

        var successorId = await context.Recipes.Where(r => r.SupersededRecipeId == id).Select(r => (long?)r.Id).FirstOrDefaultAsync(cancel);
        var neighbours = await new Related(context, cancel).Recipes([row.SupersededRecipeId, successorId]);
        var revision = await context.RecipeTypeRevisions.FirstAsync(r => r.Id == row.RecipeTypeRevId, cancel);
        var definition = RecipeDefinition.FromText(revision.Definition);
        var type = await context.RecipeTypes.Where(t => t.Id == revision.RecipeTypeId).Select(RecipeTypeAnswer.OfRow).FirstAsync(cancel);
        return new RecipeDetails
        {
            Id = recipe.Id,
            RecipeType = recipe.RecipeType,
            RecipeTypeRev = new WholeRecipeTypeRevision(revision.Id, type, revision.RevisionNum, definition.ToJson(), revision.Created),
            Event = RuleEventDetails.Of(await context.Events.FirstOrDefaultAsync(e => e.Id == row.EventId, cancel)),
            IngestEvent = EventDetails.Of(await context.IngestEvents.FirstOrDefaultAsync(e => e.Id == row.IngestEventId, cancel)),
            Batch = recipe.Batch,
            Recipe = recipe.Recipe,
            IsSuperseded = recipe.IsSuperseded,
            SupersededRecipe = neighbours.Named(row.SupersededRecipeId),
            SupersededByRecipe = neighbours.Named(successorId),
            InputFileSize = recipe.InputFileSize,
            SourceStarted = recipe.SourceStarted,
            SourceEnded = recipe.SourceEnded,
            SourceSensorClass = recipe.SourceSensorClass,
            SourceSensor = recipe.SourceSensor,
            SourceCollection = recipe.SourceCollection,
            SourceTask = recipe.SourceTask,
            JobsTotal = recipe.JobsTotal,
            JobsPending = recipe.JobsPending,
            JobsBlocked = recipe.JobsBlocked,
            JobsQueued = recipe.JobsQueued,
            JobsRunning = recipe.JobsRunning,
            JobsFailed = recipe.JobsFailed,
            JobsCompleted = recipe.JobsCompleted,
            JobsCanceled = recipe.JobsCanceled,
            SubRecipesTotal = recipe.SubRecipesTotal,
            SubRecipesCompleted = recipe.SubRecipesCompleted,
            IsCompleted = recipe.IsCompleted,
            State = recipe.State,
            Progress = recipe.Progress,
            Error = recipe.Error,
            Created = recipe.Created,
            Completed = recipe.Completed,
            Superseded = recipe.Superseded,
            LastModified = recipe.LastModified,
            Input = AnswerJson.Document(row.Input ?? """{"files":{},"json":{}}"""),
            Configuration = AnswerJson.Document(await WithoutSecrets(database, recipeTypes, row.RecipeTypeRevId, row.Configuration, cancel)),
            Details = await RecipeInstance.Read(context, id, definition.Graph, cancel),
            JobTypes = await ReadJobTypes(context, definition.Graph, cancel),
            SubRecipeTypes = await ReadSubRecipeTypes(context, definition.Graph, cancel),
        };
    }

    /// <summary>What was stored with the recipe may have become secret since.</summary>
    private static async Task<string> WithoutSecrets(Database database, RecipeTypeCatalog recipeTypes, long revisionId, string text, CancellationToken cancel)
    {
        var configuration = JobConfiguration.FromText(text);
        if (configuration.Settings is not { Count: > 0 })
        {
            return text;
        }

        await using var session = await database.Read(cancel);
        return configuration.WithoutSettings(await recipeTypes.SecretSettings(session, revisionId, alsoNow: true)).ToText();
    }

    private static async Task<IReadOnlyList<JobTypeReference>> ReadJobTypes(ScaleContext context, RecipeGraph graph, CancellationToken cancel)
    {
        var used = graph.Nodes.Select(n => n.Type).OfType<NodeType.Job>().Select(j => (j.Name, j.Version)).ToHashSet();
        var names = used.Select(u => u.Name).Distinct().ToList();
        var candidates = await context.JobTypes.Where(t => names.Contains(t.Name)).Select(t => new { t.Id, t.Name, t.Version }).ToListAsync(cancel);
        var types = await new Related(context, cancel).JobTypes(candidates.Where(t => used.Contains((t.Name, t.Version))).Select(t => (long?)t.Id));
        return [.. types.Values.OrderBy(t => t.Id)];
    }

    private static async Task<IReadOnlyList<RecipeTypeReference>> ReadSubRecipeTypes(ScaleContext context, RecipeGraph graph, CancellationToken cancel)
    {
        var names = graph.Nodes.Select(n => n.Type).OfType<NodeType.Recipe>().Select(r => r.Name).Distinct().ToList();
        return await context.RecipeTypes.Where(t => names.Contains(t.Name)).OrderBy(t => t.Id)
            .Select(t => new RecipeTypeReference(t.Id, t.Name, t.Title, t.Description, t.RevisionNum)).ToListAsync(cancel);
    }
}
