using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Batches;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Batches;
using Scale.Model.Data;
using Scale.Store.Databases;

namespace Scale.Engine.Tests.Batches;

/// <summary>Datasets and batches in a world of recipes.</summary>
internal static class BatchWorld
{
    public const string Scenes = """{"parameters":{"files":[{"name":"SCENE"}],"json":[]},"global_parameters":{"files":[],"json":[]},"global_data":{"files":{},"json":{}}}""";

    public static Task<long> AddDataset(this RecipeWorld world, string definition, params DataValues[] members) => world.Write(async session =>
    {
        var now = world.Now;
        var id = await session.Insert("dataset", ("definition", definition), ("member_count", (long)members.Length), ("created", now));
        await session.BulkInsert("dataset_member", new Rows("m",
            ("dataset_id", members.Column(_ => id)),
            ("data", members.Column(m => m.ToText())),
            ("file_ids", members.Column(m => JsonSerializer.Serialize(m.FileIds))),
            ("created", members.Column(_ => now))));
        return id;
    });

    /// <summary>A dataset with one member per file, at the parameter <c>SCENE</c>.</summary>
    public static async Task<long> AddScenes(this RecipeWorld world, int count)
    {
        var members = new DataValues[count];
        for (var i = 0; i < count; i++)
        {
            members[i] = RecipeWorld.Files(("SCENE", [await world.AddFile()]));
        }

        return await world.AddDataset(Scenes, members);
    }

    public static BatchRequest Request(long recipeTypeId, string definition, string configuration = "{}") => new(
        recipeTypeId, "a title", null, BatchDefinition.Parse(JsonElement.Parse(definition)).Required(), BatchConfiguration.Parse(JsonElement.Parse(configuration)).Required(), null);

    public static string OfDataset(long id, string rest = "") => $$"""{"dataset":{{id}}{{rest}}}""";

    public static string OfPrevious(long rootId, string rest = "") => $$"""{"previous_batch":{"root_batch_id":{{rootId}}{{rest}}} }""";

    public static Task<(long? BatchId, BatchVerdict Verdict)> Create(this RecipeWorld world, BatchRequest request) => world.Write(session =>
        new BatchCreation(world.Catalog).Create(session, request, world.Now));

    /// <summary>Creates a batch that must be right, and its recipes.</summary>
    public static async Task<long> CreateWhole(this RecipeWorld world, BatchRequest request)
    {
        var (id, verdict) = await world.Create(request);
        Assert.Empty(verdict.Errors);
        await world.RunCreation();
        return id!.Value;
    }

    /// <summary>Carries out open commands with a crash before every statement in turn, the database sound after each.</summary>
    /// <returns>How many crashes it took.</returns>
    public static async Task<int> RunCreationWithCrashes(this RecipeWorld world)
    {
        for (var crashAt = 0; ; crashAt++)
        {
            var statement = 0;
            world.Database.BeforeStatement = () =>
            {
                if (statement++ == crashAt)
                {
                    throw new Crash();
                }
            };
            try
            {
                await world.RunCreation();
                return crashAt;
            }
            catch (Crash)
            {
                world.Database.BeforeStatement = null;
                await world.AssertConsistent();
            }
            finally
            {
                world.Database.BeforeStatement = null;
            }
        }
    }

    /// <summary>Carries out open commands slice by slice, as the leader does.</summary>
    public static async Task RunCreation(this RecipeWorld world)
    {
        while (await world.RunSlice())
        {
        }
    }

    /// <returns>False when no command is open.</returns>
    public static async Task<bool> RunSlice(this RecipeWorld world)
    {
        Func<Task<EngineTransaction>>? beside = world.Database.Provider == Provider.Postgres ? async () => new EngineTransaction(await world.Database.Write(), world.Now) : null;
        await using var transaction = new EngineTransaction(await world.Database.Write(), world.Now, beside) { IsUndisturbed = true };
        var session = transaction.Session;
        var open = await session.Query("SELECT id, kind, arguments, progress, created FROM command WHERE state = 0 ORDER BY id LIMIT 1",
            r => new Command(r.GetInt64(0), r.GetString(1), JsonElement.Parse(r.GetString(2)), JsonElement.Parse(r.GetString(3)), r.Moment(4)));
        if (open.Count == 0)
        {
            return false;
        }

        ICommandHandler handler = open[0].Kind == CreateBatchRecipes.CommandKind ? world.Creation : new CreateLegacyBatchRecipes(world.Catalog, world.Evaluation, world.Reprocess);
        var slice = await handler.RunSlice(transaction, open[0], CancellationToken.None);
        await session.Execute("UPDATE command SET progress = @progress, state = @state WHERE id = @id",
            ("progress", slice.Progress.ToJsonString()), ("state", slice.IsDone ? 1 : 0), ("id", open[0].Id));
        await world.Evaluation.TakeDirty(transaction, 1000);
        await world.Evaluation.EvaluateTouched(transaction);
        await transaction.Commit();
        return true;
    }

    public static Task<JsonObject> Batch(this RecipeWorld world, long id) => world.One(
        $"SELECT recipes_estimated, recipes_total, recipes_completed, jobs_total, jobs_completed, jobs_canceled, items_created, items_failed, is_creation_done, is_superseded FROM batch WHERE id = {id}",
        r =>
        {
            var json = new JsonObject();
            for (var i = 0; i < r.FieldCount; i++)
            {
                json[r.GetName(i)] = Convert.ToInt64(r.GetValue(i));
            }

            return json;
        });

    public static async Task<long> Batch(this RecipeWorld world, long id, string column) => (await world.Batch(id))[column]!.GetValue<long>();

    private sealed class Crash : Exception;
}
