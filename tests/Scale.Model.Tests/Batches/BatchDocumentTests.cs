using System.Text.Json;
using Scale.Model.Batches;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Batches;

public sealed class BatchDocumentTests
{
    [Theory]
    [InlineData("""{}""", """{"supersedes":true}""")]
    [InlineData("""{"version":"6","dataset":3,"supersedes":false}""", """{"dataset":3,"supersedes":false}""")]
    [InlineData("""{"dataset":null,"previous_batch":{"root_batch_id":7}}""", """{"previous_batch":{"root_batch_id":7},"supersedes":true}""")]
    [InlineData(
        """{"previous_batch":{"root_batch_id":7,"forced_nodes":{"all":true}},"forced_nodes":{"version":"7","all":false,"nodes":["b","a"],"sub_recipes":{"s":{"all":true}}}}""",
        """{"previous_batch":{"root_batch_id":7,"forced_nodes":{"all":true,"nodes":[],"sub_recipes":{}}},"supersedes":true,"forced_nodes":{"all":false,"nodes":["a","b"],"sub_recipes":{"s":{"all":true,"nodes":[],"sub_recipes":{}}}}}""")]
    public void A_definition_is_shown_as_given_with_supersedes(string given, string shown)
    {
        var definition = BatchDefinition.Parse(Json(given)).Required();
        Assert.Equal(shown, definition.ToText());
        Assert.Equal(shown, BatchDefinition.FromText(shown).ToText());
    }

    [Fact]
    public void Supersedes_beside_the_definition_is_its_default()
    {
        Assert.False(BatchDefinition.Parse(Json("{}"), supersedes: false).Required().Supersedes);
        Assert.True(BatchDefinition.Parse(Json("""{"supersedes":true}"""), supersedes: false).Required().Supersedes);
    }

    [Theory]
    [InlineData("3", "")]
    [InlineData("""{"version":"5"}""", "/version")]
    [InlineData("""{"unknown":1}""", "/unknown")]
    [InlineData("""{"dataset":"3"}""", "/dataset")]
    [InlineData("""{"supersedes":"yes"}""", "/supersedes")]
    [InlineData("""{"previous_batch":3}""", "/previous_batch")]
    [InlineData("""{"previous_batch":{}}""", "/previous_batch/root_batch_id")]
    [InlineData("""{"previous_batch":{"root_batch_id":1.5}}""", "/previous_batch/root_batch_id")]
    [InlineData("""{"previous_batch":{"root_batch_id":1,"x":1}}""", "/previous_batch/x")]
    [InlineData("""{"previous_batch":{"root_batch_id":1,"forced_nodes":{}}}""", "/previous_batch/forced_nodes/all")]
    [InlineData("""{"forced_nodes":{"all":true,"nodes":[3]}}""", "/forced_nodes/nodes/0")]
    [InlineData("""{"forced_nodes":{"all":false,"sub_recipes":{"s":{"all":1}}}}""", "/forced_nodes/sub_recipes/s/all")]
    public void A_bad_definition_is_refused_where_it_is_bad(string text, string path)
    {
        var problem = Assert.Single(BatchDefinition.Parse(Json(text)).Errors);
        Assert.Equal(("INVALID_BATCH_DEFINITION", path), (problem.Name, problem.Path));
    }

    [Theory]
    [InlineData("""{}""", """{}""")]
    [InlineData("""{"version":"7","priority":5}""", """{"priority":5}""")]
    [InlineData("""{"inputMap":[{"input":"A","datasetParameter":"B","note":1}]}""", """{"inputMap":[{"input":"A","datasetParameter":"B"}]}""")]
    public void A_configuration_is_shown_as_given(string given, string shown)
    {
        Assert.Equal(shown, BatchConfiguration.Parse(Json(given)).Required().ToText());
        Assert.Equal(shown, BatchConfiguration.FromText(shown).ToText());
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("""{"version":"1"}""", "/version")]
    [InlineData("""{"unknown":1}""", "/unknown")]
    [InlineData("""{"priority":"5"}""", "/priority")]
    [InlineData("""{"priority":-1}""", "/priority")]
    [InlineData("""{"inputMap":[]}""", "/inputMap")]
    [InlineData("""{"inputMap":{}}""", "/inputMap")]
    [InlineData("""{"inputMap":[{"input":"A"}]}""", "/inputMap/0/datasetParameter")]
    public void A_bad_configuration_is_refused_where_it_is_bad(string text, string path)
    {
        var problem = Assert.Single(BatchConfiguration.Parse(Json(text)).Errors);
        Assert.Equal(("INVALID_BATCH_CONFIGURATION", path), (problem.Name, problem.Path));
    }

    [Fact]
    public void Forced_nodes_reach_into_sub_recipes()
    {
        var forced = ForcedNodes.Parse(Json("""{"all":false,"nodes":["cut"],"sub_recipes":{"scan":{"all":false,"nodes":["classify"]}}}""")).Required();
        Assert.True(forced.Forces("cut"));
        Assert.True(forced.Forces("scan"));
        Assert.False(forced.Forces("other"));
        Assert.True(forced.Inside("scan").Forces("classify"));
        Assert.Equal(ForcedNodes.None, forced.Inside("cut"));
        Assert.True(ForcedNodes.Everything.Inside("anything").Forces("all of it"));
        Assert.Equal("INVALID_FORCED_NODES", ForcedNodes.Parse(Json("{}")).Errors.Single().Name);
    }

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
