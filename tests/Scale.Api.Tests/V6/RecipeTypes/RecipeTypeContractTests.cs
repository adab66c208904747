using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;

namespace Scale.Api.Tests.V6.RecipeTypes;

/// <summary>What recipes.md asks of recipe types beyond the reference, over HTTP.</summary>
public sealed class RecipeTypeContractTests
{
    private const string Cut = """{"node_type":"job","job_type_name":"cut","job_type_version":"1.0.0","job_type_revision":1}""";
    private const string Make = """{"node_type":"job","job_type_name":"make","job_type_version":"1.0.0","job_type_revision":1}""";

    [Theory]
    [InlineData("""{"version":"5"}""", "INVALID_DEFINITION")]
    [InlineData("""{"extra":1}""", "INVALID_DEFINITION")]
    [InlineData("""{"jobs":[]}""", "INVALID_DEFINITION")]
    [InlineData("""{"nodes":{"a":{"dependencies":[],"input":{},"node_type":{"node_type":"other"}}}}""", "INVALID_DEFINITION_JSON")]
    [InlineData("""{"nodes":{"a":{"dependencies":[],"input":{"IN":{"type":"other"}},"node_type":CUT}}}""", "INVALID_DEFINITION_JSON")]
    [InlineData("""{"nodes":{"a":{"dependencies":[{"name":"none"}],"input":{"IN":{"type":"recipe","input":"SCENE"}},"node_type":CUT}},"input":{"files":[{"name":"SCENE"}]}}""", "UNKNOWN_NODE")]
    [InlineData("""{"nodes":{"a":{"dependencies":[],"input":{"IN":{"type":"recipe","input":"NONE"}},"node_type":CUT}}}""", "UNKNOWN_INPUT")]
    [InlineData("""{"nodes":{"r":{"dependencies":[],"input":{},"node_type":RECIPE},"a":{"dependencies":[{"name":"r"}],"input":{"IN":{"type":"dependency","node":"r","output":"X"}},"node_type":CUT}}}""", "CONNECTION_INVALID_NODE")]
    [InlineData("""{"input":{"files":[{"name":"A"}],"json":[{"name":"A","type":"string"}]}}""", "INPUT_INTERFACE")]
    [InlineData("""{"nodes":{"m":{"dependencies":[{"name":"m"}],"input":{},"node_type":MAKE}}}""", "CIRCULAR_DEPENDENCY")]
    [InlineData("""{"nodes":{"m":{"dependencies":[],"input":{},"node_type":{"node_type":"job","job_type_name":"make","job_type_version":"1.0.0","job_type_revision":9}}}}""", "JOB_TYPE_DOES_NOT_EXIST")]
    [InlineData("""{"nodes":{"m":{"dependencies":[],"input":{},"node_type":{"node_type":"recipe","recipe_type_name":"inner","recipe_type_revision":9}}}}""", "RECIPE_TYPE_DOES_NOT_EXIST")]
    [InlineData("""{"nodes":{"a":{"dependencies":[],"input":{},"node_type":CUT}}}""", "NODE_INTERFACE")]
    [InlineData("""{"nodes":{"m":{"dependencies":[],"input":{},"node_type":MAKE},"a":{"dependencies":[],"input":{"IN":{"type":"dependency","node":"m","output":"OUT"}},"node_type":CUT}}}""", "NODE_INTERFACE")]
    [InlineData("""{"nodes":{"c":{"dependencies":[],"input":{},"node_type":{"node_type":"condition","interface":{},"data_filter":{"filters":[{"name":"A","type":"string","condition":"==","values":["a"],"fields":[["x"],["y"]]}]}}}}}""", "INVALID_FIELDS")]
    public async Task Every_error_has_its_name(string definition, string errors)
    {
        await using var api = await ApiFixture.Start();
        await Prepare(api);
        var text = definition.Replace("CUT", Cut, StringComparison.Ordinal).Replace("MAKE", Make, StringComparison.Ordinal)
            .Replace("RECIPE}", """{"node_type":"recipe","recipe_type_name":"inner","recipe_type_revision":1}}""", StringComparison.Ordinal);
        var reply = (await api.Post("/v6/recipe-types/validation/", $$"""{"definition":{{text}}}""")).Expect(200);
        Assert.Equal(errors, string.Join(' ', reply["errors"].EnumerateArray().Select(e => e.GetProperty("name").GetString())));
        Assert.Equal("{}", reply["diff"].GetRawText());

        // Creation says the first of them.
        var refused = (await api.Post("/v6/recipe-types/", $$"""{"title":"x","definition":{{text}}}""")).Expect(400);
        Assert.Equal(reply["errors"][0].GetProperty("description").GetString(), refused.Detail);
    }

