using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Engine.Recipes;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Recipes;

/// <summary>Asking for a recipe to be reprocessed; carrying it out is the leader's.</summary>
public sealed class ReprocessTests
{
    private static string Tile(int revision) =>
        $$$"""{"dependencies":[],"input":{"SCENE":{"type":"recipe","input":"SCENE"}},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":{{{revision}}} } }""";

    private static string Definition(string nodes) => """{"version":"7","input":{"files":[{"name":"SCENE"}],"json":[]},"nodes":{""" + nodes + "}}";

    private static readonly string OneJob = Definition($"\"tile\":{Tile(1)}");

    private static readonly string WithSubRecipe = Definition(
        $"\"tile\":{Tile(1)},"
        + """ "sub":{"dependencies":[{"name":"tile"}],"input":{"SCENE":{"type":"recipe","input":"SCENE"}},"node_type":{"node_type":"recipe","recipe_type_name":"inner","recipe_type_revision":1}} """);

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task An_accepted_request_is_a_command_with_an_event_of_its_own(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var recipe = await OneRecipe(api);
        var answer = (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/", """{"forced_nodes":{"all":false,"nodes":["tile"]}}""")).Expect(202);
        Assert.Equal("", answer.Text);

        var command = JsonElement.Parse(Assert.Single(await Commands(api)));
        Assert.Equal(recipe.Id, command.GetProperty("recipe_id").GetInt64());
        Assert.Equal(recipe.RecipeTypeRevId, command.GetProperty("revision_id").GetInt64());
        Assert.Equal("""{"all":false,"nodes":["tile"],"sub_recipes":{}}""", command.GetProperty("forced_nodes").GetRawText());
        await using var session = await api.Database.Read();
        Assert.Equal(("USER", """{"user":"admin"}"""), await session.QueryFirst(
            "SELECT type, description FROM event WHERE id = @id", r => (r.GetString(0), r.GetString(1)), ("id", command.GetProperty("event_id").GetInt64())));
    }

    [Theory]
    [InlineData("""{"forced_nodes":{}}""", """{"all":false,"nodes":[],"sub_recipes":{}}""")]
    [InlineData("""{"forced_nodes":{"all":true}}""", """{"all":true,"nodes":[],"sub_recipes":{}}""")]
    [InlineData("""{"all":true,"nodes":[],"sub_recipes":{}}""", """{"all":true,"nodes":[],"sub_recipes":{}}""")]
    [InlineData("""{"all":false,"nodes":["tile"],"url":"leftover","revision_num":0}""", """{"all":false,"nodes":["tile"],"sub_recipes":{}}""")]
    [InlineData("""{"version":"6","all":false}""", """{"all":false,"nodes":[],"sub_recipes":{}}""")]
    public async Task Forced_nodes_come_wrapped_or_bare(string body, string forced)
    {
        await using var api = await ApiFixture.Start();
        var recipe = await OneRecipe(api);
        (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/", body)).Expect(202);
        Assert.Equal(forced, JsonElement.Parse(Assert.Single(await Commands(api))).GetProperty("forced_nodes").GetRawText());
    }

    [Fact]
    public async Task An_older_revision_may_be_asked_for()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        await seed.JobType("tiler");
        var type = await seed.RecipeType("tile-scene", OneJob);
        var older = type.RevisionId;
        var newer = await seed.Add(new RecipeTypeRevisionRow { RecipeTypeId = type.Id, RevisionNum = 2, Definition = OneJob, Created = Seed.Start });
        await seed.Run("UPDATE recipe_type SET revision_id = @id, revision_num = 2", ("id", newer.Id));
        var recipe = await seed.Recipe(type, r => r.Input = """{"files":{"SCENE":[1]},"json":{}}""");
        foreach (var (num, revision) in new[] { (1, older), (2, newer.Id), (0, newer.Id) })
        {
            (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/", new { forced_nodes = new { all = true }, revision_num = num })).Expect(202);
            Assert.Equal(revision, JsonElement.Parse((await Commands(api))[^1]).GetProperty("revision_id").GetInt64());
        }
    }

    [Fact]
    public async Task The_first_thing_that_is_wrong_is_answered()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var current = await OneRecipe(api);
        var superseded = await seed.Recipe(await seed.RecipeType("other", OneJob), r => (r.IsSuperseded, r.RecipeId) = (true, 5));
        var contained = await seed.Recipe(await seed.RecipeType("third", OneJob), r => (r.RecipeId, r.Input) = (current.Id, current.Input));
        var inactive = await seed.Recipe(await seed.RecipeType("fourth", OneJob, t => t.IsActive = false), r => r.Input = current.Input);
        var withoutInput = await seed.Recipe(await seed.RecipeType("fifth", OneJob));
        var demanding = await seed.RecipeType("sixth", OneJob);
        var incompatible = await seed.Recipe(demanding, r => r.Input = current.Input);
        var revision = await seed.Add(new RecipeTypeRevisionRow
        {
            RecipeTypeId = demanding.Id,
            RevisionNum = 2,
            Definition = """{"version":"7","input":{"files":[{"name":"SCENE"},{"name":"MORE"}],"json":[]},"nodes":{}}""",
            Created = Seed.Start,
        });
        await seed.Run("UPDATE recipe_type SET revision_id = @id, revision_num = 2 WHERE id = @type", ("id", revision.Id), ("type", demanding.Id));

        async Task<string> Refused(long id, string body, int status = 400) => (await api.Post($"/v6/recipes/{id}/reprocess/", body)).Expect(status).Detail;
        Assert.Contains("forced_nodes", await Refused(77, "{}"), StringComparison.Ordinal);
        Assert.Contains("/all", await Refused(77, """{"forced_nodes":{"nodes":[]}}"""), StringComparison.Ordinal);
        Assert.Contains("/x", await Refused(77, """{"forced_nodes":{"all":true,"x":1}}"""), StringComparison.Ordinal);
        Assert.Contains("forced_nodes", await Refused(77, """{"forced_nodes":[]}"""), StringComparison.Ordinal);
        Assert.Contains("revision_num", await Refused(77, """{"forced_nodes":{"all":true},"revision_num":"x"}"""), StringComparison.Ordinal);
        await Refused(77, """{"forced_nodes":{"all":true},"revision_num":9}""", 404);
        await Refused(superseded.Id, """{"forced_nodes":{"all":true},"revision_num":9}""", 404);
        Assert.Contains("superseded", await Refused(superseded.Id, """{"forced_nodes":{"all":false,"nodes":["none"]}}"""), StringComparison.Ordinal);
        Assert.Contains("none", await Refused(contained.Id, """{"forced_nodes":{"all":false,"nodes":["none"]}}"""), StringComparison.Ordinal);
        Assert.Contains("tile", await Refused(current.Id, """{"forced_nodes":{"all":false,"sub_recipes":{"tile":{"all":true}}}}"""), StringComparison.Ordinal);
        Assert.Contains("sub-recipe", await Refused(contained.Id, """{"forced_nodes":{"all":true}}"""), StringComparison.Ordinal);
        Assert.Contains("not active", await Refused(inactive.Id, """{"forced_nodes":{"all":true}}"""), StringComparison.Ordinal);
        Assert.Contains("MORE", await Refused(incompatible.Id, """{"forced_nodes":{"all":true}}"""), StringComparison.Ordinal);
        Assert.Contains("SCENE", await Refused(withoutInput.Id, """{"forced_nodes":{"all":true}}"""), StringComparison.Ordinal);
        Assert.Empty(await Commands(api));
    }

    [Fact]
    public async Task Forced_nodes_are_held_against_the_pinned_revisions_of_sub_recipes()
    {
        await using var api = await ApiFixture.Start();
        var (recipe, _) = await Nested(api);
        var refused = (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/", """{"forced_nodes":{"all":false,"sub_recipes":{"sub":{"all":false,"nodes":["none"]}}}}""")).Expect(400);
        Assert.Contains("/sub_recipes/sub/nodes", refused.Detail, StringComparison.Ordinal);
        (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/", """{"forced_nodes":{"all":false,"sub_recipes":{"sub":{"all":false,"nodes":["tile"]}}}}""")).Expect(202);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_dry_run_tells_what_would_run_and_changes_nothing(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var (recipe, _) = await Nested(api);
        var shown = (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/", """{"forced_nodes":{"all":false,"sub_recipes":{"sub":{"all":false,"nodes":["tile"]}}},"dry_run":true}""")).Expect(200);
        Assert.Equal("""{"run":1,"may_run":0,"refused":0,"copy":1,"supersede":1,"cancel":1}""", shown["jobs"].GetRawText());
        Assert.True(shown["diff"].GetProperty("nodes").GetProperty("sub").GetProperty("force_reprocess").GetBoolean());
        Assert.Equal("""{"run":1,"may_run":0,"refused":0,"copy":0,"supersede":1,"cancel":1}""", shown["sub_recipes"].GetProperty("sub").GetProperty("jobs").GetRawText());

        var all = (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/", """{"all":true,"dry_run":true}""")).Expect(200);
        Assert.Equal("""{"run":2,"may_run":0,"refused":0,"copy":0,"supersede":2,"cancel":1}""", all["jobs"].GetRawText());
        var nothing = (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/?dry_run=true", """{"forced_nodes":{}}""")).Expect(200);
        Assert.Equal("""{"run":0,"may_run":0,"refused":0,"copy":2,"supersede":0,"cancel":0}""", nothing["jobs"].GetRawText());

        // What can't begin is not counted as if it ran, and nothing in a recipe that can't begin is taken over.
        await new Seed(api).Run("UPDATE recipe_type SET is_active = FALSE WHERE name = 'inner'");
        var refused = (await api.Post($"/v6/recipes/{recipe.Id}/reprocess/", """{"forced_nodes":{"all":false,"sub_recipes":{"sub":{"all":false}}},"dry_run":true}""")).Expect(200);
        Assert.Equal("""{"run":0,"may_run":0,"refused":1,"copy":1,"supersede":1,"cancel":1}""", refused["jobs"].GetRawText());
        Assert.Empty(await Commands(api));
    }

    private static async Task<RecipeRow> OneRecipe(ApiFixture api)
    {
        var seed = new Seed(api);
        await seed.JobType("tiler");
        return await seed.Recipe(await seed.RecipeType("tile-scene", OneJob), r => r.Input = """{"files":{"SCENE":[1]},"json":{}}""");
    }

    /// <summary>A completed job and, after it, a sub-recipe of one queued job.</summary>
    private static async Task<(RecipeRow Recipe, RecipeRow SubRecipe)> Nested(ApiFixture api)
    {
        var seed = new Seed(api);
        var jobType = await seed.JobType("tiler");
        var inner = await seed.RecipeType("inner", OneJob);
        var type = await seed.RecipeType("outer", WithSubRecipe);
        var recipe = await seed.Recipe(type, r => r.Input = """{"files":{"SCENE":[1]},"json":{}}""");
        var sub = await seed.Recipe(inner, r => (r.RecipeId, r.Input, r.JobsTotal, r.JobsQueued) = (recipe.Id, recipe.Input, 1, 1));
        var done = await seed.Job(jobType, JobStatus.Completed);
        var queued = await seed.Job(jobType, JobStatus.Queued);
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = "tile", JobId = done.Id });
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = "sub", SubRecipeId = sub.Id });
        await seed.Add(new RecipeNodeRow { RecipeId = sub.Id, NodeName = "tile", JobId = queued.Id });
        return (recipe, sub);
    }

    private static async Task<List<string>> Commands(ApiFixture api)
    {
        await using var session = await api.Database.Read();
        return await session.Query("SELECT arguments FROM command WHERE kind = @kind ORDER BY id", r => r.GetString(0), ("kind", ReprocessRecipe.CommandKind));
    }
}
