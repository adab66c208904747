using System.Collections.Immutable;
using System.Text.Json;

using Scale.Engine.Batches;
using Scale.Engine.Leadership;
using Scale.Engine.Recipes;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Consistency;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Recipes;

/// <summary>A database with recipes in it, and a hand that moves their jobs the way the engine would.</summary>
internal sealed class RecipeWorld : IAsyncDisposable
{
    private readonly TestDatabase test;
    private DateTime now = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    private RecipeWorld(TestDatabase test, int sliceSize)
    {
        this.test = test;
        Catalog = new RecipeTypeCatalog();
        PlainTransitions? transitions = null;
        Evaluation = new RecipeEvaluation(Catalog, () => transitions!);
        transitions = new PlainTransitions();
        Reprocess = new RecipeReprocess(Catalog, Evaluation, () => transitions);
        Creation = new CreateBatchRecipes(Catalog, Evaluation, Reprocess) { SliceSize = sliceSize };
    }

    public Database Database => test.Database;
    public RecipeTypeCatalog Catalog { get; }
    public RecipeEvaluation Evaluation { get; }
    public RecipeReprocess Reprocess { get; }
    public CreateBatchRecipes Creation { get; }

    /// <summary>A world with the job type <c>work</c>: one file <c>IN</c> to one file <c>OUT</c>.</summary>
    /// <param name="sliceSize">See <see cref="CreateBatchRecipes.SliceSize"/>.</param>
    public static async Task<RecipeWorld> Create(Provider provider, int sliceSize = 1000)
    {
        var world = new RecipeWorld(await TestDatabase.Create(provider), sliceSize);
        await world.AddJobType("work");
        return world;
    }

    public ValueTask DisposeAsync() => test.DisposeAsync();

    /// <summary>Every use is a second later.</summary>
    public DateTime Now => now = now.AddSeconds(1);

    public async Task<long> AddJobType(string name, string? manifest = null, string configuration = "{}")
    {
        var text = NormalForm(manifest ?? Definitions.Manifest(name));
        return await Write(async session =>
        {
            var at = Now;
            var id = await session.Insert("job_type", ("name", name), ("version", "1.0.0"), ("version_order", "1"), ("title", name), ("description", name), ("docker_image", "dir:" + name),
                ("manifest", text), ("configuration", configuration), ("revision_id", 0L), ("revision_num", 1), ("created", at), ("last_modified", at));
            await AddJobTypeRevision(session, id, 1, text);
            return id;
        });
    }

    /// <summary>The next revision of a job type.</summary>
    public Task ReviseJobType(string name, string? manifest = null) => Write(async session =>
    {
        var (id, number) = await session.QueryFirst("SELECT id, revision_num FROM job_type WHERE name = @name", r => (r.GetInt64(0), r.GetInt32(1)), ("name", name));
        await AddJobTypeRevision(session, id, number + 1, NormalForm(manifest ?? Definitions.Manifest(name)));
        return id;
    });

    /// <summary>Makes a recipe type, or its next revision.</summary>
    /// <returns>Ids of type and revision.</returns>
    public Task<(long TypeId, long RevisionId)> AddRecipeType(string name, string definition) => Write(async session =>
    {
        var at = Now;
        var known = await session.Query("SELECT id, revision_num FROM recipe_type WHERE name = @name", r => (Id: r.GetInt64(0), Number: r.GetInt32(1)), ("name", name));
        var number = known.Count == 0 ? 1 : known[0].Number + 1;
        var id = known.Count > 0
            ? known[0].Id
            : await session.Insert("recipe_type", ("name", name), ("title", name), ("definition", definition), ("revision_id", 0L), ("revision_num", 1), ("created", at), ("last_modified", at));
        var revision = await session.Insert("recipe_type_revision", ("recipe_type_id", id), ("revision_num", number), ("definition", definition), ("created", at));
        await session.Execute("UPDATE recipe_type SET definition = @definition, revision_id = @revision, revision_num = @number WHERE id = @id",
            ("definition", definition), ("revision", revision), ("number", number), ("id", id));
        return (id, revision);
    });

    public Task<long> AddFile(long bytes = 1_000_000, bool isSource = true, DateTime? sourceStarted = null, string? sensor = null, string mediaType = "image/tiff") => Write(session =>
        AddFile(session, Now, bytes, isSource, sourceStarted, sensor, mediaType));

    public Task<long> AddRecipe((long TypeId, long RevisionId) type, DataValues input, string configuration = "{}") => Write(session =>
        RecipeCreation.Create(session, RecipeRequest.ByUser(type.TypeId, type.RevisionId, input, configuration, null), Now));

    /// <summary>A recipe on one new file at the input <c>SCENE</c>, evaluated once.</summary>
    public async Task<long> StartRecipe((long TypeId, long RevisionId) type)
    {
        var id = await AddRecipe(type, Files(("SCENE", [await AddFile()])));
        await Evaluate();
        return id;
    }

    public static DataValues Files(params (string Name, long[] Ids)[] files) =>
        new(files.ToImmutableSortedDictionary(f => f.Name, f => f.Ids.ToImmutableArray(), StringComparer.Ordinal), DataValues.NoJson);

    /// <summary>One engine transaction: the work, then what the leader does before every commit.</summary>
    public async Task<T> Step<T>(Func<EngineTransaction, Task<T>> work)
    {
        await using var transaction = new EngineTransaction(await Database.Write(), Now);
        var result = await work(transaction);
        await Evaluation.TakeDirty(transaction, 1000);
        await Evaluation.EvaluateTouched(transaction);
        await transaction.Commit();
        return result;
    }

    public Task Evaluate() => Step(_ => Task.FromResult(0));

