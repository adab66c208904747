using System.Text.Json;
using Scale.Model.Data;

namespace Scale.Model.Tests.Data;

public class DataInterfaceTests
{
    private static DataInterface Read(string text) => DataInterface.Parse(JsonElement.Parse(text)).Required();

    private static string[] Names(string text) => DataInterface.Parse(JsonElement.Parse(text)).Errors.Select(p => p.Name).ToArray();

    [Fact]
    public void Defaults_are_filled_in_and_shown()
    {
        var read = Read("""{"files":[{"name":"A b-1"}],"json":[{"name":"N","type":"integer"}]}""");
        Assert.Equal(
            """{"files":[{"name":"A b-1","media_types":[],"required":true,"multiple":false}],"json":[{"name":"N","type":"integer","required":true}]}""",
            read.ToJson().ToJsonString());
        Assert.Equal("""{"files":[],"json":[]}""", Read("{}").ToJson().ToJsonString());
    }

    [Theory]
    [InlineData("""{"version":"6"}""")]
    [InlineData("""{"version":"7","files":[]}""")]
    public void Both_versions_are_read(string text) => Assert.Empty(Read(text).Files);

    [Theory]
    [InlineData("""{"version":"1.0"}""", "INVALID_VERSION")]
    [InlineData("""{"version":7}""", "INVALID_VERSION")]
    [InlineData("""[]""", "INVALID_INTERFACE")]
    [InlineData("""{"files":{}}""", "INVALID_INTERFACE")]
    [InlineData("""{"file":[]}""", "INVALID_INTERFACE")]
    [InlineData("""{"files":[{"media_types":[]}]}""", "INVALID_INTERFACE")]
    [InlineData("""{"files":[{"name":"a/b"}]}""", "INVALID_INTERFACE")]
    [InlineData("""{"files":[{"name":"a","type":"x"}]}""", "INVALID_INTERFACE")]
    [InlineData("""{"json":[{"name":"a","type":"string","multiple":true}]}""", "INVALID_INTERFACE")]
    [InlineData("""{"json":[{"name":"a"}]}""", "INVALID_INTERFACE")]
    [InlineData("""{"json":[{"name":"a","type":"text"}]}""", "INVALID_JSON_TYPE")]
    [InlineData("""{"files":[{"name":"a"}],"json":[{"name":"a","type":"string"}]}""", "DUPLICATE_INPUT")]
    public void Every_problem_has_its_name(string text, string name) => Assert.Equal([name], Names(text));

    [Fact]
    public void All_problems_are_collected_with_their_place()
    {
        var errors = DataInterface.Parse(JsonElement.Parse("""{"files":[{"name":"a"},{"name":"a","required":"yes"}],"json":[{"type":"text"}],"x":1}""")).Errors;
        Assert.Equal(["/files/1/name", "/files/1/required", "/json/0/name", "/json/0/type", "/x"], errors.Select(e => e.Path));
    }

    [Theory]
    [InlineData("""{"files":[{"name":"a"}]}""", "{}", "PARAM_REQUIRED")]
    [InlineData("""{"json":[{"name":"a","type":"string"}]}""", "{}", "PARAM_REQUIRED")]
    [InlineData("""{"files":[{"name":"a","required":false}]}""", "{}", null)]
    [InlineData("""{"files":[{"name":"a"}]}""", """{"files":[{"name":"a","required":false}]}""", "PARAM_REQUIRED")]
    [InlineData("""{"json":[{"name":"a","type":"string"}]}""", """{"json":[{"name":"a","type":"string","required":false}]}""", "PARAM_REQUIRED")]
    [InlineData("""{"files":[{"name":"a","required":false}]}""", """{"json":[{"name":"a","type":"string"}]}""", "MISMATCHED_PARAM_TYPE")]
    [InlineData("""{"json":[{"name":"a","type":"string"}]}""", """{"files":[{"name":"a"}]}""", "MISMATCHED_PARAM_TYPE")]
    [InlineData("""{"files":[{"name":"a"}]}""", """{"files":[{"name":"a","multiple":true}]}""", "NO_MULTIPLE_FILES")]
    [InlineData("""{"files":[{"name":"a","multiple":true}]}""", """{"files":[{"name":"a"}]}""", null)]
    [InlineData("""{"json":[{"name":"a","type":"number"}]}""", """{"json":[{"name":"a","type":"integer"}]}""", "MISMATCHED_JSON_TYPE")]
    [InlineData("{}", """{"files":[{"name":"extra"}]}""", null)]
    public void Connections_are_checked_per_parameter_of_the_receiver(string receiver, string sender, string? error)
    {
        var (errors, warnings) = Read(receiver).CheckConnection(Read(sender));
        Assert.Equal(error is null ? [] : [error], errors.Select(e => e.Name));
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("""["image/png"]""", """["image/tiff"]""", true)]
    [InlineData("""["image/png","image/tiff"]""", """["image/tiff"]""", false)]
    [InlineData("[]", """["image/tiff"]""", false)]
    [InlineData("""["image/png"]""", "[]", false)]
    public void Media_types_only_warn_and_an_empty_list_takes_any(string receiver, string sender, bool warns)
    {
        var to = Read($$"""{"files":[{"name":"a","media_types":{{receiver}}}]}""");
        var (errors, warnings) = to.CheckConnection(Read($$"""{"files":[{"name":"a","media_types":{{sender}}}]}"""));
        Assert.Empty(errors);
        Assert.Equal(warns ? ["MISMATCHED_MEDIA_TYPES"] : [], warnings.Select(w => w.Name));
    }

    [Fact]
    public void Order_makes_no_other_interface()
    {
        var left = Read("""{"files":[{"name":"a","media_types":["x","y"]},{"name":"b"}]}""");
        Assert.True(left.IsSameAs(Read("""{"files":[{"name":"b"},{"name":"a","media_types":["y","x"]}]}""")));
        Assert.False(left.IsSameAs(Read("""{"files":[{"name":"b"},{"name":"a","media_types":["y"]}]}""")));
        Assert.False(left.IsSameAs(Read("""{"files":[{"name":"b"}]}""")));
    }
}
