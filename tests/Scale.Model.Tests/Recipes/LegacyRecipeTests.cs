using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Recipes;

public class LegacyRecipeTests
{
    private static readonly TestCatalog Catalog = new TestCatalog().Job("cutter").Job("cutter", revision: 3);

    private static string Jobs(string jobs) => $$"""{"version":"1.0","input_data":[{"name":"S 1","type":"file","media_types":["image/tiff"]},{"name":"M","type":"files","required":false},{"name":"P","type":"property"}],"jobs":[{{jobs}}]}""";

    private static string Job(string name, string more = "") => $$"""{"name":"{{name}}","job_type":{"name":"cutter","version":"1.0.0"}{{more}}}""";

    private static string[] Errors(string text) => RecipeDefinition.Parse(JsonElement.Parse(text), Catalog).Errors.Select(e => e.Name).ToArray();

    [Fact]
    public void It_becomes_a_definition_of_today_with_current_revisions()
    {
        var text = Jobs(
            Job("two", ""","dependencies":[{"name":"one","connections":[{"output":"O","input":"I"}]}]""") + ","
            + Job("one", ""","recipe_inputs":[{"recipe_input":"S 1","job_input":"I"}]"""));
        var graph = RecipeDefinition.Parse(JsonElement.Parse(text), Catalog).Required().Graph;
        Assert.Equal(["S 1", "M", "P"], graph.Input.Names);
        Assert.True(graph.Input.FindFile("M") is { Multiple: true, Required: false });
        Assert.Equal(JsonType.String, graph.Input.FindJson("P")!.Type);
        Assert.Equal(["one", "two"], graph.Nodes.Select(n => n.Name));
        Assert.Equal(new NodeType.Job("cutter", "1.0.0", 3), graph.Nodes[0].Type);
        Assert.Equal([new GraphParent(0, true)], graph.Nodes[1].Parents);
        Assert.Equal([new GraphConnection("I", 0, "O")], graph.Nodes[1].Connections);
        Assert.Equal([new GraphConnection("I", null, "S 1")], graph.Nodes[0].Connections);
    }

    [Fact]
    public void Its_problems_have_the_same_names()
    {
        Assert.Equal(["DUPLICATE_NODE"], Errors(Jobs(Job("a") + "," + Job("a"))));
        Assert.Equal(["NODE_INTERFACE"], Errors(Jobs(Job("a", ""","recipe_inputs":[{"recipe_input":"P","job_input":"I"},{"recipe_input":"P","job_input":"I"}]"""))));
        Assert.Equal(["UNKNOWN_NODE"], Errors(Jobs(Job("a", ""","dependencies":[{"name":"b"}]"""))));
        Assert.Equal(["UNKNOWN_INPUT"], Errors(Jobs(Job("a", ""","recipe_inputs":[{"recipe_input":"Q","job_input":"I"}]"""))));
        Assert.Equal(["INPUT_INTERFACE"], Errors("""{"version":"1.0","input_data":[{"name":"a","type":"file"},{"name":"a","type":"file"}]}"""));
        Assert.Equal(["JOB_TYPE_DOES_NOT_EXIST"], Errors(Jobs(Job("a").Replace("cutter", "gone"))));
        Assert.Equal(["CIRCULAR_DEPENDENCY", "JOB_TYPE_DOES_NOT_EXIST"], Errors(Jobs(Job("a", ""","dependencies":[{"name":"a"}]""").Replace("cutter", "gone"))));
    }
}
