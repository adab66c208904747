using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

public class RecipeDefinitionTests
{
    private const string Job =
        """{"node_type":"job","job_type_name":"cutter","job_type_version":"1.0.0","job_type_revision":1}""";

    /// <summary>The example of recipes.md §4.1.</summary>
    internal const string Example = """
        {"version": "7",
         "input": {"files": [{"name": "SCENE", "media_types": ["image/tiff"], "required": true, "multiple": false}], "json": []},
         "nodes": {
          "cut":  {"dependencies": [], "input": {"IN": {"type": "recipe", "input": "SCENE"}},
                   "node_type": {"node_type": "job", "job_type_name": "cutter", "job_type_version": "1.0.0", "job_type_revision": 4}},
          "scan": {"dependencies": [{"name": "any", "acceptance": true}], "input": {"TILES": {"type": "dependency", "node": "any", "output": "TILES"}},
                   "node_type": {"node_type": "recipe", "recipe_type_name": "scan-tiles", "recipe_type_revision": 2}},
          "any":  {"dependencies": [{"name": "cut"}], "input": {"TILES": {"type": "dependency", "node": "cut", "output": "TILES"}},
                   "node_type": {"node_type": "condition",
                    "interface": {"files": [{"name": "TILES", "media_types": ["image/png"], "required": false, "multiple": true}], "json": []},
                    "data_filter": {"all": true, "filters": [{"name": "TILES", "type": "media-type", "condition": "==", "values": ["image/png"]}]}}},
          "note": {"dependencies": [{"name": "any", "acceptance": false}], "input": {"IN": {"type": "recipe", "input": "SCENE"}},
                   "node_type": {"node_type": "job", "job_type_name": "report-empty", "job_type_version": "1.0.0", "job_type_revision": 1}}}}
        """;

    private static IReadOnlyList<Problem> Errors(string text) => RecipeDefinition.Parse(JsonElement.Parse(text)).Errors;

    private static string Node(string name, string dependencies = "", string input = "", string type = Job) => RecipeJson.Node(name, type, dependencies, input);

    private static string Nodes(params string[] nodes) => RecipeJson.Nodes(nodes);

    [Fact]
    public void The_graph_has_parents_before_children_and_edges_by_index()
    {
        var graph = RecipeJson.Read(Example).Graph;
        Assert.Equal(["cut", "any", "scan", "note"], graph.Nodes.Select(n => n.Name));
        Assert.Equal([new GraphParent(1, false)], graph.Nodes[3].Parents);
        Assert.Equal([new GraphConnection("TILES", 0, "TILES")], graph.Nodes[1].Connections);
        Assert.Equal([new GraphConnection("IN", null, "SCENE")], graph.Nodes[0].Connections);
        Assert.Equal(new NodeType.Recipe("scan-tiles", 2), graph.Nodes[2].Type);
    }

