using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Model.Batches;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.JobTypes;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Engine.Batches;

/// <summary>
/// Makes the recipes of a batch of the v5 services (batches-and-datasets.md §6.2): old recipes first, then files that never were an input, highest ids first.
/// What they are is decided when it begins, by the newest recipe and file of that moment. Items make sure that nothing is made twice, as in
/// <see cref="CreateBatchRecipes"/>; the batch's creator job tells how it stands, and canceling that job ends the work.
/// </summary>
public sealed class CreateLegacyBatchRecipes(RecipeTypeCatalog catalog, RecipeEvaluation evaluation, RecipeReprocess reprocess) : ICommandHandler
{
    public const string CommandKind = "create-legacy-batch-recipes";

    /// <summary>Items of one transaction; fewer when each makes many sub-recipes.</summary>
    private const int SliceSize = 1000;

    public string Kind => CommandKind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var session = transaction.Session;
        var batch = await BatchStore.Find(session, command.Arguments.GetProperty("batch_id").GetInt64());
        if (batch is null or { IsCreationDone: true })
        {
            return CommandSlice.Done;
        }

        var progress = LegacyProgress.Read(command.Progress) ?? LegacyProgress.Begin(await LegacyBatchStore.Newest(session));
        if (!progress.IsMade)
        {
            progress = await MayGoOn(transaction, batch) ? await Make(transaction, command, batch, progress) : progress with { IsMade = true };
        }

        // Recipes that wait for their evaluation hold the end up.
        if (!progress.IsMade || !await BatchItems.Finish(session, batch.Id, transaction.Now))
        {
            return new CommandSlice(false, progress.ToJson());
        }

