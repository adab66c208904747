using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Model.Batches;
using Scale.Model.Data;
using Scale.Model.Datasets;
using Scale.Model.Recipes;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Engine.Batches;

/// <summary>
/// Makes the recipes of a batch (batches-and-datasets.md §5.2), highest ids first, a bounded number per transaction. Every item is stored with
/// the recipe it made, in that transaction, so nothing is made twice and nothing is left out however often it is interrupted.
/// </summary>
public sealed class CreateBatchRecipes(RecipeTypeCatalog catalog, RecipeEvaluation evaluation, RecipeReprocess reprocess) : ICommandHandler
{
    public const string CommandKind = "create-batch-recipes";

    private const string Before = "before";

    /// <summary>Items of one transaction; fewer when each makes many sub-recipes. More of them are made by two transactions, where the database can write two at a time.</summary>
    public int SliceSize { get; init; } = 1000;

    public string Kind => CommandKind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var session = transaction.Session;
        var batch = await BatchStore.Find(session, command.Arguments.GetProperty("batch_id").GetInt64());
        if (batch is null or { IsCreationDone: true })
        {
            return CommandSlice.Done;
        }

        var before = command.Progress.TryGetProperty(Before, out var cursor) ? cursor.GetInt64() : long.MaxValue;
        var revision = await catalog.Get(session, batch.RevisionId);
        var pace = CreationPace.Of(command, Math.Max(1, transaction.SliceSize(SliceSize) / (1 + await new BatchEstimate(catalog, session).Inside(revision))));
        var next = batch.IsCanceled ? null
            : batch.SupersededBatchId is { } previous ? await FromPrevious(transaction, batch, previous, before, pace)
            : await FromDataset(transaction, batch, revision, before, pace);
        if (next is null && await BatchItems.Finish(session, batch.Id, transaction.Now))
        {
            return CommandSlice.Done;
        }

