using System.Text.Json.Nodes;

namespace Scale.Api.Tests.Hosting;

/// <summary>Small recipe definitions.</summary>
public static class Definitions
{
    public static JsonObject Of(params (string Node, JsonObject Type)[] nodes) => new()
    {
        ["input"] = new JsonObject { ["files"] = new JsonArray(), ["json"] = new JsonArray() },
        ["nodes"] = new JsonObject(nodes.Select(n => KeyValuePair.Create(n.Node, (JsonNode?)new JsonObject
        {
            ["dependencies"] = new JsonArray(),
            ["input"] = new JsonObject(),
            ["node_type"] = n.Type,
        }))),
    };

    public static JsonObject Job(string name, int revision = 1, string version = "1.0.0") => new()
    {
        ["node_type"] = "job",
        ["job_type_name"] = name,
        ["job_type_version"] = version,
        ["job_type_revision"] = revision,
    };

    public static JsonObject Recipe(string name, int revision = 1) => new() { ["node_type"] = "recipe", ["recipe_type_name"] = name, ["recipe_type_revision"] = revision };

    /// <returns>The answer's body.</returns>
    public static async Task<ApiAnswer> AddRecipeType(this ApiFixture api, string title, JsonObject definition) =>
        (await api.Post("/v6/recipe-types/", new JsonObject { ["title"] = title, ["description"] = $"About {title}", ["definition"] = definition })).Expect(201);

    /// <summary>The revision that a node of the current definition pins.</summary>
    public static async Task<int> PinnedRevision(this ApiFixture api, string recipeType, string node)
    {
        var type = (await api.Get($"/v6/recipe-types/{recipeType}/")).Expect(200)["definition"].GetProperty("nodes").GetProperty(node).GetProperty("node_type");
        return type.TryGetProperty("job_type_revision", out var job) ? job.GetInt32() : type.GetProperty("recipe_type_revision").GetInt32();
    }
}
