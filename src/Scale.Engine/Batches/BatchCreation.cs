using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Recipes;
using Scale.Model.Batches;
using Scale.Model.Data;
using Scale.Model.Datasets;
using Scale.Model.Documents;
using Scale.Model.Recipes;
using Scale.Store.Batches;
using Scale.Store.Databases;

namespace Scale.Engine.Batches;

/// <summary>Checks and first state of a batch (batches-and-datasets.md §3.3, §5.1); its recipes are made by <see cref="CreateBatchRecipes"/>.</summary>
public sealed class BatchCreation(RecipeTypeCatalog catalog)
{
    /// <summary>Members whose data is read at once when they have to be counted one by one.</summary>
    private const int CountSlice = 1000;

    /// <summary>All checks, without any effect.</summary>
    public async Task<BatchVerdict> Validate(Session session, BatchRequest request)
    {
        var type = await BatchStore.RecipeType(session, request.RecipeTypeId);
        if (type is null)
        {
            return Refused(null, new Problem("RECIPE_TYPE_NOT_FOUND", "/recipe_type_id", $"There is no recipe type {request.RecipeTypeId}"));
        }

        if (!type.IsActive)
        {
            return Refused(type, new Problem("RECIPE_TYPE_INACTIVE", "/recipe_type_id", $"Recipe type '{type.Name}' is not active"));
        }

        var revision = await catalog.Get(session, type.RevisionId);
        return request.Definition.PreviousBatch is not null ? await ValidatePrevious(session, request, type, revision)
            : request.Definition.Dataset is { } dataset ? await ValidateDataset(session, request, type, revision, dataset)
            : Refused(type, NoRecipes("The definition names neither a dataset nor a previous batch"));
    }

    /// <summary>
    /// Checks, then inserts the batch and the order to make its recipes in the caller's transaction; wake the leader after the commit.
    /// Of two creations on one chain exactly one wins: the other waits for it here and checks again, which finds a batch that is still creating.
    /// </summary>
    /// <returns>Id of the batch, null when there are errors; nothing was written then.</returns>
    public async Task<(long? BatchId, BatchVerdict Verdict)> Create(Session session, BatchRequest request, DateTime now)
    {
        BatchVerdict verdict;
        do
        {
            verdict = await Validate(session, request);
            if (!verdict.IsValid)
            {
                return (null, verdict);
            }
        }
        while (verdict.PreviousBatch is { } previous && !await BatchStore.Supersede(session, previous.Id, now));

        var id = (await session.AllocateIds("batch", 1))[0];
        var eventId = await session.Insert("event", ("type", "USER"), ("description", new JsonObject { ["user"] = request.User ?? "Anonymous" }.ToJsonString()), ("occurred", now));
        var dataset = verdict.PreviousBatch is null ? request.Definition.Dataset : null;
        var batch = new NewBatch(
            id,
            request.Title,
            request.Description,
            verdict.RecipeType!.Id,
            verdict.RecipeType.RevisionId,
            eventId,
            request.Definition.ToText(),
            request.Configuration.ToText(),
            PriorityOf(request.Configuration),
            dataset,
            dataset is { } datasetId ? await BatchStore.LastMember(session, datasetId) : null,
            verdict.PreviousBatch?.RootBatchId ?? id,
            verdict.PreviousBatch?.Id,
            verdict.RecipesEstimated);
        await BatchStore.Insert(session, batch, now);
        await BatchStore.InsertNodes(session, id, [.. catalog[verdict.RecipeType.RevisionId].Graph.Nodes.Select(n => n.Name)]);
        await CommandLog.Append(session, CreateBatchRecipes.CommandKind, new JsonObject { ["batch_id"] = id }, now);
        return (id, verdict);
    }

    /// <summary>Edits a batch in any state (§2.4). Only jobs queued from now on get a new priority.</summary>
    public async Task<BatchEditResult> Edit(Session session, long batchId, BatchEdit edit, DateTime now)
    {
        if (await BatchStore.Find(session, batchId) is not { } batch)
        {
            return new BatchEditResult(false, []);
        }

        if (edit.Configuration is { } configuration && batch.DatasetId is { } datasetId && await BatchStore.Dataset(session, datasetId) is { } dataset)
        {
            var revision = await catalog.Get(session, batch.RevisionId);
            var problems = DatasetMapping.Check(DatasetDefinition.FromText(dataset.Definition), configuration, revision.Graph.Input);
            if (problems.Count > 0)
            {
                return new BatchEditResult(true, problems);
            }
        }

        await BatchStore.Edit(session, batchId, edit.Title, edit.Description, edit.Configuration?.ToText(), edit.Configuration is null ? null : PriorityOf(edit.Configuration), now);
        return new BatchEditResult(true, []);
    }