        // Recipes that wait for their evaluation hold the end up; there is nothing below cursor 0.
        return new CommandSlice(false, pace.Continue(new JsonObject { [Before] = next ?? 0 }));
    }

    /// <returns>Where to go on, null when this was the last slice.</returns>
    private async Task<long?> FromPrevious(EngineTransaction transaction, StoredBatch batch, long previous, long before, CreationPace pace)
    {
        var recipes = await BatchStore.TopRecipes(transaction.Session, previous, before, pace.Limit);
        if (recipes.Count > 0)
        {
            // A job or sub-recipe is held by members of one family only, so that halves of them share nothing but their batches.
            var families = recipes.Select(r => r.FamilyId).Distinct().ToList();
            await InHalves(transaction, families, (part, some, first) => MakeAgain(part, batch, some, pace.SkipReason, beforeCounters: first));
        }

        return recipes.Count < pace.Limit ? null : recipes[^1].Id;
    }

    /// <summary>Makes what many sources bring by two transactions. Their halves share nothing but the rows of batches; items tell what the first made should the second be lost.</summary>
    /// <param name="make">Given the half that is committed first, or all, without a task, and the other half with that of the first.</param>
    private Task InHalves<T>(EngineTransaction transaction, List<T> sources, Func<EngineTransaction, List<T>, Task?, Task> make)
    {
        var half = sources.Count / 2;
        return transaction.CanHaveCompany && sources.Count > SliceSize
            ? transaction.InTwo(beside => make(beside, sources[..half], null), first => make(transaction, sources[half..], first))
            : make(transaction, sources, null);
    }

    /// <param name="beforeCounters">See <see cref="RecipeEvaluation.Evaluate"/>.</param>
    private async Task MakeAgain(EngineTransaction transaction, StoredBatch batch, List<long> families, string? skipReason, Task? beforeCounters)
    {
        var (items, fresh) = await BatchItemRecipes.Reprocess(reprocess, transaction, batch, families, BatchDefinition.FromText(batch.Definition).EffectiveForcedNodes, skipReason);
        await evaluation.Evaluate(transaction, fresh, beforeCounters);
        await BatchItems.Insert(transaction.Session, batch.Id, items, transaction.Now);
    }

    private async Task<long?> FromDataset(EngineTransaction transaction, StoredBatch batch, RecipeRevision revision, long before, CreationPace pace)
    {
        var session = transaction.Session;
        var start = Math.Min(before, batch.LastMemberId + 1 ?? 0);
        var dataset = batch.DatasetId is { } datasetId && start > 0 ? await BatchStore.Dataset(session, datasetId) : null;
        var members = dataset is null ? [] : await BatchStore.Members(session, dataset.Id, start, pace.Limit);
        if (members.Count == 0)
        {
            return null;
        }

        var handled = await BatchItems.Handled(session, batch.Id, BatchItemKind.DatasetMember, members.Column(m => m.Id));
        if (pace.SkipReason is { } reason)
        {
            await BatchItems.Insert(session, batch.Id, [.. members.Where(m => !handled.Contains(m.Id)).Select(m => new BatchItem(BatchItemKind.DatasetMember, m.Id, BatchItemState.Failed, null, reason))], transaction.Now);
            return members[^1].Id;
        }

        var open = members.Where(m => !handled.Contains(m.Id)).Select(m => (m.Id, Data: DataValues.FromText(m.Data))).ToList();
        var mapping = new DatasetMapping(DatasetDefinition.FromText(dataset!.Definition), BatchConfiguration.FromText(batch.Configuration), revision.Graph.Input);
        var replaced = BatchDefinition.FromText(batch.Definition).Supersedes ? await ToReplace(session, batch, open.Select(m => m.Data)) : Replaced.None;

        // No member may be covered by what comes later, and may be lost: recipes are replaced by what is committed first.
        await InHalves(transaction, open, (part, some, first) =>
            Make(part, batch, revision, mapping, some, first is null ? replaced : replaced with { Families = [] }, beforeCounters: first));
        return members.Count < pace.Limit ? null : members[^1].Id;
    }

    /// <summary>What members find of earlier recipes on their files.</summary>
    /// <param name="Families">Of the recipes to re-process.</param>
    /// <param name="Files">Which of the members' files these recipes have, or those that the batch has re-processed already.</param>
    private sealed record Replaced(List<long> Families, HashSet<long> Files)
    {
        public static readonly Replaced None = new([], []);
    }

    private static async Task<Replaced> ToReplace(Session session, StoredBatch batch, IEnumerable<DataValues> members)
    {
        var files = members.SelectMany(d => d.FileIds).Distinct().ToArray();
        if (files.Length == 0)
        {
            return Replaced.None;
        }

        var recipes = await BatchStore.RecipesOnFiles(session, batch.Id, batch.RecipeTypeId, files);
        return new Replaced([.. recipes.Where(r => !r.IsOfBatch).Select(r => r.FamilyId).Distinct().OrderDescending()], [.. recipes.Select(r => r.FileId)]);
    }

    /// <param name="beforeCounters">See <see cref="RecipeEvaluation.Evaluate"/>.</param>
    private async Task Make(
        EngineTransaction transaction,
        StoredBatch batch,
        RecipeRevision revision,
        DatasetMapping mapping,
        List<(long Id, DataValues Data)> members,
        Replaced replaced,
        Task? beforeCounters)
    {
        var items = new List<BatchItem>(members.Count);
        var fresh = new List<RecipeWork>(members.Count);
        if (replaced.Families.Count > 0)
        {
            var (reprocessed, recipes) = await BatchItemRecipes.Reprocess(
                reprocess, transaction, batch, replaced.Families, BatchDefinition.FromText(batch.Definition).EffectiveForcedNodes);
            items.AddRange(reprocessed);
            fresh.AddRange(recipes);
        }

        await MakeNew(transaction, batch, revision, mapping, members, replaced.Files, items, fresh);
        await evaluation.Evaluate(transaction, fresh, beforeCounters);
        await BatchItems.Insert(transaction.Session, batch.Id, items, transaction.Now);
    }

    private static async Task MakeNew(
        EngineTransaction transaction,
        StoredBatch batch,
        RecipeRevision revision,
        DatasetMapping mapping,
        List<(long Id, DataValues Data)> members,
        HashSet<long> covered,
        List<BatchItem> items,
        List<RecipeWork> fresh)
    {
        var inputs = new List<(long MemberId, DataValues Input)>(members.Count);
        foreach (var (id, data) in members)
        {
            if (covered.Count > 0 && data.Files.Count > 0 && data.FileIds.All(covered.Contains))
            {
                items.Add(new BatchItem(BatchItemKind.DatasetMember, id, BatchItemState.Covered, null, null));
                continue;
            }

            var (input, errors) = mapping.InputOf(data);
            if (errors.Count > 0)
            {
                items.Add(new BatchItem(BatchItemKind.DatasetMember, id, BatchItemState.Failed, null, string.Join("; ", errors.Select(e => e.Text))));
            }
            else
            {
                inputs.Add((id, input));
            }
        }

        var ids = await transaction.Session.AllocateIds("recipe", inputs.Count);
        foreach (var ((memberId, input), id) in inputs.Zip(ids))
        {
            fresh.Add(BatchItemRecipes.New(batch, revision, id, input, batch.EventId, "{}", transaction.Now));
            items.Add(new BatchItem(BatchItemKind.DatasetMember, memberId, BatchItemState.Created, id, null));
        }
    }
}
