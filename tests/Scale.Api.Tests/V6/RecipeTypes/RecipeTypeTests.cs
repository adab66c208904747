using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.RecipeTypes;

public sealed class RecipeTypeTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_recipe_type_is_created_with_all_that_it_contains(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifests.Plain("cut"));
        await api.Register(Manifests.Plain("glue"));
        await api.AddRecipeType("Inner", Definitions.Of(("glue", Definitions.Job("glue"))));
        var created = await api.AddRecipeType("My  Outer_Type", Definitions.Of(("cut", Definitions.Job("cut")), ("again", Definitions.Job("cut")), ("sub", Definitions.Recipe("inner"))));

        Assert.Equal("my-outer-type", created["name"].GetString());
        Assert.Equal("http://localhost/v6/recipe-types/my-outer-type/", created.Headers["Location"]);
        Assert.False(created["definition"].TryGetProperty("version", out _));
        Assert.Equal("ann@example.org", Assert.Single(created["job_types"].EnumerateArray()).GetProperty("manifest").GetProperty("job").GetProperty("maintainer").GetProperty("email").GetString());
        Assert.Equal("inner", Assert.Single(created["sub_recipe_types"].EnumerateArray()).GetProperty("name").GetString());
        Assert.Empty(created["super_recipe_types"].EnumerateArray());
        Assert.Equal("my-outer-type", Assert.Single((await api.Get("/v6/recipe-types/inner/"))["super_recipe_types"].EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("my-outer-type", Assert.Single((await api.Get("/v6/job-types/cut/1.0.0/"))["recipe_types"].EnumerateArray()).GetProperty("name").GetString());

        var listed = (await api.Get("/v6/recipe-types/?keyword=OUTER&is_active=true&order=-name")).Expect(200);
        var row = Assert.Single(listed.Results);
        Assert.Equal("""[{"name":"cut","version":"1.0.0"}]""", row.GetProperty("job_types").GetRawText());
        Assert.Equal("""["inner"]""", row.GetProperty("sub_recipe_types").GetRawText());
        Assert.False(row.TryGetProperty("definition", out _));
        Assert.Equal(["inner", "my-outer-type"], (await api.Get("/v6/recipe-types/?keyword=about")).Results.Select(r => r.GetProperty("name").GetString()));
        Assert.Empty((await api.Get("/v6/recipe-types/?keyword=nothing")).Expect(200).Results);
        (await api.Get("/v6/recipe-types/?is_active=perhaps")).Expect(400);
        (await api.Get("/v6/recipe-types/none/")).Expect(404);
    }

    [Fact]
    public async Task Creation_tells_what_is_odd()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain("cut"));
        var definition = Definitions.Of(("first", Definitions.Job("cut")), ("second", Definitions.Job("cut")));
        Assert.Empty((await api.AddRecipeType("Even", definition.DeepClone().AsObject())).Warnings);
        definition["nodes"]!["second"]!["dependencies"] = JsonNode.Parse("""[{"name":"first","acceptance":false}]""");
        Assert.Single((await api.AddRecipeType("Odd", definition)).Warnings);
    }

    [Fact]
    public async Task Bad_recipe_types_are_refused_and_nothing_is_left()
    {
        await using var api = await ApiFixture.Start();
        async Task<string> Refused(JsonObject body) => (await api.Post("/v6/recipe-types/", body)).Expect(400).Detail;
        Assert.Contains("title", await Refused(new JsonObject { ["definition"] = Definitions.Of() }), StringComparison.Ordinal);
        Assert.Contains("definition", await Refused(new JsonObject { ["title"] = "x" }), StringComparison.Ordinal);
        Assert.Contains("definition", await Refused(new JsonObject { ["title"] = "x", ["definition"] = "text" }), StringComparison.Ordinal);
        Assert.Contains("nowhere", await Refused(new JsonObject { ["title"] = "x", ["definition"] = Definitions.Of(("a", Definitions.Job("nowhere"))) }), StringComparison.Ordinal);
        Assert.Contains("validation", await Refused(new JsonObject { ["title"] = "Validation", ["definition"] = Definitions.Of() }), StringComparison.Ordinal);
        Assert.Contains("title", await Refused(new JsonObject { ["title"] = "!!!", ["definition"] = Definitions.Of() }), StringComparison.Ordinal);
        Assert.Contains("50", await Refused(new JsonObject { ["title"] = new string('x', 51), ["definition"] = Definitions.Of() }), StringComparison.Ordinal);
        Assert.Empty((await api.Get("/v6/recipe-types/")).Results);

        (await api.Post("/v6/recipe-types/", new { title = "Empty", definition = new { } })).Expect(201);
        Assert.Contains("empty", await Refused(new JsonObject { ["title"] = "EMPTY!", ["definition"] = Definitions.Of() }), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_new_definition_is_a_new_revision(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifests.Plain("cut"));
        await api.AddRecipeType("One", Definitions.Of());
        var edited = (await api.Patch("/v6/recipe-types/one/", new JsonObject { ["title"] = "Uno", ["definition"] = Definitions.Of(("cut", Definitions.Job("cut"))) })).Expect(200);
        Assert.True(edited["is_valid"].GetBoolean());
        Assert.Equal("{}", edited["diff"].GetRawText());
        (await api.Patch("/v6/recipe-types/one/", """{"definition":{},"description":null,"whatever":1}""")).Expect(200);

        var details = await api.Get("/v6/recipe-types/one/");
        Assert.Equal("Uno", details["title"].GetString());
        Assert.Equal("About One", details["description"].GetString());
        Assert.Equal(2, details["revision_num"].GetInt32());
        (await api.Patch("/v6/recipe-types/one/", new JsonObject { ["definition"] = details["definition"].Deserialize<JsonNode>() })).Expect(200);

        var revisions = (await api.Get("/v6/recipe-types/one/revisions/")).Expect(200).Results;
        Assert.Equal([3, 2, 1], revisions.Select(r => r.GetProperty("revision_num").GetInt32()));
        Assert.Equal("one", revisions[0].GetProperty("recipe_type").GetProperty("name").GetString());
        var first = (await api.Get("/v6/recipe-types/one/revisions/1/")).Expect(200);
        Assert.Empty(first["definition"].GetProperty("nodes").EnumerateObject());
        (await api.Get("/v6/recipe-types/one/revisions/7/")).Expect(404);
        Assert.Empty((await api.Get("/v6/recipe-types/none/revisions/")).Expect(200).Results);

        (await api.Patch("/v6/recipe-types/one/", new JsonObject { ["definition"] = Definitions.Of(("self", Definitions.Recipe("one"))) })).Expect(400);
        (await api.Patch("/v6/recipe-types/none/", "{}")).Expect(404);
        Assert.Equal(3, (await api.Get("/v6/recipe-types/one/"))["revision_num"].GetInt32());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_changed_job_type_moves_the_recipe_types_that_contain_it_once_each(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifests.Plain("cut"));
        await api.AddRecipeType("Left", Definitions.Of(("cut", Definitions.Job("cut"))));
        await api.AddRecipeType("Right", Definitions.Of(("cut", Definitions.Job("cut"))));
        await api.AddRecipeType("Top", Definitions.Of(("left", Definitions.Recipe("left")), ("right", Definitions.Recipe("right")), ("cut", Definitions.Job("cut"))));
        await api.AddRecipeType("Other", Definitions.Of());

        await api.Register(Manifests.Plain("cut").With(job => job["packageVersion"] = "1.0.1"));
        Assert.Equal(2, await api.PinnedRevision("left", "cut"));
        Assert.Equal(2, await api.PinnedRevision("top", "cut"));
        Assert.Equal(2, await api.PinnedRevision("top", "left"));
        Assert.Equal(2, await api.PinnedRevision("top", "right"));
        Assert.Equal(2, (await api.Get("/v6/recipe-types/top/"))["revision_num"].GetInt32());
        Assert.Equal(1, (await api.Get("/v6/recipe-types/other/"))["revision_num"].GetInt32());

        await api.Register(Manifests.Plain("cut").With(job => job["packageVersion"] = "1.0.2"), ("auto_update", false));
        Assert.Equal(2, await api.PinnedRevision("left", "cut"));
    }

    [Fact]
    public async Task A_recipe_type_that_would_break_stays_and_is_named()
    {
        await using var api = await ApiFixture.Start();
        static JsonObject Cut(bool needsInput, string package) => Manifests.Plain("cut").With(job =>
        {
            job["packageVersion"] = package;
            job["interface"] = new JsonObject { ["command"] = "x", ["inputs"] = new JsonObject { ["json"] = new JsonArray(new JsonObject { ["name"] = "N", ["type"] = "integer", ["required"] = needsInput }) } };
        });
        await api.Register(Cut(false, "1.0.0"));
        await api.AddRecipeType("Fragile", Definitions.Of(("cut", Definitions.Job("cut"))));
        var edited = (await api.Patch("/v6/job-types/cut/1.0.0/", new JsonObject { ["manifest"] = Cut(true, "1.0.1") })).Expect(200);
        var warning = Assert.Single(edited["warnings"].EnumerateArray());
        Assert.Equal("RECIPE_TYPE_NOT_UPDATED", warning.GetProperty("name").GetString());
        Assert.Contains("fragile", warning.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, await api.PinnedRevision("fragile", "cut"));
        Assert.Equal(2, (await api.Get("/v6/job-types/cut/1.0.0/"))["revision_num"].GetInt32());
    }

    [Fact]
    public async Task Deprecation_climbs_up_and_is_announced()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain("cut"));
        await api.AddRecipeType("Inner", Definitions.Of(("cut", Definitions.Job("cut"))));
        await api.AddRecipeType("Outer", Definitions.Of(("inner", Definitions.Recipe("inner"))));
        var edited = (await api.Patch("/v6/job-types/cut/1.0.0/", new { is_active = false })).Expect(200);
        var warning = Assert.Single(edited["warnings"].EnumerateArray());
        Assert.Equal("DEPRECATED_RECIPES", warning.GetProperty("name").GetString());
        Assert.Contains("inner", warning.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, (await api.Get("/v6/recipe-types/?is_active=false")).Results.Count);

        (await api.Patch("/v6/recipe-types/outer/", new { is_active = true })).Expect(200);
        (await api.Patch("/v6/recipe-types/inner/", new { is_active = true })).Expect(200);
        Assert.Equal(JsonValueKind.Null, (await api.Get("/v6/recipe-types/outer/"))["deprecated"].ValueKind);
        var again = (await api.Patch("/v6/recipe-types/inner/", new { is_active = false })).Expect(200);
        Assert.Contains("outer", Assert.Single(again["warnings"].EnumerateArray()).GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.False((await api.Get("/v6/recipe-types/outer/"))["is_active"].GetBoolean());
    }

    [Fact]
    public async Task Validation_shows_what_a_definition_changes()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain("cut"));
        await api.Register(Manifests.Plain("glue"));
        await api.AddRecipeType("One", Definitions.Of(("cut", Definitions.Job("cut"))));
        var ran = Definitions.Job("glue");
        ran["status"] = "COMPLETED";
        ran["job_id"] = 4;
        var reply = (await api.Post("/v6/recipe-types/validation/", new JsonObject { ["name"] = "one", ["definition"] = Definitions.Of(("cut", ran)) })).Expect(200);
        Assert.True(reply["is_valid"].GetBoolean(), reply.Text);
        Assert.Equal("CHANGED", reply["diff"].GetProperty("nodes").GetProperty("cut").GetProperty("status").GetString());

        var unknown = (await api.Post("/v6/recipe-types/validation/", new JsonObject { ["name"] = "other", ["definition"] = Definitions.Of(("a", Definitions.Job("nowhere"))) })).Expect(200);
        Assert.False(unknown["is_valid"].GetBoolean());
        Assert.Equal("JOB_TYPE_DOES_NOT_EXIST", unknown["errors"][0].GetProperty("name").GetString());
        Assert.Equal("{}", unknown["diff"].GetRawText());

        var needsMore = Definitions.Of();
        needsMore["input"] = new JsonObject { ["files"] = new JsonArray(new JsonObject { ["name"] = "IN" }) };
        var warned = (await api.Post("/v6/recipe-types/validation/", new JsonObject { ["name"] = "one", ["definition"] = needsMore })).Expect(200);
        Assert.True(warned["is_valid"].GetBoolean());
        Assert.Equal("REPROCESS_WARNING", Assert.Single(warned["warnings"].EnumerateArray()).GetProperty("name").GetString());
        (await api.Post("/v6/recipe-types/validation/", new { name = "one" })).Expect(400);
        (await api.Post("/v6/recipe-types/validation/", new { definition = new[] { 1 } })).Expect(400);
    }
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_dry_run_shows_who_would_follow_and_changes_nothing(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifests.Plain("cut"));
        await api.AddRecipeType("Inner", Definitions.Of());
        await api.AddRecipeType("Left", Definitions.Of(("inner", Definitions.Recipe("inner"))));
        await api.AddRecipeType("Right", Definitions.Of(("inner", Definitions.Recipe("inner"))));
        await api.AddRecipeType("Top", Definitions.Of(("left", Definitions.Recipe("left")), ("right", Definitions.Recipe("right"))));
        var change = new JsonObject { ["definition"] = Definitions.Of(("cut", Definitions.Job("cut"))), ["dry_run"] = true };
        var dry = (await api.Patch("/v6/recipe-types/inner/", change)).Expect(200);
        Assert.Equal("NEW", dry["diff"].GetProperty("nodes").GetProperty("cut").GetProperty("status").GetString());
        Assert.Equal(["left 2", "right 2", "top 2"], Raised(dry).Order());
        Assert.Equal(1, (await api.Get("/v6/recipe-types/inner/"))["revision_num"].GetInt32());
        Assert.Equal(1, (await api.Get("/v6/recipe-types/top/"))["revision_num"].GetInt32());

        change["dry_run"] = false;
        var done = (await api.Patch("/v6/recipe-types/inner/", change)).Expect(200);
        Assert.Equal("{}", done["diff"].GetRawText());
        Assert.Equal("top 2", Raised(done)[^1]);
        Assert.Equal(2, (await api.Get("/v6/recipe-types/top/"))["revision_num"].GetInt32());

        change["auto_update"] = false;
        Assert.Empty((await api.Patch("/v6/recipe-types/inner/", change)).Expect(200)["updated_recipe_types"].EnumerateArray());
        Assert.Equal(2, await api.PinnedRevision("left", "inner"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_recipe_type_that_could_not_follow_says_why_until_it_does(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.AddRecipeType("Inner", Definitions.Of());
        await api.AddRecipeType("Outer", Definitions.Of(("inner", Definitions.Recipe("inner"))));
        await api.AddRecipeType("Top", Definitions.Of(("outer", Definitions.Recipe("outer"))));
        var demanding = Definitions.Of();
        demanding["input"] = new JsonObject { ["json"] = new JsonArray(new JsonObject { ["name"] = "LEVEL", ["type"] = "integer" }) };
        var edited = (await api.Patch("/v6/recipe-types/inner/", new JsonObject { ["definition"] = demanding })).Expect(200);
        Assert.Equal("RECIPE_TYPE_NOT_UPDATED", Assert.Single(edited["warnings"].EnumerateArray()).GetProperty("name").GetString());
        Assert.Contains("LEVEL", (await api.Get("/v6/recipe-types/outer/"))["auto_update_error"].GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await api.Get("/v6/recipe-types/top/"))["auto_update_error"].ValueKind);
        Assert.Equal(1, (await api.Get("/v6/recipe-types/top/"))["revision_num"].GetInt32());

        (await api.Patch("/v6/recipe-types/outer/", new JsonObject { ["definition"] = Definitions.Of() })).Expect(200);
        Assert.Equal(JsonValueKind.Null, (await api.Get("/v6/recipe-types/outer/"))["auto_update_error"].ValueKind);
    }

    [Fact]
    public async Task Any_two_revisions_are_compared()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain("cut"));
        await api.AddRecipeType("One", Definitions.Of());
        (await api.Patch("/v6/recipe-types/one/", new JsonObject { ["definition"] = Definitions.Of(("cut", Definitions.Job("cut"))) })).Expect(200);
        (await api.Patch("/v6/recipe-types/one/", new JsonObject { ["definition"] = Definitions.Of(("cut", Definitions.Job("cut")), ("again", Definitions.Job("cut"))) })).Expect(200);

        var latest = (await api.Get("/v6/recipe-types/one/diff/?from=1")).Expect(200);
        Assert.Equal((1, 3, 2), (latest["from"].GetInt32(), latest["to"].GetInt32(), latest["diff"].GetProperty("nodes").EnumerateObject().Count()));
        var back = (await api.Get("/v6/recipe-types/one/diff/?from=2&to=1")).Expect(200);
        Assert.Equal("DELETED", back["diff"].GetProperty("nodes").GetProperty("cut").GetProperty("status").GetString());
        Assert.Equal("one", back["recipe_type"].GetProperty("name").GetString());
        (await api.Get("/v6/recipe-types/one/diff/")).Expect(400);
        (await api.Get("/v6/recipe-types/one/diff/?from=1&to=x")).Expect(400);
        (await api.Get("/v6/recipe-types/one/diff/?from=9")).Expect(404);
        (await api.Get("/v6/recipe-types/one/diff/?from=1&to=9")).Expect(404);
        (await api.Get("/v6/recipe-types/none/diff/?from=1")).Expect(404);
    }

    [Fact]
    public async Task Validation_shows_everything_that_is_wrong_the_first_stage_first()
    {
        await using var api = await ApiFixture.Start();
        await api.AddRecipeType("Inner", Definitions.Of());
        var nodes = new JsonObject
        {
            ["a"] = Node(Definitions.Job("nowhere"), "missing"),
            ["b"] = Node(Definitions.Recipe("inner", 7), "c"),
            ["c"] = Node(Definitions.Recipe("nowhere"), "b"),
        };
        var reply = (await api.Post("/v6/recipe-types/validation/", new JsonObject { ["definition"] = new JsonObject { ["nodes"] = nodes } })).Expect(200);
        Assert.False(reply["is_valid"].GetBoolean());
        Assert.Equal(
            ["UNKNOWN_NODE", "CIRCULAR_DEPENDENCY", "JOB_TYPE_DOES_NOT_EXIST", "RECIPE_TYPE_DOES_NOT_EXIST", "RECIPE_TYPE_DOES_NOT_EXIST"],
            reply["errors"].EnumerateArray().Select(e => e.GetProperty("name").GetString()));
    }

    private static JsonObject Node(JsonObject type, params string[] dependencies) => new()
    {
        ["dependencies"] = new JsonArray([.. dependencies.Select(d => (JsonNode)new JsonObject { ["name"] = d })]),
        ["input"] = new JsonObject(),
        ["node_type"] = type,
    };

    private static List<string> Raised(ApiAnswer edited) =>
        [.. edited["updated_recipe_types"].EnumerateArray().Select(t => $"{t.GetProperty("name").GetString()} {t.GetProperty("revision_num").GetInt32()}")];
}
