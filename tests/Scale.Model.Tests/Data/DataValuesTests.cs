using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Scale.Model.Data;

namespace Scale.Model.Tests.Data;

public class DataValuesTests
{
    private static DataValues Read(string text) => DataValues.Parse(JsonElement.Parse(text)).Required();

    private static DataInterface Interface(string text) => DataInterface.Parse(JsonElement.Parse(text)).Required();

    [Theory]
    [InlineData("{}", """{"files":{},"json":{}}""")]
    [InlineData("""{"version":"6","files":{"b":[2,3],"a":[1]},"json":{"x":{"k":[1.50,null,"ü<"]}}}""", """{"files":{"a":[1],"b":[2,3]},"json":{"x":{"k":[1.50,null,"ü<"]}}}""")]
    [InlineData("""{"version":"1.0","input_data":[{"name":"a","file_id":4},{"name":"b","file_ids":[5,6]},{"name":"c","value":"v"}],"workspace_id":3,"output_data":[{"name":"o"}]}""", """{"files":{"a":[4],"b":[5,6]},"json":{"c":"v"}}""")]
    [InlineData("""{"version":"1.0","output_data":[{"name":"a","file_id":4}]}""", """{"files":{"a":[4]},"json":{}}""")]
    [InlineData("""{"version":"1.0"}""", """{"files":{},"json":{}}""")]
    public void Both_ages_are_read(string text, string canonical)
    {
        var values = Read(text);
        Assert.Equal(canonical, values.ToText());
        Assert.Equal(canonical, DataValues.FromText(canonical).ToText());
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(canonical), JsonElement.Parse(values.ToJson().ToJsonString())));
    }

    [Theory]
    [InlineData("""{"version":"2.0"}""", "INVALID_VERSION")]
    [InlineData("3", "INVALID_DATA")]
    [InlineData("""{"files":[]}""", "INVALID_DATA")]
    [InlineData("""{"files":{"a":[]}}""", "INVALID_DATA")]
    [InlineData("""{"files":{"a":7}}""", "INVALID_DATA")]
    [InlineData("""{"files":{"a":["7"]}}""", "INVALID_DATA")]
    [InlineData("""{"json":3}""", "INVALID_DATA")]
    [InlineData("""{"input_data":[]}""", "INVALID_DATA")]
    [InlineData("""{"files":{"a":[1]},"json":{"a":1}}""", "DUPLICATE_VALUE")]
    [InlineData("""{"version":"1.0","input_data":[{"file_id":4}]}""", "INVALID_DATA")]
    [InlineData("""{"version":"1.0","input_data":[{"name":"a"}]}""", "INVALID_DATA")]
    [InlineData("""{"version":"1.0","input_data":[{"name":"a","file_id":"x"}]}""", "INVALID_DATA")]
    [InlineData("""{"version":"1.0","input_data":[{"name":"a","file_ids":[]}]}""", "INVALID_DATA")]
    [InlineData("""{"version":"1.0","input_data":[{"name":"a","file_id":1},{"name":"a","file_id":1}]}""", "INVALID_DATA")]
    public void Every_problem_has_its_name(string text, string name) =>
        Assert.Equal([name], DataValues.Parse(JsonElement.Parse(text)).Errors.Select(e => e.Name));

    [Theory]
    [InlineData("""{"files":[{"name":"a"}]}""", "{}", "PARAM_REQUIRED")]
    [InlineData("""{"json":[{"name":"a","type":"string"}]}""", "{}", "PARAM_REQUIRED")]
    [InlineData("""{"files":[{"name":"a","required":false}]}""", """{"json":{"a":1}}""", "MISMATCHED_PARAM_TYPE")]
    [InlineData("""{"json":[{"name":"a","type":"string"}]}""", """{"files":{"a":[1]}}""", "MISMATCHED_PARAM_TYPE")]
    [InlineData("""{"files":[{"name":"a"}]}""", """{"files":{"a":[1,2]}}""", "MULTIPLE_FILES")]
    [InlineData("""{"files":[{"name":"a","multiple":true}]}""", """{"files":{"a":[1,2]}}""", null)]
    [InlineData("""{"json":[{"name":"a","type":"number"}]}""", """{"json":{"a":"1"}}""", "INVALID_JSON_TYPE")]
    public void Values_are_checked_against_an_interface(string target, string data, string? error)
    {
        var (_, errors) = Read(data).Validate(Interface(target));
        Assert.Equal(error is null ? [] : [error], errors.Select(e => e.Name));
    }

    [Fact]
    public void An_output_without_files_does_not_fit()
    {
        var values = DataValues.FromText("""{"files":{"a":[]},"json":{}}""");
        Assert.Equal("NO_FILES", Assert.Single(values.Validate(Interface("""{"files":[{"name":"a","required":false}]}""")).Errors).Name);
    }

    [Theory]
    [InlineData("integer", "5", true)]
    [InlineData("integer", "123456789012345678901234567890", true)]
    [InlineData("integer", "5.0", false)]
    [InlineData("integer", "5e1", false)]
    [InlineData("integer", "true", false)]
    [InlineData("number", "5.5", true)]
    [InlineData("number", "false", false)]
    [InlineData("boolean", "true", true)]
    [InlineData("boolean", "1", false)]
    [InlineData("string", "\"\"", true)]
    [InlineData("string", "null", false)]
    [InlineData("object", "{}", true)]
    [InlineData("object", "[]", false)]
    [InlineData("array", "[]", true)]
    [InlineData("array", "\"a\"", false)]
    public void Json_types_are_strict(string type, string value, bool fits)
    {
        var target = Interface($$"""{"json":[{"name":"a","type":"{{type}}","required":false}]}""");
        Assert.Equal(fits, Read($$$"""{"json":{"a":{{{value}}}}}""").Validate(target).Errors.Count == 0);
    }

    [Fact]
    public void Values_nobody_asked_for_are_dropped()
    {
        var target = Interface("""{"files":[{"name":"a"}],"json":[{"name":"x","type":"string"}]}""");
        var (values, errors) = Read("""{"files":{"a":[1],"b":[2]},"json":{"x":"s","y":2}}""").Validate(target);
        Assert.Empty(errors);
        Assert.Equal("""{"files":{"a":[1]},"json":{"x":"s"}}""", values.ToText());
    }

    [Fact]
    public void Text_round_trips_for_any_names_and_values() =>
        Prop.ForAll<Dictionary<NonNull<string>, long[]>, Dictionary<NonNull<string>, string>>((files, json) =>
        {
            var values = new DataValues(
                DataValues.NoFiles.AddRange(files.Select(f => KeyValuePair.Create(Sound(f.Key.Get), System.Collections.Immutable.ImmutableArray.Create(f.Value)))),
                DataValues.NoJson.AddRange(json.Select(j => KeyValuePair.Create(Sound(j.Key.Get), JsonSerializer.SerializeToElement(Sound(j.Value ?? ""))))));
            return DataValues.FromText(values.ToText()).ToText() == values.ToText();
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"files":[]}""")]
    [InlineData("""{"files":{"a":"b"}}""")]
    public void Text_of_another_shape_is_no_stored_data(string text) => Assert.ThrowsAny<JsonException>(() => DataValues.FromText(text));

    // Letters only: two random texts must not become one name by repair of broken surrogates.
    private static string Sound(string text) => string.Concat(text.Select(c => $"{(int)c:x4}"));
}
