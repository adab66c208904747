using System.Text.Json;
using Scale.Model.Batches;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Batches;

public class BatchDocumentTests
{
    [Theory]
    [InlineData("{}", """{"supersedes":true}""")]
    [InlineData("""{"version":"6","dataset":4,"supersedes":false}""", """{"dataset":4,"supersedes":false}""")]
    [InlineData("""{"previous_batch":{"root_batch_id":7}}""", """{"previous_batch":{"root_batch_id":7},"supersedes":true}""")]
    [InlineData("""{"dataset":4,"forced_nodes":{"all":true}}""", """{"dataset":4,"forced_nodes":{"all":true,"nodes":[],"sub_recipes":{}},"supersedes":true}""")]
    public void Definitions_are_normalised(string text, string expected)
    {
        var definition = BatchDefinition.Parse(JsonElement.Parse(text)).Required();
        Assert.Equal(expected, definition.ToText());
        Assert.Equal(expected, BatchDefinition.FromText(definition.ToText()).ToText());
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("""{"version":"5"}""", "/version")]
    [InlineData("""{"datasets":1}""", "/datasets")]
    [InlineData("""{"dataset":"1"}""", "/dataset")]
    [InlineData("""{"supersedes":"no"}""", "/supersedes")]
    [InlineData("""{"previous_batch":{}}""", "/previous_batch/root_batch_id")]
    [InlineData("""{"previous_batch":{"root_batch_id":1,"more":2}}""", "/previous_batch/more")]
    [InlineData("""{"previous_batch":{"root_batch_id":1,"forced_nodes":{"nodes":[]}}}""", "/previous_batch/forced_nodes/all")]
    [InlineData("""{"forced_nodes":{"all":true,"x":1}}""", "/forced_nodes/x")]
    public void Bad_definitions_name_the_place(string text, string path)
    {
        var parsed = BatchDefinition.Parse(JsonElement.Parse(text));
        Assert.Contains(parsed.Errors, e => e.Path == path);
        Assert.All(parsed.Errors, e => Assert.Equal("INVALID_BATCH_DEFINITION", e.Name));
    }

    [Fact]
    public void Supersedes_beside_the_definition_is_only_its_default()
    {
        Assert.False(BatchDefinition.Parse(JsonElement.Parse("{}"), supersedes: false).Required().Supersedes);
        Assert.True(BatchDefinition.Parse(JsonElement.Parse("""{"supersedes":true}"""), supersedes: false).Required().Supersedes);
    }

    [Fact]
    public void Forced_nodes_of_the_previous_batch_win_over_the_top_level_ones()
    {
        var both = BatchDefinition.Parse(JsonElement.Parse("""{"previous_batch":{"root_batch_id":1,"forced_nodes":{"all":false,"nodes":["a"]}},"forced_nodes":{"all":true}}""")).Required();
        Assert.False(both.EffectiveForcedNodes.All);
        var top = BatchDefinition.Parse(JsonElement.Parse("""{"previous_batch":{"root_batch_id":1},"forced_nodes":{"all":true}}""")).Required();
        Assert.True(top.EffectiveForcedNodes.All);
        Assert.Same(ForcedNodes.None, BatchDefinition.Parse(JsonElement.Parse("{}")).Required().EffectiveForcedNodes);
    }

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("""{"version":"7","priority":5}""", """{"priority":5}""")]
    [InlineData("""{"priority":0}""", "{}")]
    [InlineData("""{"inputMap":[{"input":"A","datasetParameter":"B","note":1}]}""", """{"inputMap":[{"input":"A","datasetParameter":"B"}]}""")]
    public void Configurations_are_normalised(string text, string expected) =>
        Assert.Equal(expected, BatchConfiguration.FromText(BatchConfiguration.Parse(JsonElement.Parse(text)).Required().ToText()).ToText());

    [Theory]
    [InlineData("1", "")]
    [InlineData("""{"version":"1.0"}""", "/version")]
    [InlineData("""{"priority":"high"}""", "/priority")]
    [InlineData("""{"priority":-1}""", "/priority")]
    [InlineData("""{"prio":1}""", "/prio")]
    [InlineData("""{"inputMap":[]}""", "/inputMap")]
    [InlineData("""{"inputMap":{}}""", "/inputMap")]
    [InlineData("""{"inputMap":[{"input":"A"}]}""", "/inputMap/0/datasetParameter")]
    public void Bad_configurations_name_the_place(string text, string path)
    {
        var parsed = BatchConfiguration.Parse(JsonElement.Parse(text));
        Assert.Contains(parsed.Errors, e => e.Path == path);
        Assert.All(parsed.Errors, e => Assert.Equal("INVALID_BATCH_CONFIGURATION", e.Name));
    }

    [Theory]
    [InlineData("""{"version":"2.0"}""", "INVALID_VERSION")]
    [InlineData("""{"version":"8"}""", "INVALID_VERSION")]
    [InlineData("""{"output_workspaces":[]}""", "INVALID_CONFIGURATION")]
    [InlineData("""{"colour":"red"}""", "INVALID_CONFIGURATION")]
    public void Bad_recipe_configurations_have_their_names(string text, string name) =>
        Assert.Contains(RecipeConfiguration.Parse(JsonElement.Parse(text)).Errors, e => e.Name == name);

    [Fact]
    public void A_recipe_configuration_without_priority_overrides_none() =>
        Assert.Null(RecipeConfiguration.Parse(JsonElement.Parse("""{"version":"6","output_workspaces":{"default":"w"}}""")).Required().Priority);
}
