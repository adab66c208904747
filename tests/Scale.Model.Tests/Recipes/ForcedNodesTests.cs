using System.Text.Json;
using Scale.Model.Recipes;
using static Scale.Model.Tests.Recipes.RecipeJson;

namespace Scale.Model.Tests.Recipes;

public class ForcedNodesTests
{
    [Theory]
    [InlineData("""{"all":false}""")]
    [InlineData("""{"all":true,"nodes":[]}""")]
    [InlineData("""{"version":"6","all":false,"nodes":["a"],"sub_recipes":{"b":{"all":true}}}""")]
    public void Documents_of_the_grammar_are_read(string text) => Assert.True(ForcedNodes.Parse(JsonElement.Parse(text)).IsValid);

    [Theory]
    [InlineData("{}", "/all")]
    [InlineData("""{"all":"yes"}""", "/all")]
    [InlineData("""{"all":true,"node":[]}""", "/node")]
    [InlineData("""{"all":true,"nodes":[1]}""", "/nodes/0")]
    [InlineData("""{"all":true,"version":"5"}""", "/version")]
    [InlineData("""{"all":false,"sub_recipes":{"b":{}}}""", "/sub_recipes/b/all")]
    [InlineData("[]", "")]
    public void Problems_name_their_place(string text, string path)
    {
        var parsed = ForcedNodes.Parse(JsonElement.Parse(text), "INVALID_BATCH_DEFINITION");
        Assert.Contains(parsed.Errors, e => e.Path == path && e.Name == "INVALID_BATCH_DEFINITION");
        Assert.Contains(ForcedNodes.Parse(JsonElement.Parse(text)).Errors, e => e.Path == path && e.Name == "INVALID_FORCED_NODES");
    }

    [Fact]
    public void An_entry_in_sub_recipes_forces_its_node()
    {
        var forced = Read("""{"all":false,"nodes":["a"],"sub_recipes":{"s":{"all":false,"nodes":["x"]}}}""");
        Assert.True(forced.Forces("a"));
        Assert.True(forced.Forces("s"));
        Assert.False(forced.Forces("b"));
        Assert.True(forced.Inside("s").Forces("x"));
        Assert.False(forced.Inside("a").Forces("x"));
    }

    [Fact]
    public void All_is_handed_down_to_sub_recipes() => Assert.True(Read("""{"all":true}""").Inside("s").Inside("t").Forces("x"));

    [Fact]
    public void What_is_written_reads_the_same()
    {
        var text = """{"all":false,"nodes":["a","b"],"sub_recipes":{"s":{"all":true,"nodes":[],"sub_recipes":{}}}}""";
        Assert.Equal(text, ForcedNodes.FromText(Read(text).ToJson().ToJsonString()).ToJson().ToJsonString());
    }

    [Fact]
    public void Names_are_held_against_the_definition_and_its_sub_recipes()
    {
        var catalog = new TestCatalog().Job("j").Recipe("inner", Nodes(Node("x", Job("j"))));
        var definition = RecipeJson.Read(Nodes(Node("a", Job("j")), Node("s", Recipe("inner"))));
        Assert.Empty(Read("""{"all":false,"nodes":["a"],"sub_recipes":{"s":{"all":false,"nodes":["x"]}}}""").Check(definition, catalog).Errors);
        Assert.Equal("/nodes", Assert.Single(Read("""{"all":false,"nodes":["zz"]}""").Check(definition, catalog).Errors).Path);
        Assert.Equal("/sub_recipes/a", Assert.Single(Read("""{"all":false,"sub_recipes":{"a":{"all":true}}}""").Check(definition, catalog).Errors).Path);
        Assert.Equal("/sub_recipes/s/nodes", Assert.Single(Read("""{"all":false,"sub_recipes":{"s":{"all":false,"nodes":["y"]}}}""").Check(definition, catalog).Errors).Path);
        Assert.Equal("FORCED_BY_SUB_RECIPE", Assert.Single(Read("""{"all":false,"sub_recipes":{"s":{"all":true}}}""").Check(definition, catalog).Warnings).Name);
        Assert.Empty(Read("""{"all":false,"nodes":["s"],"sub_recipes":{"s":{"all":true}}}""").Check(definition, catalog).Warnings);
        Assert.Equal("NOTHING_FORCED_INSIDE", Assert.Single(Read("""{"all":false,"nodes":["s"]}""").Check(definition, catalog).Warnings).Name);
    }

    private static ForcedNodes Read(string text) => ForcedNodes.Parse(JsonElement.Parse(text)).Required();
}
