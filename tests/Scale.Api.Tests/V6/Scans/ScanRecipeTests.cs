using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.Scans;

/// <summary>Recipes that ingested files start (storage-and-ingest.md §7.3, recipes.md §13).</summary>
public sealed class ScanRecipeTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_file_goes_into_the_first_file_input_of_the_revision_that_is_asked_for(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifests.Plain("look"));
        var inputs = """{"json":[{"name":"A_LEVEL","type":"integer","required":false}],"files":[{"name":"SECOND_BY_NAME","multiple":true},{"name":"FIRST_BY_NAME","required":false}]}""";
        var definition = Definitions.Of(("look", Definitions.Job("look")), ("inner", Definitions.Recipe("inner")));
        definition["input"] = JsonNode.Parse(inputs);
        await api.AddRecipeType("Inner", Definitions.Of(("look", Definitions.Job("look"))));
        await api.AddRecipeType("Outer", definition.DeepClone().AsObject());
        definition["nodes"]!.AsObject().Remove("look");
        (await api.Patch("/v6/recipe-types/outer/", new JsonObject { ["definition"] = definition })).Expect(200);

        var pinned = await Ingest(api, "pinned", new { name = "outer", revision_num = 1 });
        var latest = await Ingest(api, "latest", new { name = "outer" });
        await using (var leader = await JobLeader.Start(api.Database))
        {
            await leader.Settle();
        }

        var recipe = await Recipe(api, pinned);
        Assert.Equal((1, 2), (Revision(recipe), Revision(await Recipe(api, latest))));
        var file = pinned.GetProperty("source_file").GetProperty("id").GetInt64();
        Assert.Equal($$$"""{"files":{"SECOND_BY_NAME":[{{{file}}}]},"json":{}}""", recipe["input"].GetRawText());
        Assert.Equal("SCAN_INGEST", recipe["event"].GetProperty("type").GetString());
        Assert.Equal($$"""{"version":"1.0","file_id":{{file}},"file_name":"pinned.txt"}""", recipe["event"].GetProperty("description").GetRawText());
        Assert.Equal("SCAN", recipe["ingest_event"].GetProperty("type").GetString());

        // Its jobs and those of its sub-recipes say the same.
        var jobs = (await api.Get("/v6/jobs/?job_type_name=look")).Results;
        Assert.Equal(3, jobs.Count);
        Assert.Equal(2, jobs.Count(j => j.GetProperty("ingest_event").GetProperty("id").GetInt64() == recipe["ingest_event"].GetProperty("id").GetInt64()));
    }

    [Theory]
    [InlineData("""{"files":[{"name":"SCENE"}]}""", false, "is not active")]
    [InlineData("""{"json":[{"name":"LEVEL","type":"integer","required":false}]}""", true, "has no file input")]
    [InlineData("""{"files":[{"name":"SCENE"},{"name":"MASK"}]}""", true, "MASK")]
    public async Task A_recipe_that_can_not_start_leaves_the_file_ingested_and_says_why(string inputs, bool isActive, string why)
    {
        await using var api = await ApiFixture.Start();
        var definition = Definitions.Of();
        definition["input"] = JsonNode.Parse(inputs);
        await api.AddRecipeType("Outer", definition);
        (await api.Patch("/v6/recipe-types/outer/", new { is_active = isActive })).Expect(200);
        var ingest = await Ingest(api, "a", new { name = "outer" });
        Assert.Equal("INGESTED", ingest.GetProperty("status").GetString());
        Assert.Contains(why, ingest.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Empty((await api.Get("/v6/recipes/")).Results);
    }

    [Theory]
    [InlineData("""{"name":"outer","revision_num":2}""", "revision")]
    [InlineData("""{"name":"outer","revision_num":"1"}""", "revision_num")]
    [InlineData("""{"name":"outer","extra":1}""", "extra")]
    [InlineData("""{"revision_num":1}""", "name")]
    public async Task What_names_no_recipe_is_refused(string recipe, string named)
    {
        await using var api = await ApiFixture.Start();
        await api.AddWorkspace("landing");
        await api.AddRecipeType("Outer", Definitions.Of());
        var body = $$$"""{"title":"x","configuration":{"workspace":"landing","scanner":{"type":"dir"},"files_to_ingest":[{"filename_regex":".*"}],"recipe":{{{recipe}}}}}""";
        Assert.Contains(named, (await api.Post("/v6/scans/", body)).Expect(400).Detail, StringComparison.Ordinal);
    }

    /// <summary>One file of that name, ingested by a scan of a workspace of its own.</summary>
    private static async Task<JsonElement> Ingest(ApiFixture api, string name, object recipe)
    {
        var (_, path) = await api.AddWorkspace(name);
        await File.WriteAllTextAsync(Path.Combine(path, name + ".txt"), "x", TestContext.Current.CancellationToken);
        var configuration = new { workspace = name, scanner = new { type = "dir" }, files_to_ingest = new[] { new { filename_regex = ".*" } }, recipe };
        var id = (await api.Post("/v6/scans/", new { title = name, configuration })).Expect(201)["id"].GetInt64();
        (await api.Post($"/v6/scans/{id}/process/", new { ingest = true })).Expect(201);
        await (await ScanLeader.Start(api.Database)).RunAll();
        return (await api.Get($"/v6/ingests/?scan_id={id}")).Results.Single();
    }

    private static async Task<ApiAnswer> Recipe(ApiFixture api, JsonElement ingest)
    {
        await using var session = await api.Database.Read();
        var id = await session.QueryFirst(
            "SELECT r.id FROM recipe r JOIN ingest_event e ON e.id = r.ingest_event_id WHERE e.ingest_id = @ingest AND r.recipe_id IS NULL",
            r => r.GetInt64(0), ("ingest", ingest.GetProperty("id").GetInt64()));
        return (await api.Get($"/v6/recipes/{id}/")).Expect(200);
    }

    private static int Revision(ApiAnswer recipe) => recipe["recipe_type_rev"].GetProperty("revision_num").GetInt32();
}