    /// <summary>The queue allows 1 and up; anything below says nothing.</summary>
    private static int? PriorityOf(BatchConfiguration configuration) => configuration.Priority is > 0 and var priority ? priority : null;

    private async Task<BatchVerdict> ValidatePrevious(Session session, BatchRequest request, RecipeTypeNow type, RecipeRevision revision)
    {
        var rootId = request.Definition.PreviousBatch!.RootBatchId;
        if (await BatchStore.LastOfChain(session, rootId) is not { } previous)
        {
            return Refused(type, new Problem("PREV_BATCH_NOT_FOUND", "/definition/previous_batch/root_batch_id", $"Batch {rootId} is not the root of a chain of batches"));
        }

        var previousRevision = await catalog.Get(session, previous.RevisionId);
        var verdict = new BatchVerdict([], [], 0, type, previous, previousRevision.Number);
        if (previous.RecipeTypeId != type.Id)
        {
            return verdict with { Errors = [new Problem("MISMATCHED_RECIPE_TYPE", "/recipe_type_id", $"Batch {previous.Id} has recipe type '{previousRevision.TypeName}', not '{type.Name}'")] };
        }

        if (!previous.IsCreationDone)
        {
            return verdict with { Errors = [new Problem("PREV_BATCH_STILL_CREATING", "/definition/previous_batch", $"Batch {previous.Id} is still creating its recipes")] };
        }

        verdict = verdict with { Diff = RecipeDiff.Compute(previousRevision.Definition, revision.Definition, request.Definition.EffectiveForcedNodes) };
        return !verdict.Diff.CanBeReprocessed
            ? verdict with
            {
                Errors = [new Problem("PREV_BATCH_NO_REPROCESS", "/definition/previous_batch",
                $"Recipes of batch {previous.Id} can't be re-processed: {string.Join("; ", verdict.Diff.Reasons.Select(r => r.Text))}")]
            }
            : previous.RecipesTotal == 0 ? verdict with { Errors = [NoRecipes($"Batch {previous.Id} has no recipes")] }
            : verdict with { RecipesEstimated = previous.RecipesTotal };
    }

    private async Task<BatchVerdict> ValidateDataset(Session session, BatchRequest request, RecipeTypeNow type, RecipeRevision revision, long datasetId)
    {
        if (await BatchStore.Dataset(session, datasetId) is not { } row)
        {
            return Refused(type, new Problem("DATASET_NOT_FOUND", "/definition/dataset", $"There is no dataset {datasetId}"));
        }

        var dataset = DatasetDefinition.FromText(row.Definition);
        var problems = DatasetMapping.Check(dataset, request.Configuration, revision.Graph.Input);
        if (problems.Count > 0)
        {
            return Refused(type, [.. problems]);
        }

        var mapping = new DatasetMapping(dataset, request.Configuration, revision.Graph.Input);
        var (mismatches, warnings) = revision.Graph.Input.CheckConnection(mapping.Interface);
        if (mismatches.Count > 0)
        {
            return Refused(type, [.. mismatches.Select(m => new Problem("MISMATCHED_PARAMS", "", $"The dataset does not fit the inputs of '{type.Name}': {m.Text}"))]);
        }

        var members = await CountMembers(session, row, mapping);
        var estimate = await new BatchEstimate(catalog, session).Recipes(revision, request.Definition.ForcedNodes, members);
        return estimate == 0
            ? Refused(type, NoRecipes(row.MemberCount == 0 ? $"Dataset {datasetId} has no members" : $"No member of dataset {datasetId} supplies an input"))
            : new BatchVerdict([], warnings, estimate, type);
    }

    private static async Task<int> CountMembers(Session session, DatasetNow dataset, DatasetMapping mapping)
    {
        if (mapping.EveryMemberSupplies || mapping.GlobalSupplies)
        {
            return (int)dataset.MemberCount;
        }

        var (count, before) = (0, long.MaxValue);
        while (true)
        {
            var members = await BatchStore.Members(session, dataset.Id, before, CountSlice);
            if (members.Count == 0)
            {
                return count;
            }

            count += members.Count(m => mapping.MemberSupplies(DataValues.FromText(m.Data)));
            before = members[^1].Id;
        }
    }

    private static BatchVerdict Refused(RecipeTypeNow? type, params Problem[] errors) => new(errors, [], 0, type);

    private static Problem NoRecipes(string description) => new("NO_RECIPES", "/definition", $"{description}, so there is nothing to make");
}
