using System.Globalization;
using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Databases;
using Scale.Tests.Databases;
using Scale.Tests.Documents;

namespace Scale.Api.Tests.Recipes;

/// <summary>Whatever is sent for recipes and their types is carried out or refused: nothing is ever the server's failure, and what was stored can be read.</summary>
public sealed class MutatedRequestTests
{
    private const int Requests = 120;

    private const string Definition =
        """{"version":"7","input":{"files":[{"name":"SCENE","media_types":["image/tiff"],"required":true,"multiple":false}],"json":[{"name":"LEVEL","type":"integer","required":false}]},"nodes":{"tile":{"dependencies":[],"input":{"SCENE":{"type":"recipe","input":"SCENE"},"LEVEL":{"type":"recipe","input":"LEVEL"}},"node_type":{"node_type":"job","job_type_name":"tiler","job_type_version":"1.0.0","job_type_revision":1}},"check":{"dependencies":[{"name":"tile"}],"input":{"TILES":{"type":"dependency","node":"tile","output":"TILES"}},"node_type":{"node_type":"condition","interface":{"files":[{"name":"TILES","media_types":[],"required":false,"multiple":true}],"json":[]},"data_filter":{"all":true,"filters":[{"name":"TILES","type":"media-type","condition":"==","values":["image/tiff"]}]}}},"inner":{"dependencies":[{"name":"check","acceptance":false}],"input":{},"node_type":{"node_type":"recipe","recipe_type_name":"inner","recipe_type_revision":1}}}}""";

    private const string Legacy =
        """{"version":"1.0","input_data":[{"name":"SCENE","type":"file"}],"jobs":[{"name":"tile","job_type":{"name":"tiler","version":"1.0.0"},"recipe_inputs":[{"recipe_input":"SCENE","job_input":"SCENE"}],"dependencies":[]}]}""";

    [Theory]
    [InlineData("POST", "/v6/recipe-types/", "title")]
    [InlineData("POST", "/v6/recipe-types/validation/", "name")]
    [InlineData("PATCH", "/v6/recipe-types/whole/", "title")]
    public Task Definitions_never_break_the_server(string method, string path, string named) => NeverFails(method, path, _ => new JsonObject
    {
        [named] = named == "title" ? "Another" : "whole",
        ["description"] = "About it",
        ["definition"] = JsonNode.Parse(Definition),
        ["auto_update"] = true,
    });

    [Fact]
    public Task Old_definitions_never_break_the_server() =>
        NeverFails("POST", "/v6/recipe-types/validation/", _ => new JsonObject { ["name"] = "whole", ["definition"] = JsonNode.Parse(Legacy) });

    [Fact]
    public Task Inputs_and_configurations_never_break_the_server() => NeverFails("POST", "/v6/recipes/", file => JsonNode.Parse(
        """
        {"recipe_type_id":3,"input":{"version":"7","files":{"SCENE":[FILE]},"json":{"LEVEL":3}},
         "configuration":{"version":"7","mounts":{"m":{"type":"host","host_path":"/data"}},"output_workspaces":{"default":"products","outputs":{"TILES":"products"}},"priority":5,"settings":{"MODE":"x"}}}
        """.Replace("FILE", Text(file), StringComparison.Ordinal))!);

    [Fact]
    public Task Old_inputs_never_break_the_server() => NeverFails("POST", "/v6/recipes/", file => JsonNode.Parse(
        """{"recipe_type_id":3,"input":{"version":"1.0","input_data":[{"name":"SCENE","file_id":FILE},{"name":"LEVEL","value":3}],"workspace_id":1}}""".Replace("FILE", Text(file), StringComparison.Ordinal))!);

    [Theory]
    [InlineData("""{"forced_nodes":{"version":"7","all":false,"nodes":["tile","check"],"sub_recipes":{"inner":{"all":false,"nodes":["deep"],"sub_recipes":{"deep":{"all":true}}}}},"revision_num":1,"dry_run":false}""")]
    [InlineData("""{"version":"7","all":false,"nodes":["tile"],"sub_recipes":{"inner":{"all":true}},"revision_num":1,"dry_run":true}""")]
    public Task Forced_nodes_never_break_the_server(string body) => NeverFails("POST", "/v6/recipes/1/reprocess/", _ => JsonNode.Parse(body)!);

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static async Task NeverFails(string method, string path, Func<long, JsonNode> sound)
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        await seed.JobType("tiler");
        await seed.Workspace("products");
        await seed.RecipeType("deep");
        await seed.RecipeType(
            "inner",
            """{"input":{},"nodes":{"deep":{"dependencies":[],"input":{},"node_type":{"node_type":"recipe","recipe_type_name":"deep","recipe_type_revision":1}}}}""");
        var type = await seed.RecipeType("whole", Definition);
        var file = await seed.File("scene.tif");
        await seed.Recipe(type, r => r.Input = """{"files":{"SCENE":[FILE]},"json":{}}""".Replace("FILE", Text(file.Id), StringComparison.Ordinal));
        var body = sound(file.Id);
        var whole = await api.Send(new HttpMethod(method), path, body);
        Assert.True(whole.Status is 200 or 201 or 202, whole.Text);

        var random = new Random(path.Length);
        var statuses = new HashSet<int>();
        for (var i = 0; i < Requests; i++)
        {
            // A new title each time, as its name may be taken since.
            if (path == "/v6/recipe-types/")
            {
                body["title"] = $"Type {i}";
            }

            var text = MutatedJson.Of(body, random);
            var answer = await api.Send(new HttpMethod(method), path, text);
            Assert.True(answer.Status is 200 or 201 or 202 or 400 or 404, $"{answer.Status} {answer.Text}: {text}");
            statuses.Add(answer.Status);
        }

        Assert.Contains(400, statuses);
        foreach (var list in new[] { "/v6/recipes/", "/v6/recipe-types/" })
        {
            foreach (var row in (await api.Get(list + "?page_size=1000&order=-id")).Expect(200).Results.Take(20))
            {
                var key = list == "/v6/recipes/" ? Text(row.GetProperty("id").GetInt64()) : row.GetProperty("name").GetString();
                (await api.Get($"{list}{key}/")).Expect(200);
            }
        }
    }
}
