using System.Text.Json.Nodes;

namespace Scale.Engine.Tests.Recipes;

/// <summary>
/// Recipe definitions and manifests in a short notation. Dependencies: <c>"a !b"</c>, where ! is acceptance false. Inputs: <c>"IN=SCENE A=cut.TILES"</c>,
/// from the recipe's input or from a node's output.
/// </summary>
internal static class Definitions
{
    public const string SceneInput = """{"files":[{"name":"SCENE","media_types":["image/tiff"]}],"json":[]}""";

    public static string Definition(string input, params string[] nodes) => $$"""{"version":"7","input":{{input}},"nodes":{""" + string.Join(',', nodes) + "}}";

    /// <summary>Nodes <c>a</c> to <c>c</c>, each on the output of the one before.</summary>
    public static string Chain(int revision = 1) => Definition(SceneInput,
        Node("a", Job("work"), "", "IN=SCENE"),
        Node("b", Job("work", revision), "a", "IN=a.OUT"),
        Node("c", Job("work"), "b", "IN=b.OUT"));

    public static string Node(string name, string type, string dependencies = "", string input = "")
    {
        var json = new JsonObject
        {
            ["dependencies"] = new JsonArray([.. Split(dependencies).Select(d => (JsonNode)new JsonObject { ["name"] = d.TrimStart('!'), ["acceptance"] = !d.StartsWith('!') })]),
            ["input"] = new JsonObject(Split(input).Select(i => i.Split('=')).Select(i => KeyValuePair.Create(i[0], (JsonNode?)Connection(i[1].Split('.'))))),
            ["node_type"] = JsonNode.Parse(type),
        };
        return $"{JsonValue.Create(name).ToJsonString()}:{json.ToJsonString()}";
    }

    public static string Job(string name, int revision = 1) =>
        $$"""{"node_type":"job","job_type_name":"{{name}}","job_type_version":"1.0.0","job_type_revision":{{revision}}}""";

    public static string Recipe(string name, int revision = 1) =>
        $$"""{"node_type":"recipe","recipe_type_name":"{{name}}","recipe_type_revision":{{revision}}}""";

    public static string Condition(string @interface, string filter) =>
        $$"""{"node_type":"condition","interface":{{@interface}},"data_filter":{{filter}}}""";

    public static string Manifest(
        string name,
        string inputs = """{"files":[{"name":"IN","mediaTypes":["image/tiff"]}]}""",
        string outputs = """{"files":[{"name":"OUT","pattern":"*.tif","mediaType":"image/tiff"}]}""",
        string settings = "[]") =>
        $$$"""
        {"seedVersion":"1.0.0","job":{"name":"{{{name}}}","jobVersion":"1.0.0","packageVersion":"1.0.0","title":"{{{name}}}","description":"Does {{{name}}}.",
        "maintainer":{"name":"A. Body","email":"a@example.com"},"timeout":60,"interface":{"command":"{{{name}}}","inputs":{{{inputs}}},"outputs":{{{outputs}}},"settings":{{{settings}}} } } }
        """;

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static JsonObject Connection(string[] source) => source.Length == 1
        ? new JsonObject { ["type"] = "recipe", ["input"] = source[0] }
        : new JsonObject { ["type"] = "dependency", ["node"] = source[0], ["output"] = source[1] };
}
