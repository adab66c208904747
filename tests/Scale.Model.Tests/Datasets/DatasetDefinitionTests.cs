using System.Text.Json;
using Scale.Model.Datasets;

namespace Scale.Model.Tests.Datasets;

public sealed class DatasetDefinitionTests
{
    [Fact]
    public void An_empty_definition_shows_all_members_with_defaults()
    {
        var definition = DatasetDefinition.Parse(Json("{}")).Required();
        Assert.Equal(
            """{"parameters":{"files":[],"json":[]},"global_parameters":{"files":[],"json":[]},"global_data":{"files":{},"json":{}}}""",
            definition.ToText());
    }

    [Fact]
    public void What_is_stored_reads_the_same()
    {
        var text = DatasetDefinition.Parse(Json(
            """{"version":"6","parameters":{"files":[{"name":"A"}]},"global_parameters":{"json":[{"name":"B","type":"integer"}]},"global_data":{"json":{"B":3,"UNKNOWN":1}}}""")).Required().ToText();
        var read = DatasetDefinition.FromText(text);
        Assert.Equal(text, read.ToText());
        Assert.Equal(["A"], read.Parameters.Names);
        Assert.Equal("""{"files":{},"json":{"B":3}}""", read.GlobalData.ToText());
    }

    [Theory]
    [InlineData("[]", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"version":"5"}""", "INVALID_VERSION")]
    [InlineData("""{"unknown":1}""", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"parameters":[]}""", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"parameters":{"files":[{}]}}""", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"parameters":{"json":[{"name":"A","type":"date"}]}}""", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"parameters":{"files":[{"name":"A"}],"json":[{"name":"A","type":"string"}]}}""", "DUPLICATE_INPUT")]
    [InlineData("""{"parameters":{"files":[{"name":"A"}]},"global_parameters":{"files":[{"name":"A","required":false}]}}""", "DUPLICATE_PARAMETER")]
    [InlineData("""{"global_data":{"files":{"A":[]}}}""", "INVALID_GLOBAL_DATA")]
    [InlineData("""{"global_data":3}""", "INVALID_GLOBAL_DATA")]
    [InlineData("""{"global_parameters":{"files":[{"name":"A"}]}}""", "INVALID_GLOBAL_DATA")]
    [InlineData("""{"global_parameters":{"files":[{"name":"A"}]},"global_data":{"json":{"A":1}}}""", "INVALID_GLOBAL_DATA")]
    [InlineData("""{"global_parameters":{"files":[{"name":"A"}]},"global_data":null}""", "MISSING_GLOBAL_DATA")]
    public void A_definition_that_does_not_hold_is_refused_by_name(string text, string error)
    {
        var parsed = DatasetDefinition.Parse(Json(text));
        Assert.Null(parsed.Document);
        Assert.Equal([error], parsed.Errors.Select(e => e.Name).Distinct());
    }

    [Fact]
    public void Null_global_data_without_global_parameters_is_empty() =>
        Assert.True(DatasetDefinition.Parse(Json("""{"global_data":null}""")).Required().GlobalData.IsEmpty);

    [Fact]
    public void A_template_takes_the_file_at_every_place()
    {
        var template = DataTemplate.Parse(Json("""{"files":{"A":"FILE_VALUE","B":[7],"C":"FILE_VALUE"},"json":{"N":1}}""")).Required();
        Assert.Equal("""{"files":{"A":[5],"B":[7],"C":[5]},"json":{"N":1}}""", template.Fill(5).ToText());
        Assert.Equal("""{"files":{"A":[6],"B":[7],"C":[6]},"json":{"N":1}}""", template.Fill(6).ToText());
    }

    [Theory]
    [InlineData("[]", "INVALID_TEMPLATE")]
    [InlineData("{}", "INVALID_TEMPLATE")]
    [InlineData("""{"files":[]}""", "INVALID_TEMPLATE")]
    [InlineData("""{"files":{"A":"OTHER"}}""", "INVALID_DATA")]
    [InlineData("""{"files":{"A":"FILE_VALUE"},"json":{"A":1}}""", "DUPLICATE_VALUE")]
    [InlineData("""{"files":{},"version":"2"}""", "INVALID_VERSION")]
    public void A_bad_template_is_refused_by_name(string text, string error) =>
        Assert.Equal([error], DataTemplate.Parse(Json(text)).Errors.Select(e => e.Name));

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