    [Fact]
    public async Task What_fails_inside_an_alternative_is_told_once_for_each_of_them()
    {
        await using var api = await ApiFixture.Start();
        var reply = (await api.Post("/v6/recipe-types/validation/", """{"definition":{"nodes":{"odd one":{"dependencies":[],"input":{},"node_type":{"node_type":"other"}}}}}""")).Expect(200);
        var alternatives = JsonSerializer.Deserialize<List<string>>(reply["errors"][0].GetProperty("description").GetString()!)!;
        Assert.NotEmpty(alternatives);
        Assert.All(alternatives, a => Assert.Contains("odd one", a, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_recipe_type_never_contains_itself_however_deep()
    {
        await using var api = await ApiFixture.Start();
        await api.AddRecipeType("Inner", Definitions.Of());
        await api.AddRecipeType("Middle", Definitions.Of(("inner", Definitions.Recipe("inner"))));
        async Task<string> Error(string name, JsonObject definition)
        {
            var error = (await api.Post("/v6/recipe-types/validation/", new JsonObject { ["name"] = name, ["definition"] = definition.DeepClone() })).Expect(200)["errors"][0];
            (await api.Patch($"/v6/recipe-types/{name}/", new JsonObject { ["definition"] = definition })).Expect(400);
            return $"{error.GetProperty("name").GetString()}: {error.GetProperty("description").GetString()}";
        }

        var deep = await Error("inner", Definitions.Of(("m", Definitions.Recipe("middle"))));
        Assert.StartsWith("RECURSIVE_SUBRECIPES", deep, StringComparison.Ordinal);
        Assert.Contains("middle", deep, StringComparison.Ordinal);
        Assert.StartsWith("RECURSIVE_SUBRECIPES", await Error("inner", Definitions.Of(("m", Definitions.Recipe("inner")))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_the_first_thirty_characters_of_what_is_left_of_a_title()
    {
        await using var api = await ApiFixture.Start();
        Assert.Equal("tile-sc-ne-no-1", (await api.AddRecipeType("  Tilé  sc_ne! - (no) 1", Definitions.Of()))["name"].GetString());
        var longTitle = new string('a', 30);
        await api.AddRecipeType(longTitle + "b", Definitions.Of());
        (await api.Post("/v6/recipe-types/", new JsonObject { ["title"] = longTitle + "c", ["definition"] = Definitions.Of() })).Expect(400);
        (await api.Get($"/v6/recipe-types/{longTitle}/")).Expect(200);
    }

    [Fact]
    public async Task Edits_take_what_is_given_and_make_a_revision_for_every_definition()
    {
        await using var api = await ApiFixture.Start();
        await api.AddRecipeType("One", Definitions.Of());
        (await api.Patch("/v6/recipe-types/one/", """{"definition":{},"title":null,"unknown":1,"description":"new"}""")).Expect(200);
        var shown = await api.Get("/v6/recipe-types/one/");
        Assert.Equal((1, "One", "new"), (shown["revision_num"].GetInt32(), shown["title"].GetString(), shown["description"].GetString()));
        (await api.Patch("/v6/recipe-types/one/", new JsonObject { ["definition"] = Definitions.Of() })).Expect(200);
        Assert.Equal(2, (await api.Get("/v6/recipe-types/one/"))["revision_num"].GetInt32());
        (await api.Patch("/v6/recipe-types/one/", new { title = new string('x', 51) })).Expect(400);
        (await api.Patch("/v6/recipe-types/none/", new { title = "x" })).Expect(404);
        Assert.Equal([2, 1], (await api.Get("/v6/recipe-types/one/revisions/")).Results.Select(r => r.GetProperty("revision_num").GetInt32()));
        Assert.Empty((await api.Get("/v6/recipe-types/none/revisions/")).Expect(200).Results);
        (await api.Get("/v6/recipe-types/one/revisions/3/")).Expect(404);
        Assert.False((await api.Get("/v6/recipe-types/one/revisions/2/"))["recipe_type"].TryGetProperty("definition", out _));
        (await api.Get("/v6/recipe-types/?order=colour")).Expect(400);
    }

    [Fact]
    public async Task What_is_shown_can_be_posted_again()
    {
        await using var api = await ApiFixture.Start();
        await Prepare(api);
        var condition = """{"node_type":"condition","interface":{"files":[{"name":"Old name 1"}]}}""";
        var definition = """{"version":"6","input":{"files":[{"name":"SCENE"}]},"nodes":{"c":{"dependencies":[],"input":{"Old name 1":{"type":"recipe","input":"SCENE"}},"node_type":CONDITION},"a":{"dependencies":[{"name":"c"}],"input":{"IN":{"type":"dependency","node":"c","output":"Old name 1"}},"node_type":CUT}}}"""
            .Replace("CONDITION", condition, StringComparison.Ordinal).Replace("CUT", Cut, StringComparison.Ordinal);
        var made = (await api.Post("/v6/recipe-types/", $$"""{"title":"x","definition":{{definition}}}""")).Expect(201)["definition"];
        Assert.False(made.TryGetProperty("version", out _));
        Assert.True(made.GetProperty("nodes").GetProperty("a").GetProperty("dependencies")[0].GetProperty("acceptance").GetBoolean());
        var shown = made.GetProperty("nodes").GetProperty("c").GetProperty("node_type");
        Assert.Equal(("7", true, 0), (shown.GetProperty("interface").GetProperty("version").GetString(), shown.GetProperty("data_filter").GetProperty("all").GetBoolean(), shown.GetProperty("data_filter").GetProperty("filters").GetArrayLength()));
        var again = (await api.Post("/v6/recipe-types/", $$"""{"title":"y","definition":{{made.GetRawText()}}}""")).Expect(201)["definition"];
        Assert.Equal(made.GetRawText(), again.GetRawText());
    }

    [Fact]
    public async Task Definitions_of_version_1_are_converted_with_the_current_revisions()
    {
        await using var api = await ApiFixture.Start();
        await Prepare(api);
        (await api.Patch("/v6/job-types/cut/1.0.0/", """{"docker_image":"dir:other"}""")).Expect(200);
        var old = """{"version":"1.0","input_data":[{"name":"The scene","type":"file"},{"name":"Mode","type":"property","required":false}],"jobs":[{"name":"a","job_type":{"name":"cut","version":"1.0.0"},"recipe_inputs":[{"recipe_input":"The scene","job_input":"IN"}],"dependencies":[]}]}""";
        var made = (await api.Post("/v6/recipe-types/", $$"""{"title":"Old","definition":{{old}}}""")).Expect(201)["definition"];
        Assert.Equal(2, made.GetProperty("nodes").GetProperty("a").GetProperty("node_type").GetProperty("job_type_revision").GetInt32());
        Assert.Equal("string", made.GetProperty("input").GetProperty("json")[0].GetProperty("type").GetString());
        var missing = old.Replace("\"cut\"", "\"nowhere\"", StringComparison.Ordinal);
        var reply = (await api.Post("/v6/recipe-types/validation/", $$"""{"definition":{{missing}}}""")).Expect(200);
        Assert.Equal("JOB_TYPE_DOES_NOT_EXIST", reply["errors"][0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task An_inactive_type_may_be_contained_and_activation_does_not_climb()
    {
        await using var api = await ApiFixture.Start();
        await Prepare(api);
        (await api.Patch("/v6/job-types/make/1.0.0/", """{"is_active":false}""")).Expect(200);
        await api.AddRecipeType("One", Definitions.Of(("m", Definitions.Job("make"))));
        await api.AddRecipeType("Two", Definitions.Of(("one", Definitions.Recipe("one"))));
        var edited = (await api.Patch("/v6/recipe-types/one/", """{"is_active":false}""")).Expect(200);
        Assert.Equal(["DEPRECATED_RECIPES"], edited.Warnings);
        Assert.NotEqual(JsonValueKind.Null, (await api.Get("/v6/recipe-types/two/"))["deprecated"].ValueKind);
        Assert.Empty((await api.Patch("/v6/recipe-types/one/", """{"is_active":true}""")).Expect(200).Warnings);
        Assert.False((await api.Get("/v6/recipe-types/two/"))["is_active"].GetBoolean());
    }

    private static async Task Prepare(ApiFixture api)
    {
        await api.AddWorkspace("products");
        await api.AddRecipeType("Inner", Definitions.Of());
        await api.Register(Manifests.Plain("make").With(job => job["interface"] = JsonNode.Parse("""{"outputs":{"files":[{"name":"OUT","pattern":"*"}]}}""")), Products());
        await api.Register(Manifests.Plain("cut").With(job => job["interface"] = JsonNode.Parse("""{"inputs":{"files":[{"name":"IN"}]}}""")));
    }

    private static (string, JsonNode?) Products() => ("configuration", JsonNode.Parse("""{"output_workspaces":{"default":"products"}}"""));
}
