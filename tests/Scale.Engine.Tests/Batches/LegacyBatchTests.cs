using System.Text.Json;
using Scale.Engine.Batches;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Batches;
using Scale.Model.Jobs;
using Scale.Store.Batches;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;
using static Scale.Engine.Tests.Batches.BatchWorld;
using static Scale.Engine.Tests.Recipes.Definitions;

namespace Scale.Engine.Tests.Batches;

/// <summary>Which recipes and files batches of the v5 services process (batches-and-datasets.md §6.2).</summary>
public sealed class LegacyBatchTests
{
    private const string OnFiles = """{"trigger_rule":{"data":{"input_data_name":"SCENE","workspace_name":"products"}}}""";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Only_recipes_of_older_revisions_run_again_when_nothing_is_forced(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var old = await world.AddRecipeType("chain", Chain());
        var oldRecipe = await world.StartRecipe(old);
        await world.RunAll();
        await world.ReviseJobType("work");
        var type = await world.AddRecipeType("chain", Chain(revision: 2));
        await world.StartRecipe(type);
        await world.RunAll();

        var id = await CreateWhole(world, type.TypeId, "{}", recipes: 1);
        Assert.Equal((1, 1, 3, 1), (await world.Batch(id, "items_created"), await world.Batch(id, "recipes_total"), await world.Batch(id, "jobs_total"), await world.Batch(id, "jobs_completed")));
        Assert.Equal(1, await world.Count($"SELECT count(*) FROM recipe WHERE batch_id = {id} AND superseded_recipe_id = {oldRecipe} AND recipe_type_rev_id = {type.RevisionId}"));
        Assert.Equal(("{}", 1L), await world.One($"SELECT definition, root_batch_id FROM batch WHERE id = {id}", r => (r.GetString(0), r.GetInt64(1))));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Named_jobs_or_all_jobs_run_again_in_recipes_of_any_revision(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        await world.StartRecipe(type);
        await world.StartRecipe(type);
        await world.RunAll();

        var named = await CreateWhole(world, type.TypeId, """{"job_names":["c","unknown"],"priority":7}""", recipes: 2);
        Assert.Equal((2, 6, 4), (await world.Batch(named, "items_created"), await world.Batch(named, "jobs_total"), await world.Batch(named, "jobs_completed")));
        Assert.Equal("""{"priority":7}""", await world.One($"SELECT configuration FROM batch WHERE id = {named}", r => r.GetString(0)));
        await world.RunAll();
        var all = await CreateWhole(world, type.TypeId, """{"all_jobs":true}""", recipes: 2);
        Assert.Equal((2, 6, 0), (await world.Batch(all, "items_created"), await world.Batch(all, "jobs_total"), await world.Batch(all, "jobs_completed")));
        Assert.Equal(2, await world.Count("SELECT count(*) FROM recipe WHERE is_superseded = FALSE"));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_batch_that_finds_nothing_is_created_and_done(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        await world.StartRecipe(type);
        var id = await CreateWhole(world, type.TypeId, "{}", recipes: 0);
        Assert.Equal((1, 0, 0), (await world.Batch(id, "is_creation_done"), await world.Batch(id, "recipes_total"), await world.Batch(id, "recipes_estimated")));
        Assert.Equal(JobStatus.Completed, await Creator(world, id));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_date_range_is_held_against_creation_or_against_the_files_data(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var recipes = new[] { await world.StartRecipe(type), await world.StartRecipe(type), await world.StartRecipe(type) };
        await world.Write(s => s.Execute("UPDATE recipe SET created = @at WHERE id = @id", ("at", Day(2)), ("id", recipes[1])));
        await Dates(world, recipes[0], Day(10), null);
        await Dates(world, recipes[1], Day(1), Day(12));

        Assert.Equal([recipes[1]], await Found(world, type.TypeId, $$$"""{"all_jobs":true,"date_range":{"started":"{{{Text(2)}}}","ended":"{{{Text(2)}}}"}}"""));
        Assert.Equal([recipes[1]], await Found(world, type.TypeId, $$$"""{"all_jobs":true,"date_range":{"type":"created","ended":"{{{Text(3)}}}"}}"""));
        Assert.Equal([recipes[0], recipes[1]], await Found(world, type.TypeId, $$$"""{"all_jobs":true,"date_range":{"type":"data","started":"{{{Text(10)}}}"}}"""));
        Assert.Equal([recipes[1]], await Found(world, type.TypeId, $$$"""{"all_jobs":true,"date_range":{"type":"data","started":"{{{Text(11)}}}","ended":"{{{Text(2)}}}"}}"""));
        Assert.Equal([], await Found(world, type.TypeId, $$$"""{"all_jobs":true,"date_range":{"type":"data","ended":"{{{Text(0)}}}"}}"""));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Files_that_never_were_an_input_make_recipes_of_their_own(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.Write(s => s.Insert("workspace", ("name", "products"), ("title", "products"), ("configuration", "{}"), ("created", 0L), ("last_modified", 0L)));
        var type = await world.AddRecipeType("chain", Chain());
        await world.StartRecipe(type);
        var tagged = await world.AddFile();
        await world.Write(s => s.Execute("UPDATE file SET data_type_tags = '[\"a\",\"b\",\"c\"]' WHERE id = @id", ("id", tagged)));
        await world.AddFile(mediaType: "text/plain");
        await world.AddFile(isSource: false);
        var deleted = await world.AddFile();
        await world.Write(s => s.Execute("UPDATE file SET is_deleted = TRUE WHERE id = @id", ("id", deleted)));

        const string Conditional = """{"trigger_rule":{"condition":{"media_type":"image/tiff","data_types":["a","c"]},"data":{"input_data_name":"SCENE","workspace_name":"products"}}}""";
        var verdict = await Validate(world, type.TypeId, Conditional);
        Assert.Equal((0L, 2L, 1L), (verdict.RecipeCount, verdict.FileCount, verdict.Estimate));
        var id = await CreateWhole(world, type.TypeId, Conditional, recipes: 0);
        Assert.Equal((1, 0), (await world.Batch(id, "items_created"), await world.Batch(id, "items_failed")));
        var (input, configuration, eventType, description) = await world.One(
            $"SELECT r.input, r.configuration, e.type, e.description FROM recipe r JOIN event e ON e.id = r.event_id WHERE r.batch_id = {id}",
            r => (r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3)));
        Assert.Equal($$$"""{"files":{"SCENE":[{{{tagged}}}]},"json":{}}""", input);
        Assert.Contains("\"default\":\"products\"", configuration);
        Assert.Equal(("BATCH", $$"""{"version":"1.0","file_id":{{tagged}},"file_name":"scene.tif"}"""), (eventType, description));
        Assert.Equal(1, await world.Batch(await CreateWhole(world, type.TypeId, OnFiles, recipes: 0), "items_created"));
        Assert.Equal(0, (await Validate(world, type.TypeId, OnFiles)).FileCount);
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_file_that_does_not_make_a_whole_input_is_a_failed_item(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.Write(s => s.Insert("workspace", ("name", "products"), ("title", "products"), ("configuration", "{}"), ("created", 0L), ("last_modified", 0L)));
        var type = await world.AddRecipeType("two", Definition("""{"files":[{"name":"SCENE"},{"name":"OTHER"}]}""", Node("a", Job("work"), "", "IN=SCENE")));
        await world.AddFile();
        var id = await CreateWhole(world, type.TypeId, OnFiles, recipes: 0);
        Assert.Equal((0, 1, 1), (await world.Batch(id, "items_created"), await world.Batch(id, "items_failed"), await world.Batch(id, "is_creation_done")));
        Assert.Contains("OTHER", await world.One($"SELECT error FROM batch_item WHERE batch_id = {id} AND kind = 2", r => r.GetString(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_matches_is_decided_when_the_work_begins(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        var gone = await world.StartRecipe(type);
        var id = await Create(world, type.TypeId, """{"all_jobs":true}""");
        var late = await world.StartRecipe(type);
        await world.Write(s => s.Execute("UPDATE recipe SET is_superseded = TRUE WHERE id = @id", ("id", gone)));
        await world.RunCreation();
        Assert.Equal(late, await world.One($"SELECT superseded_recipe_id FROM recipe WHERE batch_id = {id}", r => r.GetInt64(0)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Canceling_the_creator_job_ends_the_creation(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        await world.StartRecipe(type);
        var id = await Create(world, type.TypeId, """{"all_jobs":true}""");
        Assert.Equal(JobStatus.Queued, await Creator(world, id));
        var creator = await world.Count($"SELECT creator_job_id FROM batch WHERE id = {id}");
        await world.Write(s => SystemJobs.Cancel(s, [creator], world.Now));
        await world.RunCreation();
        Assert.Equal((1, 0), (await world.Batch(id, "is_creation_done"), await world.Batch(id, "recipes_total")));
        Assert.Equal(JobStatus.Canceled, await Creator(world, id));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Creation_interrupted_before_any_statement_makes_every_recipe_once(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        await world.Write(s => s.Insert("workspace", ("name", "products"), ("title", "products"), ("configuration", "{}"), ("created", 0L), ("last_modified", 0L)));
        var type = await world.AddRecipeType("chain", Chain());
        await world.StartRecipe(type);
        await world.StartRecipe(type);
        await world.AddFile();
        var id = await Create(world, type.TypeId, OnFiles.Replace("{\"trigger", "{\"all_jobs\":true,\"trigger", StringComparison.Ordinal));
        Assert.Equal(3, await world.Batch(id, "recipes_estimated"));
        var crashes = await world.RunCreationWithCrashes();
        Assert.True(crashes > 20, $"only {crashes} statements");
        Assert.Equal((3, 3, 9), (await world.Batch(id, "items_created"), await world.Batch(id, "recipes_total"), await world.Batch(id, "jobs_total")));
        Assert.Equal(JobStatus.Completed, await Creator(world, id));
        await world.AssertConsistent();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_can_not_be_made_is_refused_and_leaves_nothing(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        Assert.Equal("/recipe_type_id", (await Validate(world, 99, "{}")).Errors.Single().Path);
        Assert.Equal("/trigger_rule/data/workspace_name", (await Validate(world, type.TypeId, OnFiles)).Errors.Single().Path);
        Assert.Equal(2, (await Validate(world, type.TypeId, OnFiles.Replace("SCENE", "NONE", StringComparison.Ordinal))).Errors.Count);
        var (id, _) = await world.Write(s => new LegacyBatchCreation(world.Catalog).Create(s, Request(type.TypeId, OnFiles), world.Now));
        Assert.Null(id);
        await world.Write(s => s.Execute("UPDATE recipe_type SET is_active = FALSE"));
        Assert.Equal("RECIPE_TYPE_INACTIVE", (await Validate(world, type.TypeId, "{}")).Errors.Single().Name);
        Assert.Equal(0, await world.Count("SELECT (SELECT count(*) FROM batch) + (SELECT count(*) FROM event) + (SELECT count(*) FROM job)"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_types_own_trigger_is_a_warning_and_no_files(Provider provider)
    {
        await using var world = await RecipeWorld.Create(provider);
        var type = await world.AddRecipeType("chain", Chain());
        await world.AddFile();
        var verdict = await Validate(world, type.TypeId, """{"trigger_rule":true}""");
        Assert.Equal(("trigger_rule", 0L, 0L), (verdict.Warnings.Single().Name, verdict.FileCount, verdict.Estimate));
    }

    private static LegacyBatchRequest Request(long typeId, string definition) =>
        new(typeId, "a title", null, LegacyBatchDefinition.Parse(JsonElement.Parse(definition)).Required(), null);

    private static Task<LegacyVerdict> Validate(RecipeWorld world, long typeId, string definition) =>
        world.Read(s => new LegacyBatchCreation(world.Catalog).Validate(s, Request(typeId, definition)));

    private static async Task<long> Create(RecipeWorld world, long typeId, string definition)
    {
        var (id, verdict) = await world.Write(s => new LegacyBatchCreation(world.Catalog).Create(s, Request(typeId, definition), world.Now));
        Assert.Empty(verdict.Errors);
        return id!.Value;
    }

    /// <param name="recipes">Old recipes that validation must find.</param>
    private static async Task<long> CreateWhole(RecipeWorld world, long typeId, string definition, int recipes)
    {
        Assert.Equal(recipes, (await Validate(world, typeId, definition)).RecipeCount);
        var id = await Create(world, typeId, definition);
        await world.RunCreation();
        return id;
    }

    private static async Task<JobStatus> Creator(RecipeWorld world, long batchId) =>
        (JobStatus)await world.Count($"SELECT j.status FROM batch b JOIN job j ON j.id = b.creator_job_id WHERE b.id = {batchId}");

    private static Task<List<long>> Found(RecipeWorld world, long typeId, string definition) => world.Read(async s =>
    {
        var found = await LegacyBatchStore.Recipes(s, new LegacySearch(typeId, 1, Request(typeId, definition).Definition), long.MaxValue, long.MaxValue, 100);
        return found.Select(r => r.Id).Order().ToList();
    });

    private static Task Dates(RecipeWorld world, long recipeId, DateTime? started, DateTime? ended) => world.Write(s => s.Execute(
        "UPDATE file SET data_started = @started, data_ended = @ended WHERE id IN (SELECT file_id FROM recipe_input_file WHERE recipe_id = @id)",
        ("started", started is { } from ? Time.ToMicroseconds(from) : null), ("ended", ended is { } to ? Time.ToMicroseconds(to) : null), ("id", recipeId)));

    private static DateTime Day(int day) => new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(day);

    private static string Text(int day) => Day(day).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
}
