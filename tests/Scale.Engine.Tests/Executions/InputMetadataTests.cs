using System.Collections.Immutable;
using System.Text.Json;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Leadership;
using Scale.Model.Data;
using Scale.Store.Databases;
using Scale.Store.Jobs;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Executions;

/// <summary>The document that INPUT_METADATA names (job-types-and-seed.md §8.2).</summary>
public sealed class InputMetadataTests : IDisposable
{
    private readonly ExecutionWorld world = new();

    public void Dispose() => world.Dispose();

    [Fact]
    public async Task Json_values_and_file_details_are_told_by_input()
    {
        var moment = new DateTime(2026, 5, 4, 3, 2, 1, DateTimeKind.Utc);
        var details = new ExecutionFileDetails("u-1", "sum", """["clear"]""", """["BE"]""", """{"cloud":3}""", moment, null, moment.AddMilliseconds(5), null, "class", "CAM", null, null, moment, moment);
        var file = world.Input(5, "a b.txt") with { Details = details };
        var spec = world.Spec("""{"inputs":{"files":[{"name":"IN"}],"json":[{"name":"N","type":"object"}]}}""", new Dictionary<string, IReadOnlyList<ExecutionInputFile>> { ["IN"] = [file] });
        spec = spec with { Input = spec.Input with { Json = spec.Input.Json.Add("N", JsonElement.Parse("""{"a":[1,"ü"]}""")) } };
        var inputs = (await new PreStep(world.Brokers).Check(spec, MountSupport.None, TestContext.Current.CancellationToken)).Value!;

        var document = JsonElement.Parse(InputMetadata.Of(spec, inputs, "/inputs").Span);
        Assert.False(document.TryGetProperty("RECIPE", out _));
        Assert.Equal("""{"a":[1,"ü"]}""", document.GetProperty("JOB").GetProperty("N").GetRawText());
        var told = document.GetProperty("JOB").GetProperty("IN")[0];
        Assert.Equal(("a b.txt", "/inputs/IN/a b.txt", "SOURCE", 3), (
            told.GetProperty("file_name").GetString(), told.GetProperty("local_path").GetString(), told.GetProperty("file_type").GetString(), told.GetProperty("meta_data").GetProperty("cloud").GetInt32()));
        Assert.Equal(("2026-05-04T03:02:01Z", "2026-05-04T03:02:01.005Z", "CAM"), (
            told.GetProperty("data_started").GetString(), told.GetProperty("source_started").GetString(), told.GetProperty("source_sensor").GetString()));
    }

    [Fact]
    public async Task A_job_of_a_recipe_is_told_the_input_of_the_recipe()
    {
        var values = DataValues.Empty with { Json = DataValues.NoJson.Add("region", JsonElement.Parse("\"north\"")) };
        var spec = world.Spec() with
        {
            RecipeInput = values,
            RecipeInputFiles = ImmutableDictionary<string, IReadOnlyList<ExecutionInputFile>>.Empty.Add("scenes", [world.Input(6, "s.tif"), world.Input(7, "t.tif")]),
        };
        var inputs = (await new PreStep(world.Brokers).Check(spec, MountSupport.None, TestContext.Current.CancellationToken)).Value!;
        var recipe = JsonElement.Parse(InputMetadata.Of(spec, inputs, "/inputs").Span).GetProperty("RECIPE");
        Assert.Equal("north", recipe.GetProperty("region").GetString());
        Assert.Equal([6, 7], recipe.GetProperty("scenes").EnumerateArray().Select(f => f.GetProperty("id").GetInt32()));
        Assert.False(recipe.GetProperty("scenes")[0].TryGetProperty("local_path", out _));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task What_the_cluster_gets_holds_the_stored_details_and_the_recipe_input(Provider provider)
    {
        await using var engine = await EngineWorld.Create(provider);
        var type = await engine.AddJobType("tile");
        var (scene, other) = (await engine.AddFile(), await engine.AddFile("other.tif"));
        await engine.Write(s => s.Execute("UPDATE file SET meta_data = @m WHERE id = @id", ("m", """{"cloud":3}"""), ("id", other)));
        var recipeType = await engine.Write(s => s.Insert("recipe_type",
            ("name", "chain"), ("title", "chain"), ("definition", "{}"), ("revision_id", 1L), ("revision_num", 4), ("created", engine.Clock.Now), ("last_modified", engine.Clock.Now)));
        var revision = await engine.Write(s => s.Insert("recipe_type_revision", ("recipe_type_id", recipeType), ("revision_num", 4), ("definition", "{}"), ("created", engine.Clock.Now)));
        var recipe = await engine.Write(s => s.Insert("recipe",
            ("recipe_type_id", recipeType), ("recipe_type_rev_id", revision), ("root_recipe_id", 1L), ("top_recipe_id", 1L), ("family_id", 1L),
            ("input", $$$"""{"files":{"all":[{{{scene}}},{{{other}}}]},"json":{"region":"north"}}"""), ("created", engine.Clock.Now), ("last_modified", engine.Clock.Now)));
        var job = await engine.AddJob(type, scene);
        var built = await engine.Write(async session =>
        {
            await session.Execute("UPDATE job SET recipe_id = @recipe, status = 2, num_exes = 1 WHERE id = @id", ("recipe", recipe), ("id", job));
            var running = await ExecutionJobs.ToRunning(session, [(job, 1, 1L)], engine.Clock.Now);
            return await engine.Specs.Build(session, [new Scale.Engine.Jobs.PlannedExecution(new ExecutionKey(1, job, 1), "x", 1, "here", 60, Scale.Model.Scheduling.Resources.None, engine.Clock.Now, running.Single())]);
        });
        var spec = built.Single();
        Assert.Equal(("chain", 4), (spec.RecipeTypeName, spec.RecipeTypeRevision));
        Assert.Equal("north", spec.RecipeInput!.Json["region"].GetString());
        Assert.Equal([scene, other], spec.RecipeInputFiles["all"].Select(f => f.FileId));
        Assert.Equal("""{"cloud":3}""", spec.RecipeInputFiles["all"][1].Details!.MetaData);
        Assert.Equal("uuid-scene.tif", spec.InputFiles["IN"].Single().Details!.Uuid);
    }
}
