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

    /// <summary>Items of one transaction; fewer when each makes many sub-recipes. A slice is of several transactions where the database can write two at a time.</summary>
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
        var size = Math.Max(1, SliceSize / (1 + await new BatchEstimate(catalog, session).Inside(revision)));
        var pace = CreationPace.Of(command, transaction.SliceSize(size));
        var next = batch.IsCanceled ? null
            : batch.SupersededBatchId is { } previous ? await FromPrevious(transaction, batch, previous, before, pace, size)
            : await FromDataset(transaction, batch, revision, before, pace, size);
        if (next is null && await BatchItems.Finish(session, batch.Id, transaction.Now))
        {
            return CommandSlice.Done;
        }

        // Recipes that wait for their evaluation hold the end up; there is nothing below cursor 0.
        return new CommandSlice(false, pace.Continue(new JsonObject { [Before] = next ?? 0 }));
    }

    /// <returns>Where to go on, null when this was the last slice.</returns>
    private async Task<long?> FromPrevious(EngineTransaction transaction, StoredBatch batch, long previous, long before, CreationPace pace, int size)
    {
        var recipes = await BatchStore.TopRecipes(transaction.Session, previous, before, pace.Limit);
        if (recipes.Count > 0)
        {
            // A job or sub-recipe is held by members of one family only, so that parts of them share nothing but their batches.
            var families = recipes.Select(r => r.FamilyId).Distinct().ToList();
            await InParts(transaction, families, size, part => part, (beside, part, before) => MakeAgain(beside, batch, part, pace.SkipReason, before));
        }

        return recipes.Count < pace.Limit ? null : recipes[^1].Id;
    }

    /// <summary>
    /// Makes what many sources bring by several transactions, where that is possible. They share nothing but the rows of batches; items tell what was made should a later one be lost.
    /// </summary>
    /// <param name="size">How many one transaction takes.</param>
    /// <param name="plan">Asked for each part in their order, before the first is made.</param>
    /// <param name="make">Given what to wait for before rows of batches are written.</param>
    private Task InParts<TSource, TPart>(
        EngineTransaction transaction, List<TSource> sources, int size, Func<TSource[], TPart> plan, Func<EngineTransaction, TPart, Task, Task> make)
    {
        if (sources.Count == 0)
        {
            return Task.CompletedTask;
        }

        TSource[][] parts = transaction.CanHaveCompany ? [.. sources.Chunk(size)] : [[.. sources]];
        return transaction.InTurns(Array.ConvertAll<TSource[], Func<EngineTransaction, Task, Task>>(parts, part =>
        {
            var planned = plan(part);
            return (beside, before) => make(beside, planned, before);
        }));
    }

    /// <param name="beforeCounters">See <see cref="RecipeEvaluation.Evaluate"/>.</param>
    private async Task MakeAgain(EngineTransaction transaction, StoredBatch batch, IEnumerable<long> families, string? skipReason, Task beforeCounters)
    {
        var (items, fresh) = await BatchItemRecipes.Reprocess(reprocess, transaction, batch, [.. families], BatchDefinition.FromText(batch.Definition).EffectiveForcedNodes, skipReason);
        await evaluation.Evaluate(transaction, fresh, beforeCounters);
        await BatchItems.Insert(transaction.Session, batch.Id, items, transaction.Now);
    }

    private async Task<long?> FromDataset(EngineTransaction transaction, StoredBatch batch, RecipeRevision revision, long before, CreationPace pace, int size)
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
        await InParts(transaction, open, size, part => (Members: part, Families: replaced.TakeFamilies(part.Select(m => m.Data))), (beside, part, before) =>
            Make(beside, batch, revision, mapping, part.Members, part.Families, replaced.Files, before));
        return members.Count < pace.Limit ? null : members[^1].Id;
    }

    /// <summary>What members find of earlier recipes on their files.</summary>
    /// <param name="families">Of the recipes to re-process, by file.</param>
    /// <param name="files">Which of the members' files these recipes have, or those that the batch has re-processed already.</param>
    private sealed class Replaced(ILookup<long, long> families, HashSet<long> files)
    {
        public static readonly Replaced None = new(Array.Empty<(long FileId, long FamilyId)>().ToLookup(r => r.FileId, r => r.FamilyId), []);

        private readonly HashSet<long> taken = [];

        public HashSet<long> Files => files;

        /// <summary>
        /// Families on the files of some members that no members before them had. Recipes are replaced together with, or before, all that is covered by them, so that no
        /// member is ever covered by what comes later, and may be lost.
        /// </summary>
        public List<long> TakeFamilies(IEnumerable<DataValues> members) =>
            families.Count == 0 ? [] : [.. members.SelectMany(d => d.FileIds).SelectMany(file => families[file]).Where(taken.Add).OrderDescending()];
    }

    private static async Task<Replaced> ToReplace(Session session, StoredBatch batch, IEnumerable<DataValues> members)
    {
        var files = members.SelectMany(d => d.FileIds).Distinct().ToArray();
        if (files.Length == 0)
        {
            return Replaced.None;
        }

        var recipes = await BatchStore.RecipesOnFiles(session, batch.Id, batch.RecipeTypeId, files);
        return new Replaced(recipes.Where(r => !r.IsOfBatch).ToLookup(r => r.FileId, r => r.FamilyId), [.. recipes.Select(r => r.FileId)]);
    }

    /// <param name="beforeCounters">See <see cref="RecipeEvaluation.Evaluate"/>.</param>
    private async Task Make(
        EngineTransaction transaction,
        StoredBatch batch,
        RecipeRevision revision,
        DatasetMapping mapping,
        IReadOnlyCollection<(long Id, DataValues Data)> members,
        List<long> families,
        HashSet<long> covered,
        Task beforeCounters)
    {
        var items = new List<BatchItem>(members.Count);
        var fresh = new List<RecipeWork>(members.Count);
        if (families.Count > 0)
        {
            var (reprocessed, recipes) = await BatchItemRecipes.Reprocess(
                reprocess, transaction, batch, families, BatchDefinition.FromText(batch.Definition).EffectiveForcedNodes);
            items.AddRange(reprocessed);
            fresh.AddRange(recipes);
        }

        await MakeNew(transaction, batch, revision, mapping, members, covered, items, fresh);
        await evaluation.Evaluate(transaction, fresh, beforeCounters);
        await BatchItems.Insert(transaction.Session, batch.Id, items, transaction.Now);
    }

    private static async Task MakeNew(
        EngineTransaction transaction,
        StoredBatch batch,
        RecipeRevision revision,
        DatasetMapping mapping,
        IReadOnlyCollection<(long Id, DataValues Data)> members,
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
