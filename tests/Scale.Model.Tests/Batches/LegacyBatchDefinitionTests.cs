using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Batches;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.Batches;

public class LegacyBatchDefinitionTests
{
    private static LegacyBatchDefinition Read(string text) => LegacyBatchDefinition.Parse(JsonElement.Parse(text)).Required();

    [Theory]
    [InlineData("{}", """{"version":"1.0","job_names":null,"all_jobs":false,"trigger_rule":false}""")]
    [InlineData("""{"version":"1.0","job_names":["a"],"all_jobs":true,"priority":7,"trigger_rule":true}""", """{"version":"1.0","job_names":["a"],"all_jobs":true,"priority":7,"trigger_rule":true}""")]
    [InlineData(
        """{"date_range":{"started":"2016-01-01T01:00:00+01:00"}}""",
        """{"version":"1.0","date_range":{"type":"created","started":"2016-01-01T00:00:00.0000000Z"},"job_names":null,"all_jobs":false,"trigger_rule":false}""")]
    [InlineData(
        """{"date_range":{"type":"data","ended":"2016-01-01T00:00:00.5Z"},"trigger_rule":{"data":{"input_data_name":"IN","workspace_name":"w"}}}""",
        """{"version":"1.0","date_range":{"type":"data","ended":"2016-01-01T00:00:00.5000000Z"},"job_names":null,"all_jobs":false,"trigger_rule":{"condition":{"media_type":"","data_types":[]},"data":{"input_data_name":"IN","workspace_name":"w"}}}""")]
    public void Defaults_are_filled_in(string text, string expected)
    {
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), Read(text).ToJson()), Read(text).ToText());
        Assert.Equal(Read(text).ToText(), LegacyBatchDefinition.FromText(Read(text).ToText()).ToText());
    }

    [Theory]
    [InlineData("[]", "")]
    [InlineData("""{"version":"1.1"}""", "/version")]
    [InlineData("""{"dataset":1}""", "/dataset")]
    [InlineData("""{"date_range":{}}""", "/date_range")]
    [InlineData("""{"date_range":{"type":"x","ended":"2016-01-01T00:00:00Z"}}""", "/date_range/type")]
    [InlineData("""{"date_range":{"started":"2016-01-01T00:00:00"}}""", "/date_range/started")]
    [InlineData("""{"date_range":{"started":"2016-13-01T00:00:00Z"}}""", "/date_range/started")]
    [InlineData("""{"date_range":{"started":"2016-01-01T00:00:00Z","more":1}}""", "/date_range/more")]
    [InlineData("""{"job_names":"a"}""", "/job_names")]
    [InlineData("""{"all_jobs":1}""", "/all_jobs")]
    [InlineData("""{"priority":"1"}""", "/priority")]
    [InlineData("""{"trigger_rule":"yes"}""", "/trigger_rule")]
    [InlineData("""{"trigger_rule":{}}""", "/trigger_rule/data")]
    [InlineData("""{"trigger_rule":{"data":{"input_data_name":"IN"}}}""", "/trigger_rule/data/workspace_name")]
    public void Problems_name_their_place(string text, string path)
    {
        var error = Assert.Single(LegacyBatchDefinition.Parse(JsonElement.Parse(text)).Errors);
        Assert.Equal(("INVALID_BATCH_DEFINITION", path), (error.Name, error.Path));
    }

    [Fact]
    public void Only_recipes_of_older_revisions_are_meant_when_nothing_is_forced()
    {
        Assert.True(Read("{}").OnlyOlderRevisions);
        Assert.True(Read("""{"job_names":[]}""").OnlyOlderRevisions);
        Assert.False(Read("""{"job_names":["a"]}""").OnlyOlderRevisions);
        Assert.False(Read("""{"all_jobs":true}""").OnlyOlderRevisions);
        Assert.Same(ForcedNodes.Everything, Read("""{"all_jobs":true,"job_names":["a"]}""").ForcedNodes);
        Assert.True(Read("""{"job_names":["a"]}""").ForcedNodes is { All: false } forced && forced.Forces("a") && !forced.Forces("b"));
    }

    [Fact]
    public void Times_are_read_as_utc() =>
        Assert.Equal(new DateTime(2016, 1, 1, 0, 0, 0, DateTimeKind.Utc), Read("""{"date_range":{"started":"2016-01-01T02:00+0200"}}""").DateRange!.Started);
}
