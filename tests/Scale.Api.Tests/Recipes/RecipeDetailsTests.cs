using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Recipes;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Recipes;

public sealed class RecipeDetailsTests
{
    private const string Definition =
        """{"version":"7","input":{"files":[{"name":"SCENE"}],"json":[]},"nodes":{"tile":{"dependencies":[],"input":{"SCENE":{"type":"recipe","input":"SCENE"}},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1}},"check":{"dependencies":[{"name":"tile"}],"input":{},"node_type":{"node_type":"condition","interface":{"files":[],"json":[]},"data_filter":{"filters":[]}}},"inner":{"dependencies":[{"name":"check"}],"input":{},"node_type":{"node_type":"recipe","recipe_type_name":"inner","recipe_type_revision":1}},"last":{"dependencies":[{"name":"inner"}],"input":{},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1}}}}""";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Details_show_what_stands_at_the_nodes_that_exist(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var jobType = await seed.JobType("tiler");
        await seed.JobType("tiler", "2.0.0");
        var inner = await seed.RecipeType("inner");
        var type = await seed.RecipeType("tile-scene", Definition);
        var happened = await seed.Event();
        var old = await seed.Recipe(type, r => r.IsSuperseded = true);
        var recipe = await seed.Recipe(type, r =>
        {
            r.EventId = happened.Id;
            r.Input = """{"files":{"SCENE":[5]},"json":{}}""";
            r.Configuration = """{"priority":5}""";
            r.SupersededRecipeId = old.Id;
        });
        var job = await seed.Job(jobType, JobStatus.Completed);
        var subRecipe = await seed.Recipe(inner, r => r.JobsTotal = 4);
        var condition = await seed.Add(new RecipeConditionRow { RecipeId = recipe.Id, RootRecipeId = recipe.Id, IsProcessed = true, IsAccepted = true, Created = Seed.Start, LastModified = Seed.Start });
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = "tile", JobId = job.Id });
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = "check", ConditionId = condition.Id });
        await seed.Add(new RecipeNodeRow { RecipeId = recipe.Id, NodeName = "inner", SubRecipeId = subRecipe.Id });

        var shown = (await api.Get($"/v6/recipes/{recipe.Id}/")).Expect(200);
        var nodes = shown["details"].GetProperty("nodes");
        Assert.Equal(["check", "inner", "tile"], nodes.EnumerateObject().Select(n => n.Name).Order());
        Assert.Equal(
            $$$"""{"dependencies":[],"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1,"job_id":{{{job.Id}}},"status":"COMPLETED"}}""",
            nodes.GetProperty("tile").GetRawText());
        Assert.Equal(
            $$$"""{"dependencies":[{"name":"tile"}],"node_type":{"node_type":"condition","condition_id":{{{condition.Id}}},"is_processed":true,"is_accepted":true}}""",
            nodes.GetProperty("check").GetRawText());
        var innerNode = nodes.GetProperty("inner").GetProperty("node_type");
        Assert.Equal(subRecipe.Id, innerNode.GetProperty("recipe_id").GetInt64());
        Assert.Equal("inner", innerNode.GetProperty("recipe_type_name").GetString());
        Assert.Equal(4, innerNode.GetProperty("jobs_total").GetInt32());

        Assert.Equal("tile-scene", shown["recipe_type_rev"].GetProperty("recipe_type").GetProperty("name").GetString());
        Assert.Equal(4, shown["recipe_type_rev"].GetProperty("definition").GetProperty("nodes").EnumerateObject().Count());
        Assert.False(shown["recipe_type_rev"].GetProperty("definition").TryGetProperty("version", out _));
        Assert.Equal(["1.0.0"], shown["job_types"].EnumerateArray().Select(t => t.GetProperty("version").GetString()));
        Assert.Equal(["inner"], shown["sub_recipe_types"].EnumerateArray().Select(t => t.GetProperty("name").GetString()));
        Assert.Equal("admin", shown["event"].GetProperty("description").GetProperty("user").GetString());
        Assert.Equal("""{"files":{"SCENE":[5]},"json":{}}""", shown["input"].GetRawText());
        Assert.Equal(5, shown["configuration"].GetProperty("priority").GetInt32());
        Assert.Equal(old.Id, shown["superseded_recipe"].GetProperty("id").GetInt64());
        Assert.Equal(JsonValueKind.Null, shown["superseded_by_recipe"].ValueKind);
        Assert.Equal(recipe.Id, (await api.Get($"/v6/recipes/{old.Id}/")).Expect(200)["superseded_by_recipe"].GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task An_unknown_recipe_is_404()
    {
        await using var api = await ApiFixture.Start();
        (await api.Get("/v6/recipes/77/")).Expect(404);
    }

    [Fact]
    public async Task A_recipe_is_made_from_the_latest_revision()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        await seed.JobType("tiler");
        await seed.RecipeType("inner");
        await seed.Workspace("products");
        var type = await seed.RecipeType("tile-scene", Definition);
        var file = await seed.File("scene.tif");

        var body = $$$$"""{"recipe_type_id":{{{{type.Id}}}},"input":{"files":{"SCENE":[{{{{file.Id}}}}]},"json":{"UNKNOWN":1}},"configuration":{"priority":5,"output_workspaces":{"default":"products"}}}""";
        var answer = (await api.Post("/v6/recipes/", body)).Expect(201);
        Assert.EndsWith($"/v6/recipes/{answer["id"].GetInt64()}/", answer.Headers["Location"]);
        Assert.Equal($$$"""{"files":{"SCENE":[{{{file.Id}}}]},"json":{}}""", answer["input"].GetRawText());
        Assert.Equal("admin", answer["event"].GetProperty("description").GetProperty("user").GetString());
        Assert.Equal("{}", answer["details"].GetProperty("nodes").GetRawText());
        Assert.Equal(0, answer["jobs_total"].GetInt32());
        Assert.Equal(5, answer["configuration"].GetProperty("priority").GetInt32());
        Assert.Equal(type.RevisionId, answer["recipe_type_rev"].GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task A_recipe_keeps_no_value_for_a_setting_that_a_job_type_below_it_keeps_secret()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain("login").With(job => job["interface"]!["settings"] = JsonNode.Parse("""[{"name":"PASSWORD","secret":true},{"name":"HOST"}]""")));
        await api.AddRecipeType("Inner", Definitions.Of(("login", Definitions.Job("login"))));
        var outer = await api.AddRecipeType("Outer", Definitions.Of(("inner", Definitions.Recipe("inner"))));

        var answer = (await api.Post("/v6/recipes/", $$$$"""{"recipe_type_id":{{{{outer["id"]}}}},"configuration":{"settings":{"PASSWORD":"hush","HOST":"db"}}}""")).Expect(201);

        Assert.Equal("""{"HOST":"db"}""", answer["configuration"].GetProperty("settings").GetRawText());
        Assert.Equal(["SECRET_SETTING"], answer.Warnings);
    }

    [Fact]
    public async Task A_setting_that_becomes_secret_later_is_shown_no_more()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Login("[]"));
        await api.AddRecipeType("Inner", Definitions.Of(("login", Definitions.Job("login"))));
        var outer = await api.AddRecipeType("Outer", Definitions.Of(("inner", Definitions.Recipe("inner"))));
        await using var leader = await JobLeader.Start(api.Database);
        var recipe = (await api.Post("/v6/recipes/", $$$$"""{"recipe_type_id":{{{{outer["id"]}}}},"configuration":{"settings":{"PASSWORD":"hush","HOST":"db"}}}""")).Expect(201)["id"].GetInt64();
        await leader.Settle();
        var inner = (await api.Get($"/v6/recipes/{recipe}/"))["details"].GetProperty("nodes").GetProperty("inner").GetProperty("node_type").GetProperty("recipe_id").GetInt64();
        var job = (await api.Get($"/v6/jobs/?recipe_id={inner}")).Results[0].GetProperty("id").GetInt64();
        string[] shown = [$"/v6/recipes/{recipe}/", $"/v6/recipes/{inner}/", $"/v6/jobs/{job}/", $"/v6/jobs/{job}/executions/1/"];
        foreach (var path in shown)
        {
            Assert.Contains("hush", (await api.Get(path)).Expect(200).Text, StringComparison.Ordinal);
        }

        // The recipe types stay at the revision where it was no secret.
        await api.Register(Login("""["PASSWORD"]"""), ("auto_update", false));
        foreach (var path in shown)
        {
            var text = (await api.Get(path)).Expect(200).Text;
            Assert.DoesNotContain("hush", text, StringComparison.Ordinal);
            Assert.Contains("\"HOST\":\"db\"", text, StringComparison.Ordinal);
        }

        static JsonObject Login(string secrets) => Manifests.Plain("login").With(job => job["interface"]!["settings"] = new JsonArray(
            [.. new[] { "PASSWORD", "HOST" }.Select(n => new JsonObject { ["name"] = n, ["secret"] = secrets.Contains(n, StringComparison.Ordinal) })]));
    }

    [Fact]
    public async Task The_workspace_of_old_input_is_where_products_go_unless_the_configuration_says_more()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var type = await seed.RecipeType("simple");
        var workspace = await seed.Workspace("old-products");
        await seed.Workspace("products");
        async Task<string?> Default(string rest) =>
            (await api.Post("/v6/recipes/", $"{{\"recipe_type_id\":{type.Id},{rest}}}")).Expect(201)["configuration"].GetProperty("output_workspaces").GetProperty("default").GetString();
        var old = $"\"input\":{{\"version\":\"1.0\",\"input_data\":[],\"workspace_id\":{workspace.Id}}}";
        Assert.Equal("old-products", await Default(old));
        Assert.Equal("products", await Default(old + ",\"configuration\":{\"output_workspaces\":{\"default\":\"products\"}}"));
        (await api.Post("/v6/recipes/", $"{{\"recipe_type_id\":{type.Id},\"input\":{{\"version\":\"1.0\",\"input_data\":[],\"workspace_id\":99}}}}")).Expect(400);
    }

    [Theory]
    [InlineData("""{}""", 400)]
    [InlineData("""{"recipe_type_id":"x"}""", 400)]
    [InlineData("""{"recipe_type_id":99}""", 404)]
    [InlineData("""{"recipe_type_id":99,"input":{"files":3}}""", 400)]
    [InlineData("""{"recipe_type_id":1,"input":[]}""", 400)]
    [InlineData("""{"recipe_type_id":1,"input":{}}""", 400)]
    [InlineData("""{"recipe_type_id":1,"input":{"files":{"SCENE":[77]}}}""", 400)]
    [InlineData("""{"recipe_type_id":1,"input":{"files":{"SCENE":[1,2]}}}""", 400)]
    [InlineData("""{"recipe_type_id":1,"input":{"files":{"SCENE":[1]}},"configuration":{"priority":0}}""", 400)]
    [InlineData("""{"recipe_type_id":1,"input":{"files":{"SCENE":[1]}},"configuration":{"unknown":1}}""", 400)]
    [InlineData("""{"recipe_type_id":1,"input":{"files":{"SCENE":[1]}},"configuration":{"output_workspaces":{"default":"nowhere"}}}""", 400)]
    [InlineData("""{"recipe_type_id":2,"input":{"files":{"SCENE":[1]}}}""", 400)]
    public async Task What_can_not_run_is_refused_and_leaves_nothing(string body, int status)
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        await seed.RecipeType("tile-scene", """{"version":"7","input":{"files":[{"name":"SCENE"}],"json":[]},"nodes":{}}""");
        await seed.RecipeType("inactive", """{"version":"7","input":{"files":[{"name":"SCENE"}],"json":[]},"nodes":{}}""", t => t.IsActive = false);
        await seed.File("scene.tif");
        await seed.File("scene2.tif");
        (await api.Post("/v6/recipes/", body)).Expect(status);
        Assert.Equal(0, (await api.Get("/v6/recipes/")).Expect(200)["count"].GetInt32());
    }
}