        await SystemJobs.End(session, batch.CreatorJobId!.Value, null, transaction.Now);
        return CommandSlice.Done;
    }

    /// <summary>Whether nobody canceled the batch or its creator job.</summary>
    private static async Task<bool> MayGoOn(EngineTransaction transaction, StoredBatch batch)
    {
        var (session, creator) = (transaction.Session, batch.CreatorJobId!.Value);
        if (batch.IsCanceled)
        {
            await SystemJobs.Cancel(session, [creator], transaction.Now);
        }

        await SystemJobs.Start(session, creator, transaction.Now);
        return await SystemJobs.StatusOf(session, creator) is JobStatus.Running;
    }

    private async Task<LegacyProgress> Make(EngineTransaction transaction, Command command, StoredBatch batch, LegacyProgress progress)
    {
        var revision = await catalog.Get(transaction.Session, batch.RevisionId);
        var pace = CreationPace.Of(command, Math.Max(1, SliceSize / (1 + await new BatchEstimate(catalog, transaction.Session).Inside(revision))));
        var search = new LegacySearch(batch.RecipeTypeId, revision.Number, LegacyBatchDefinition.FromText(batch.LegacyDefinition!));
        var next = progress.IsAtFiles
            ? await OfFiles(transaction, batch, revision, search, progress, pace)
            : await OfRecipes(transaction, batch, search, progress, pace);
        return next with { Pace = pace };
    }

    private async Task<LegacyProgress> OfRecipes(EngineTransaction transaction, StoredBatch batch, LegacySearch search, LegacyProgress progress, CreationPace pace)
    {
        var recipes = await LegacyBatchStore.Recipes(transaction.Session, search, progress.LastRecipe, progress.Before, pace.Limit);
        if (recipes.Count > 0)
        {
            var families = recipes.Select(r => r.FamilyId).Distinct().ToList();
            var (items, fresh) = await BatchItemRecipes.Reprocess(reprocess, transaction, batch, families, search.Definition.ForcedNodes, pace.SkipReason);
            await evaluation.Evaluate(transaction, fresh);
            await BatchItems.Insert(transaction.Session, batch.Id, items, transaction.Now);
        }

        return recipes.Count == pace.Limit ? progress with { Before = recipes[^1].Id }
            : progress with { IsAtFiles = true, Before = long.MaxValue, IsMade = search.Definition.Trigger is null };
    }

    private async Task<LegacyProgress> OfFiles(
        EngineTransaction transaction, StoredBatch batch, RecipeRevision revision, LegacySearch search, LegacyProgress progress, CreationPace pace)
    {
        var session = transaction.Session;
        var trigger = search.Definition.Trigger!;
        var files = await LegacyBatchStore.Files(session, search, progress.LastFile, progress.Before, pace.Limit);
        var handled = await BatchItems.Handled(session, batch.Id, BatchItemKind.SourceFile, [.. files.Select(f => f.Id)]);
        var items = new List<BatchItem>();
        var accepted = new List<(LegacyFile File, DataValues Input)>();
        foreach (var file in files.Where(f => f.Meets(trigger) && !handled.Contains(f.Id)))
        {
            var (input, errors) = new DataValues(DataValues.NoFiles.Add(trigger.InputName, [file.Id]), DataValues.NoJson).Validate(revision.Graph.Input);
            if (errors.Count > 0 || pace.SkipReason is not null)
            {
                items.Add(new BatchItem(BatchItemKind.SourceFile, file.Id, BatchItemState.Failed, null, pace.SkipReason ?? string.Join("; ", errors.Select(e => e.Text))));
            }
            else
            {
                accepted.Add((file, input));
            }
        }

        var ids = await session.AllocateIds("recipe", accepted.Count);
        var events = await InsertEvents(session, accepted.ConvertAll(a => a.File), transaction.Now);
        var configuration = (JobConfiguration.Empty with { DefaultWorkspace = trigger.WorkspaceName }).ToText();
        var fresh = accepted.Select((a, i) => BatchItemRecipes.New(batch, revision, ids[i], a.Input, events[i], configuration, transaction.Now)).ToList();
        items.AddRange(accepted.Select((a, i) => new BatchItem(BatchItemKind.SourceFile, a.File.Id, BatchItemState.Created, ids[i], null)));
        await evaluation.Evaluate(transaction, fresh);
        await BatchItems.Insert(session, batch.Id, items, transaction.Now);
        return files.Count == pace.Limit ? progress with { Before = files[^1].Id } : progress with { IsMade = true };
    }

    /// <summary>Every recipe made of a file has an event of its own that names the file.</summary>
    private static async Task<long[]> InsertEvents(Session session, List<LegacyFile> files, DateTime now)
    {
        var ids = await session.AllocateIds("event", files.Count);
        await session.BulkInsert("event", new Rows("e",
            ("id", ids),
            ("type", files.Column(_ => "BATCH")),
            ("description", files.Column(f => new JsonObject { ["version"] = "1.0", ["file_id"] = f.Id, ["file_name"] = f.FileName }.ToJsonString())),
            ("occurred", files.Column(_ => now))));
        return ids;
    }

    /// <summary>How far the work has come.</summary>
    /// <param name="LastRecipe">Newest recipe when it began; <paramref name="LastFile"/> likewise.</param>
    /// <param name="Before">Recipes, or files once these are done, from this id on are handled.</param>
    /// <param name="IsMade">Nothing is left to make.</param>
    private sealed record LegacyProgress(long LastRecipe, long LastFile, bool IsAtFiles, long Before, bool IsMade)
    {
        /// <summary>Of the slice that was just done.</summary>
        public CreationPace Pace { get; init; }

        public static LegacyProgress Begin((long Recipe, long File) newest) => new(newest.Recipe, newest.File, false, long.MaxValue, false);

        public static LegacyProgress? Read(JsonElement json) => json.TryGetProperty("last_recipe", out var last)
            ? new LegacyProgress(
                last.GetInt64(), json.GetProperty("last_file").GetInt64(), json.GetProperty("is_at_files").GetBoolean(), json.GetProperty("before").GetInt64(), json.GetProperty("is_made").GetBoolean())
            : null;

        public JsonObject ToJson() => Pace.Continue(new JsonObject
        {
            ["last_recipe"] = LastRecipe,
            ["last_file"] = LastFile,
            ["is_at_files"] = IsAtFiles,
            ["before"] = Before,
            ["is_made"] = IsMade,
        });
    }
}
