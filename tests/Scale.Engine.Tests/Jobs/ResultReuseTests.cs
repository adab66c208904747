using System.Collections.Immutable;
using System.Text.Json;
using Scale.Engine.Executions;
using Scale.Engine.Recipes;
using Scale.Engine.Tests.Leadership;
using Scale.Engine.Tests.Recipes;
using Scale.Model.Data;
using Scale.Model.Files;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Engine.Tests.Jobs;

/// <summary>Jobs that take over the outputs of equal ones (docs/result-reuse.md).</summary>
public sealed class ResultReuseTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_job_equal_to_a_completed_one_takes_over_its_outputs_without_running(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await Reusing(world);
        var metadata = new FileMetadata(new Geometry("POINT (1 2)", "POINT (1 2)"), null, null, null, null, null, "CAM", null, null, [], null, """{"sourceSensor":"CAM","cloud":3}""");
        world.Cluster.Outputs = spec => new CapturedOutputs(
            [new CapturedFile("OUT", "out.tif", 1, $"jobs/{spec.Key.JobId}/out.tif", 7, "image/tiff", "sum", metadata)],
            ImmutableSortedDictionary<string, JsonElement>.Empty.Add("n", JsonElement.Parse("5")), ImmutableSortedDictionary<string, FileMetadata>.Empty);
        var scene = await AddScene(world);
        var first = await Complete(world, type, scene);
        var copy = await Copy(world, scene);
        var second = await Run(world, type, copy);

        Assert.Equal(JobStatus.Completed, await world.Status(second));
        Assert.Equal([first], world.Cluster.Launched.Select(e => e.Key.JobId));
        Assert.Equal(0, await world.Value<long>("SELECT count(*) FROM job_exe WHERE job_id = @id", ("id", second)));
        Assert.Equal(first, await world.Value<long>("SELECT reused_job_id FROM job WHERE id = @id", ("id", second)));
        Assert.Null(await world.Value<long?>("SELECT node_id FROM job WHERE id = @id", ("id", second)));

        var (own, others) = (await Product(world, second), await Product(world, first));
        Assert.NotEqual(others.Id, own.Id);
        Assert.NotEqual(others.Uuid, own.Uuid);
        Assert.Equal(others.Facts, own.Facts);
        Assert.True(own.IsPublished && others.IsPublished);
        Assert.Equal(own.Id, DataValues.FromText((await world.Value<string>("SELECT output FROM job WHERE id = @id", ("id", second)))!).Files["OUT"].Single());
        Assert.Equal("5", DataValues.FromText((await world.Value<string>("SELECT output FROM job WHERE id = @id", ("id", second)))!).Json["n"].GetRawText());
        Assert.Equal(
            [(copy, own.Id)],
            await world.Values("SELECT ancestor_id, descendant_id FROM file_ancestry WHERE job_id = @id", r => (r.GetInt64(0), r.GetInt64(1)), ("id", second)));
        await world.AssertSound();
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_product_of_an_equal_identity_replaces_the_former_one(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        var type = await Reusing(world);
        var scene = await AddScene(world);
        var first = await Complete(world, type, scene);
        var second = await Run(world, type, scene);
        var (former, own) = (await Product(world, first), await Product(world, second));
        Assert.Equal(former.Uuid, own.Uuid);
        Assert.False(former.IsPublished);
        Assert.True(own.IsPublished);
        await world.AssertSound();
    }

    [Theory]
    [InlineData("setting")]
    [InlineData("revision")]
    [InlineData("content")]
    [InlineData("json")]
    [InlineData("workspace")]
    [InlineData("off")]
    [InlineData("deleted product")]
    [InlineData("deleted input")]
    public async Task What_differs_in_anything_that_counts_runs(string difference)
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await Reusing(world);
        var scene = await AddScene(world);
        var first = await Complete(world, type, scene);
        var second = await world.AddJob(type, scene);
        await world.AddWorkspace("other");
        await world.Write(session => difference switch
        {
            "setting" => session.Execute("UPDATE job SET configuration = @c WHERE id = @id", ("c", """{"settings":{"A":"2"}}"""), ("id", second)),
            "revision" => Revise(session, second),
            "content" => session.Execute("UPDATE file SET checksum = 'other' WHERE id = @id", ("id", scene)),
            "json" => session.Execute("UPDATE job SET input = @i WHERE id = @id", ("i", $$$"""{"files":{"IN":[{{{scene}}}]},"json":{"N":2}}"""), ("id", second)),
            "workspace" => session.Execute("UPDATE job SET configuration = @c WHERE id = @id", ("c", """{"output_workspaces":{"default":"other"}}"""), ("id", second)),
            "off" => session.Execute("UPDATE job SET configuration = @c WHERE id = @id", ("c", """{"reuse":false}"""), ("id", second)),
            "deleted product" => session.Execute("UPDATE file SET is_deleted = TRUE WHERE job_id = @id", ("id", first)),
            _ => session.Execute("UPDATE file SET is_deleted = TRUE WHERE id = @id", ("id", scene)),
        });
        await world.Queue(second);
        await world.Settle();
        Assert.Equal(JobStatus.Running, await world.Status(second));
    }

    [Fact]
    public async Task Without_a_checksum_only_the_same_unchanged_file_counts()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await Reusing(world);
        var scene = await AddScene(world);
        await world.Write(s => s.Execute("UPDATE file SET checksum = NULL"));
        await Complete(world, type, scene);
        Assert.Equal(JobStatus.Completed, await world.Status(await Run(world, type, scene)));
        var copy = await Copy(world, scene);
        Assert.Equal(JobStatus.Running, await world.Status(await Run(world, type, copy)));
        await world.Write(s => s.Execute("UPDATE file SET last_modified = last_modified + 1 WHERE id = @id", ("id", scene)));
        Assert.Equal(JobStatus.Running, await world.Status(await Run(world, type, scene)));
    }

    [Fact]
    public async Task Nobody_takes_over_from_a_job_that_described_its_input()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await Reusing(world);
        var usual = world.Cluster.Outputs;
        world.Cluster.Outputs = spec => usual(spec) with
        {
            InputMetadata = ImmutableSortedDictionary<string, FileMetadata>.Empty.Add("IN", new FileMetadata(null, null, null, null, null, null, null, null, null, ["clear"], null, "{}")),
        };
        var scene = await AddScene(world);
        await Complete(world, type, scene);
        Assert.Equal(JobStatus.Running, await world.Status(await Run(world, type, scene)));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_recipe_of_equal_jobs_runs_through_without_an_execution(Provider provider)
    {
        await using var world = await EngineWorld.Create(provider);
        await Reusing(world, "work");
        var (type, revision) = await AddChain(world);
        var scene = await AddScene(world);
        await world.Write(session => RecipeCreation.Create(session, RecipeRequest.ByUser(type, revision, EngineWorld.Files("SCENE", scene), "{}", null), world.Clock.Now));
        await world.Settle();
        for (var node = 0; node < 3; node++)
        {
            await world.End(world.Cluster.Live.Keys.Single().JobId, ExecutionOutcome.Completed);
        }

        var copy = await Copy(world, scene);
        await world.Write(session => RecipeCreation.Create(session, RecipeRequest.ByUser(type, revision, EngineWorld.Files("SCENE", copy), "{}", null), world.Clock.Now));
        await world.Settle();
        Assert.Equal(3, world.Cluster.Launched.Count);
        Assert.Equal([(true, 3), (true, 3)], await world.Values("SELECT is_completed, jobs_completed FROM recipe ORDER BY id", r => (r.GetBoolean(0), r.GetInt32(1))));
        Assert.Equal(3, await world.Value<long>("SELECT count(*) FROM job WHERE reused_job_id IS NOT NULL"));
        Assert.Equal(
            [(copy, 3)], await world.Values("SELECT a.ancestor_id, count(*) FROM file_ancestry a JOIN job j ON j.id = a.job_id WHERE j.reused_job_id IS NOT NULL GROUP BY a.ancestor_id", r => (r.GetInt64(0), r.GetInt32(1))));
        await world.AssertSound();
    }

    [Fact]
    public async Task Jobs_of_types_that_did_not_opt_in_always_run()
    {
        await using var world = await EngineWorld.Create(Provider.Sqlite);
        var type = await world.AddJobType("tile");
        var scene = await AddScene(world);
        await Complete(world, type, scene);
        Assert.Equal(JobStatus.Running, await world.Status(await Run(world, type, scene)));
    }

    private static async Task<(long, long)> AddChain(EngineWorld world) => await world.Write(async session =>
    {
        var (at, text) = (world.Clock.Now, Definitions.Chain());
        var id = await session.Insert("recipe_type", ("name", "chain"), ("title", "chain"), ("definition", text), ("revision_id", 0L), ("revision_num", 1), ("created", at), ("last_modified", at));
        var revision = await session.Insert("recipe_type_revision", ("recipe_type_id", id), ("revision_num", 1), ("definition", text), ("created", at));
        await session.Execute("UPDATE recipe_type SET revision_id = @revision WHERE id = @id", ("revision", revision), ("id", id));
        return (id, revision);
    });

    private static async Task<long> Reusing(EngineWorld world, string name = "tile")
    {
        var type = await world.AddJobType(name);
        await world.Write(s => s.Execute(
            "UPDATE job_type SET configuration = @c WHERE id = @id",
            ("c", $$"""{"output_workspaces":{"default":"{{EngineWorld.ProductWorkspace}}"},"settings":{"A":"1"},"reuse":true}"""), ("id", type)));
        return type;
    }

    private static async Task<int> Revise(Session session, long job)
    {
        await session.Execute("INSERT INTO job_type_revision (id, job_type_id, revision_num, manifest, docker_image, created) SELECT 77, job_type_id, 2, manifest, docker_image, created FROM job_type_revision");
        return await session.Execute("UPDATE job SET job_type_rev_id = 77 WHERE id = @id", ("id", job));
    }

    /// <summary>A file whose content is known.</summary>
    private static async Task<long> AddScene(EngineWorld world)
    {
        var file = await world.AddFile();
        await world.Write(s => s.Execute("UPDATE file SET checksum = 'scene' WHERE id = @id", ("id", file)));
        return file;
    }

    private static async Task<long> Run(EngineWorld world, long type, long file)
    {
        var job = await world.AddJob(type, file);
        await world.Queue(job);
        await world.Settle();
        return job;
    }

    private static async Task<long> Complete(EngineWorld world, long type, long file)
    {
        var job = await Run(world, type, file);
        await world.End(job, ExecutionOutcome.Completed);
        Assert.Equal(JobStatus.Completed, await world.Status(job));
        return job;
    }

    /// <summary>Another file of the same content.</summary>
    private static Task<long> Copy(EngineWorld world, long file) => world.Write(session => session.QueryFirst(
        """
        INSERT INTO file (file_name, workspace_id, file_path, file_type, media_type, file_size, uuid, checksum, created, last_modified)
        SELECT 'copy.tif', workspace_id, 'in/copy.tif', file_type, media_type, file_size, 'uuid-copy', checksum, created, last_modified FROM file WHERE id = @id RETURNING id
        """,
        r => r.GetInt64(0), ("id", file)));

    private static async Task<(long Id, string Uuid, bool IsPublished, string Facts)> Product(EngineWorld world, long job) => (await world.Values(
        """
        SELECT id, uuid, is_published, file_name || ' ' || workspace_id || ' ' || file_path || ' ' || file_size || ' ' || media_type || ' ' || coalesce(checksum, '') || ' ' || meta_data || ' '
            || coalesce(geometry, '') || ' ' || coalesce(source_sensor, '') || ' ' || coalesce(job_exe_id, 0)
        FROM file WHERE job_id = @id
        """,
        r => (r.GetInt64(0), r.GetString(1), r.GetBoolean(2), r.GetString(3)), ("id", job))).Single();
}