    /// <summary>Moves a job to where its execution took it; a completed one has a product for each name in <paramref name="outputs"/>.</summary>
    public Task Move(long jobId, JobStatus status, params string[] outputs) => Step(async transaction =>
    {
        await Move(transaction, [jobId], status, outputs);
        return 0;
    });

    public async Task Move(EngineTransaction transaction, long[] jobIds, JobStatus status, params string[] outputs)
    {
        var session = transaction.Session;
        var isCompleted = status == JobStatus.Completed;
        var products = await AddProducts(session, transaction.Now, isCompleted ? jobIds.Length * outputs.Length : 0);
        await session.Execute(
            """
            UPDATE job SET status = @status, output = v.output, started = @started, ended = @ended, main_started = @started, main_ended = @ended, last_modified = @ended
            FROM {v} WHERE job.id = v.id
            """,
            new Rows("v",
                ("id", jobIds),
                ("output", Enumerable.Range(0, jobIds.Length)
                    .Select(i => isCompleted ? Files([.. outputs.Select((name, o) => (name, new[] { products[i * outputs.Length + o] }))]).ToText() : null).ToArray())),
            ("status", status), ("started", transaction.Now.AddSeconds(-10)), ("ended", transaction.Now));
        await session.Execute("DELETE FROM queue WHERE job_id IN @ids", ("ids", jobIds));
        if (status == JobStatus.Running)
        {
            await session.Execute(
                """
                INSERT INTO job_exe (job_id, exe_num, job_type_id, cluster_id, status, timeout, input_file_size, resources, configuration, queued, created, last_modified)
                SELECT id, num_exes, job_type_id, 'x', 3, 60, 0, '{}', '{}', @now, @now, @now FROM job WHERE id IN @ids
                """,
                ("ids", jobIds), ("now", transaction.Now));
        }
        else
        {
            await session.Execute("UPDATE job_exe SET status = @status, is_settled = TRUE WHERE job_id IN @ids AND is_settled = FALSE", ("status", status), ("ids", jobIds));
        }

        await Evaluation.TouchRecipesOf(transaction, jobIds);
    }

    /// <summary>Completes queued jobs, with one product at <c>OUT</c> each, until nothing is queued.</summary>
    public async Task RunAll()
    {
        while (true)
        {
            var queued = await Read(s => s.Query("SELECT job_id FROM queue ORDER BY job_id LIMIT 1000", r => r.GetInt64(0)));
            if (queued.Count == 0)
            {
                return;
            }

            await Step(async transaction =>
            {
                await Move(transaction, [.. queued], JobStatus.Completed, "OUT");
                return 0;
            });
        }
    }

    /// <summary>States of a recipe's nodes as kept with it, in the order of the definition's nodes in topological order.</summary>
    public Task<string> States(long recipeId) => One($"SELECT node_states FROM recipe WHERE id = {recipeId}", r => r.GetString(0));

    public Task<long> JobAt(long recipeId, string node) => Read(async s =>
        await s.QueryFirst("SELECT job_id FROM recipe_node WHERE recipe_id = @recipe AND node_name = @node", r => r.GetInt64(0), ("recipe", recipeId), ("node", node)));

    public async Task<T> One<T>(string sql, Func<System.Data.Common.DbDataReader, T> read) => (await Read(s => s.Query(sql, read))).Single();

    public Task<long> Count(string sql) => One(sql, r => r.GetInt64(0));

    public async Task<T> Read<T>(Func<Session, Task<T>> work)
    {
        await using var session = await Database.Read();
        return await work(session);
    }

    public async Task<T> Write<T>(Func<Session, Task<T>> work)
    {
        await using var session = await Database.Write();
        var result = await work(session);
        await session.Commit();
        return result;
    }

    /// <summary>Everything that is kept agrees with everything that is there.</summary>
    public async Task AssertConsistent() => Assert.Empty(await Read(session => ConsistencyCheck.Run(session)));

    private static string NormalForm(string manifest) => SeedManifest.Parse(JsonElement.Parse(manifest)).Required().NormalForm;

    private static async Task AddJobTypeRevision(Session session, long id, int number, string manifest)
    {
        var revision = await session.Insert("job_type_revision", ("job_type_id", id), ("revision_num", number), ("manifest", manifest), ("docker_image", "dir:x"), ("created", 0L));
        await session.Execute("UPDATE job_type SET revision_id = @revision, revision_num = @number, manifest = @manifest WHERE id = @id",
            ("revision", revision), ("number", number), ("manifest", manifest), ("id", id));
    }

    private static async Task<long[]> AddProducts(Session session, DateTime at, int count)
    {
        var ids = await session.AllocateIds("file", count);
        await session.BulkInsert("file", new Rows("f",
            ("id", ids),
            ("file_name", ids.Column(_ => "scene.tif")),
            ("workspace_id", ids.Column(_ => 1L)),
            ("file_path", ids.Column(_ => "scene.tif")),
            ("file_type", ids.Column(_ => (short)1)),
            ("media_type", ids.Column(_ => "image/tiff")),
            ("file_size", ids.Column(_ => 10L)),
            ("uuid", ids.Column(_ => "u")),
            ("created", ids.Column(_ => at)),
            ("last_modified", ids.Column(_ => at))));
        return ids;
    }

    private static Task<long> AddFile(Session session, DateTime at, long bytes, bool isSource, DateTime? sourceStarted, string? sensor, string mediaType) => session.Insert("file",
        ("file_name", "scene.tif"), ("workspace_id", 1L), ("file_path", "scene.tif"), ("file_type", (short)(isSource ? 0 : 1)), ("media_type", mediaType), ("file_size", bytes), ("uuid", "u"),
        ("source_started", sourceStarted), ("source_sensor", sensor), ("created", at), ("last_modified", at));
}
