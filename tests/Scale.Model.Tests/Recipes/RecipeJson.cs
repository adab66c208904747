using System.Text.Json.Nodes;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

/// <summary>
/// Definitions in a short notation. Dependencies: <c>"a !b"</c>, where ! is acceptance false. Inputs: <c>"IN=SCENE A=cut.TILES"</c>, from the recipe's
/// input or from a node's output.
/// </summary>
internal static class RecipeJson
{
    public static string Definition(string input, params string[] nodes) => "{\"input\":" + input + ",\"nodes\":{" + string.Join(',', nodes) + "}}";

    public static string Nodes(params string[] nodes) => Definition("{}", nodes);

    public static RecipeDefinition Read(string text) => RecipeDefinition.Parse(System.Text.Json.JsonElement.Parse(text)).Required();

    public static string Node(string name, string type, string dependencies = "", string input = "")
    {
        var json = new JsonObject
        {
            ["dependencies"] = new JsonArray(Split(dependencies).Select(d => (JsonNode)new JsonObject { ["name"] = d.TrimStart('!'), ["acceptance"] = !d.StartsWith('!') }).ToArray()),
            ["input"] = new JsonObject(Split(input).Select(i => i.Split('=')).Select(i => KeyValuePair.Create(i[0], (JsonNode?)Connection(i[1].Split('.'))))),
            ["node_type"] = JsonNode.Parse(type),
        };
        return $"{JsonValue.Create(name).ToJsonString()}:{json.ToJsonString()}";
    }

    public static string Job(string name, int revision = 1) =>
        $$"""{"node_type":"job","job_type_name":"{{name}}","job_type_version":"1.0.0","job_type_revision":{{revision}}}""";

    public static string Recipe(string name, int revision = 1) =>
        $$"""{"node_type":"recipe","recipe_type_name":"{{name}}","recipe_type_revision":{{revision}}}""";

    public static string Condition(string @interface = "{}", string filter = "{}") =>
        "{\"node_type\":\"condition\",\"interface\":" + @interface + ",\"data_filter\":" + filter + "}";

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static JsonObject Connection(string[] source) => source.Length == 1
        ? new JsonObject { ["type"] = "recipe", ["input"] = source[0] }
        : new JsonObject { ["type"] = "dependency", ["node"] = source[0], ["output"] = source[1] };
}
