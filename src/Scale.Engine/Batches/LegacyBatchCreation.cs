using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Recipes;
using Scale.Model.Batches;
using Scale.Model.Documents;
using Scale.Model.Jobs;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Engine.Batches;

/// <summary>A batch asked for by the v5 services; the definition was read, so its grammar is right.</summary>
/// <param name="User">Login name, null for nobody in particular.</param>
public sealed record LegacyBatchRequest(long RecipeTypeId, string? Title, string? Description, LegacyBatchDefinition Definition, string? User);

/// <summary>What a v5 definition finds now.</summary>
/// <param name="FileCount">Before the condition of the trigger is applied.</param>
/// <param name="Estimate">Recipes that the batch would make now.</param>
public sealed record LegacyVerdict(IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings, long RecipeCount, long FileCount, long Estimate);

/// <summary>Checks and first state of a batch of the v5 services (batches-and-datasets.md §6); its recipes are made by <see cref="CreateLegacyBatchRecipes"/>.</summary>
public sealed class LegacyBatchCreation(RecipeTypeCatalog catalog)
{
    private const int CountSlice = 5000;

    public const string TypesOwnTrigger = "trigger_rule";

    /// <summary>All checks and the counts, without any effect.</summary>
    public async Task<LegacyVerdict> Validate(Session session, LegacyBatchRequest request)
    {
        var type = await BatchStore.RecipeType(session, request.RecipeTypeId);
        var errors = type is null ? [new Problem("RECIPE_TYPE_NOT_FOUND", "/recipe_type_id", $"There is no recipe type {request.RecipeTypeId}")]
            : type.IsActive ? await Check(session, type, request.Definition)
            : [new Problem("RECIPE_TYPE_INACTIVE", "/recipe_type_id", $"Recipe type '{type.Name}' is not active")];
        if (errors.Count > 0)
        {
            return new LegacyVerdict(errors, [], 0, 0, 0);
        }

        var search = new LegacySearch(type!.Id, type.RevisionNumber, request.Definition);
        var warnings = request.Definition.UsesTypesOwnTrigger
            ? new[] { new Problem(TypesOwnTrigger, "/trigger_rule", $"Recipe type '{type.Name}' has no trigger rule, so no files are processed") }
            : [];
        var recipes = await LegacyBatchStore.CountRecipes(session, search);
        var files = request.Definition.Trigger is null ? 0 : await LegacyBatchStore.CountFiles(session, search);
        var meeting = request.Definition.Trigger is { } trigger ? await CountMeeting(session, search, trigger, files) : 0;
        return new LegacyVerdict([], warnings, recipes, files, recipes + meeting);
    }

    /// <summary>
    /// Checks, then inserts the batch, the job that stands for its creation and the order to make its recipes in the caller's transaction; wake the leader
    /// after the commit.
    /// </summary>
    /// <returns>Id of the batch, null when there are errors; nothing was written then.</returns>
    public async Task<(long? BatchId, LegacyVerdict Verdict)> Create(Session session, LegacyBatchRequest request, DateTime now)
    {
        var verdict = await Validate(session, request);
        if (verdict.Errors.Count > 0)
        {
            return (null, verdict);
        }

        var type = (await BatchStore.RecipeType(session, request.RecipeTypeId))!;
        var revision = await catalog.Get(session, type.RevisionId);
        var id = (await session.AllocateIds("batch", 1))[0];
        var eventId = await session.Insert("event", ("type", "USER"), ("description", new JsonObject { ["user"] = request.User ?? "Anonymous" }.ToJsonString()), ("occurred", now));
        var creator = await SystemJobs.Insert(session, await SystemJobTypes.BatchCreatorType(session, now), JobStatus.Queued, eventId, now);
        var priority = request.Definition.Priority is > 0 and var given ? given : (int?)null;
        var batch = new NewBatch(
            id, request.Title, request.Description, type.Id, type.RevisionId, eventId, "{}", (BatchConfiguration.Empty with { Priority = priority }).ToText(), priority,
            DatasetId: null, LastMemberId: null, RootBatchId: id, SupersededBatchId: null, (int)Math.Min(int.MaxValue, verdict.Estimate), request.Definition.ToText(), creator);
        await BatchStore.Insert(session, batch, now);
        await BatchStore.InsertNodes(session, id, [.. revision.Graph.Nodes.Select(n => n.Name)]);
        await CommandLog.Append(session, CreateLegacyBatchRecipes.CommandKind, new JsonObject { ["batch_id"] = id }, now);
        return (id, verdict);
    }

    private async Task<IReadOnlyList<Problem>> Check(Session session, RecipeTypeNow type, LegacyBatchDefinition definition)
    {
        if (definition.Trigger is not { } trigger)
        {
            return [];
        }

        var errors = new List<Problem>();
        if (!(await JobTypeWriter.Workspaces(session)).ContainsKey(trigger.WorkspaceName))
        {
            errors.Add(new Problem(BatchDefinition.Invalid, "/trigger_rule/data/workspace_name", $"there is no workspace '{trigger.WorkspaceName}'"));
        }

        var inputs = (await catalog.Get(session, type.RevisionId)).Graph.Input;
        if (!inputs.Files.Any(f => f.Name == trigger.InputName))
        {
            errors.Add(new Problem(BatchDefinition.Invalid, "/trigger_rule/data/input_data_name", $"'{trigger.InputName}' is no file input of recipe type '{type.Name}'"));
        }

        return errors;
    }

    /// <summary>A condition is asked of each file, unless it has nothing to ask.</summary>
    private static async Task<long> CountMeeting(Session session, LegacySearch search, LegacyTrigger trigger, long all)
    {
        if (trigger is { MediaType: "", DataTypes.IsEmpty: true })
        {
            return all;
        }

        var (count, before) = (0L, long.MaxValue);
        while (true)
        {
            var files = await LegacyBatchStore.Files(session, search, long.MaxValue, before, CountSlice);
            count += files.Count(f => f.Meets(trigger));
            if (files.Count < CountSlice)
            {
                return count;
            }

            before = files[^1].Id;
        }
    }
}