    [Fact]
    public void Output_has_no_version_all_defaults_and_can_be_posted_again()
    {
        var json = RecipeJson.Read(Example).ToJson();
        Assert.Equal(["input", "nodes"], json.Select(m => m.Key));
        Assert.True(json["nodes"]!["any"]!["dependencies"]![0]!["acceptance"]!.GetValue<bool>());
        Assert.Equal("7", json["nodes"]!["any"]!["node_type"]!["interface"]!["version"]!.GetValue<string>());
        Assert.Equal("7", json["nodes"]!["any"]!["node_type"]!["data_filter"]!["version"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(json, RecipeJson.Read(json.ToJsonString()).ToJson()));
        Assert.Equal(json.ToJsonString(), RecipeDefinition.FromText(RecipeJson.Read(Example).ToText()).ToJson().ToJsonString());
        Assert.StartsWith("""{"version":"7",""", RecipeJson.Read(Example).ToText());
    }

    [Fact]
    public void An_empty_document_is_an_empty_recipe() => Assert.Equal(RecipeDefinition.Empty.ToText(), RecipeJson.Read("{}").ToText());

    [Fact]
    public void A_condition_without_filter_accepts_everything()
    {
        var condition = RecipeJson.Read(Nodes(Node("c", type: """{"node_type":"condition","interface":{}}"""))).Graph.Nodes[0].Type;
        Assert.True(Assert.IsType<NodeType.Condition>(condition).Filter.Items.IsEmpty);
    }

    [Fact]
    public void What_the_web_page_adds_to_node_types_is_ignored() =>
        Assert.Empty(Errors(Nodes(Node("a", type: Job[..^1] + ""","status":"RUNNING","job_id":7}"""))));

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"version":"5"}""")]
    [InlineData("""{"version":7}""")]
    [InlineData("""{"jobs":[]}""")]
    [InlineData("""{"nodes":[]}""")]
    [InlineData("""{"nodes":{"a":1}}""")]
    [InlineData("""{"nodes":{"":{"dependencies":[],"input":{},"node_type":{"node_type":"condition","interface":{}}}}}""")]
    [InlineData("""{"input":{"file":[]}}""")]
    [InlineData("""{"input":{"json":[{"name":"a","type":"text"}]}}""")]
    [InlineData("""{"nodes":{"a":{"input":{},"node_type":{"node_type":"condition","interface":{}}}}}""")]
    [InlineData("""{"nodes":{"a":{"dependencies":[],"node_type":{"node_type":"condition","interface":{}}}}}""")]
    [InlineData("""{"nodes":{"a":{"dependencies":[],"input":{}}}}""")]
    [InlineData("""{"nodes":{"a":{"dependencies":[],"input":{},"node_type":{"node_type":"condition","interface":{}},"x":1}}}""")]
    [InlineData("""{"nodes":{"a":{"dependencies":[{"name":"a","x":1}],"input":{},"node_type":{"node_type":"condition","interface":{}}}}}""")]
    [InlineData("""{"version":"1.0","jobs":{}}""")]
    [InlineData("""{"version":"1.0","input_data":[{"name":"a","type":"int"}]}""")]
    public void Other_shapes_are_an_INVALID_DEFINITION(string text) => Assert.Equal("INVALID_DEFINITION", Errors(text)[0].Name);

    [Theory]
    [InlineData("3", 3)]
    [InlineData("""{"node_type":"jobs"}""", 3)]
    [InlineData("""{"node_type":"job","job_type_name":"cutter"}""", 3)]
    [InlineData("""{"node_type":"condition"}""", 3)]
    [InlineData("""{"node_type":"condition","interface":{"files":[{"name":"?"}]}}""", 3)]
    public void A_node_type_of_no_known_shape_tells_a_text_per_alternative(string type, int texts)
    {
        var error = Assert.Single(Errors(Nodes(Node("cut", type: type))));
        Assert.Equal("INVALID_DEFINITION_JSON", error.Name);
        Assert.Equal(texts, JsonSerializer.Deserialize<string[]>(error.Text)!.Count(t => t.Contains("'cut'")));
    }

    [Theory]
    [InlineData("""{"type":"recipe"}""")]
    [InlineData("""{"type":"dependency","node":"x"}""")]
    [InlineData("""{"type":"other","input":"x"}""")]
    [InlineData("""{"type":"recipe","input":"x","more":1}""")]
    [InlineData("null")]
    public void A_connection_of_no_known_shape_tells_a_text_per_alternative(string connection)
    {
        var error = Assert.Single(Errors(Nodes(Node("cut", input: "IN=X").Replace("""{"type":"recipe","input":"X"}""", connection))));
        Assert.Equal("INVALID_DEFINITION_JSON", error.Name);
        Assert.Equal(2, JsonSerializer.Deserialize<string[]>(error.Text)!.Count(t => t.Contains("'cut', input 'IN'")));
    }

    [Fact]
    public void References_must_be_known()
    {
        Assert.Equal("UNKNOWN_NODE", Assert.Single(Errors(Nodes(Node("a", "b")))).Name);
        Assert.Equal("UNKNOWN_NODE", Assert.Single(Errors(Nodes(Node("a", input: "IN=b.O")))).Name);
        Assert.Equal("UNKNOWN_INPUT", Assert.Single(Errors(Nodes(Node("a", input: "IN=S")))).Name);
        var sub = Node("s", type: """{"node_type":"recipe","recipe_type_name":"r","recipe_type_revision":1}""");
        Assert.Equal("CONNECTION_INVALID_NODE", Assert.Single(Errors(Nodes(sub + "," + Node("a", "s", "IN=s.O")))).Name);
    }

    [Fact]
    public void Names_are_used_once()
    {
        Assert.Equal("INVALID_DEFINITION", Assert.Single(Errors(Nodes(Node("a"), Node("a")))).Name);
        Assert.Equal("INPUT_INTERFACE", Assert.Single(Errors("""{"input":{"files":[{"name":"a"},{"name":"a"}]}}""")).Name);
        Assert.Equal("INPUT_INTERFACE", Assert.Single(Errors(Nodes(Node("c", type: """{"node_type":"condition","interface":{"files":[{"name":"a"},{"name":"a"}]}}""")))).Name);
    }

    [Theory]
    [InlineData("""{"filters":[{"name":"a","type":"string","condition":"<","values":[1]}]}""", "INVALID_CONDITION")]
    [InlineData("""{"filters":[{}]}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"version":"5"}""", "INVALID_VERSION")]
    public void A_bad_filter_keeps_its_own_error_name(string filter, string name)
    {
        var errors = Errors(Nodes(Node("c", type: RecipeJson.Condition("{}", filter))));
        Assert.Equal(name, errors[0].Name);
        Assert.StartsWith("/nodes/c/node_type/data_filter", errors[0].Path);
    }

    [Theory]
    [InlineData("a:a", "a a")]
    [InlineData("a:b b:c c:a d:a", "a c b a")]
    public void Circles_are_named(string edges, string circle)
    {
        var error = Assert.Single(Errors(Nodes(edges.Split(' ').Select(e => e.Split(':')).Select(e => Node(e[0], e[1])).ToArray())));
        Assert.Equal("CIRCULAR_DEPENDENCY", error.Name);
        Assert.EndsWith(": " + string.Join(" -> ", circle.Split(' ').Select(n => $"'{n}'")), error.Description);
    }

    [Fact]
    public void Problems_come_in_the_order_of_the_stages_and_all_at_once()
    {
        var errors = Errors(RecipeJson.Definition("""{"files":[{"name":"a"},{"name":"a"}]}""", Node("a", "a x"), Node("b", type: "1")));
        Assert.Equal(["INVALID_DEFINITION_JSON", "INPUT_INTERFACE", "UNKNOWN_NODE", "CIRCULAR_DEPENDENCY"], errors.Select(e => e.Name));
    }

    [Fact]
    public void Acceptance_of_a_job_and_filters_without_parameter_only_warn()
    {
        var filter = """{"filters":[{"name":"x","type":"string","condition":"==","values":["y"]}]}""";
        var parsed = RecipeDefinition.Parse(JsonElement.Parse(Nodes(Node("a"), Node("b", "!a"), Node("c", type: RecipeJson.Condition("{}", filter)))));
        Assert.True(parsed.IsValid);
        Assert.Equal(["ACCEPTANCE_IGNORED", "UNMATCHED_FILTER"], parsed.Warnings.Select(w => w.Name));
    }

    [Fact]
    public void Order_depends_on_the_document_only_where_parents_leave_it_open()
    {
        var graph = RecipeJson.Read(Nodes(Node("z", "m"), Node("b"), Node("m"), Node("a"))).Graph;
        Assert.Equal(["b", "m", "z", "a"], graph.Nodes.Select(n => n.Name));
    }
}
