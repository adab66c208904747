using System.Text.Json;
using Scale.Model.Data;

namespace Scale.Model.Tests.Data;

public class DataFilterTests
{
    private static DataFilter Read(string text) => DataFilter.Parse(JsonElement.Parse(text)).Required();

    private static string Filter(string item) => $$"""{"filters":[{{item}}]}""";

    [Fact]
    public void Output_has_filters_and_all_and_reads_back()
    {
        Assert.Equal("""{"filters":[],"all":true}""", Read("{}").ToJson().ToJsonString());
        const string full = """{"filters":[{"name":"M","type":"meta-data","condition":"in","values":[["x"]],"fields":[["a","b"]],"all_fields":false,"all_files":true}],"all":false}""";
        Assert.Equal(full, Read(full).ToJson().ToJsonString());
        Assert.True(Read(full).IsSameAs(Read(full)));
        Assert.False(Read(full).IsSameAs(DataFilter.AcceptAll));
    }

    [Fact]
    public void Values_of_numeric_filters_become_numbers() =>
        Assert.Equal("[0,1.5]", Read(Filter("""{"name":"a","type":"number","condition":"between","values":["0",1.5]}""")).ToJson()["filters"]![0]!["values"]!.ToJsonString());

    [Theory]
    [InlineData("""{"version":"2"}""", "INVALID_VERSION")]
    [InlineData("""[]""", "INVALID_DATA_FILTER")]
    [InlineData("""{"filter":[]}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"all":"yes"}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"filters":[{"type":"string","condition":"==","values":["x"]}]}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"filters":[{"name":"a","type":"text","condition":"==","values":["x"]}]}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"filters":[{"name":"a","type":"string","condition":"~","values":["x"]}]}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"filters":[{"name":"a","type":"string","condition":"==","values":[]}]}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"filters":[{"name":"a","type":"string","condition":"==","values":["x"],"more":1}]}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"filters":[{"name":"a","type":"object","condition":"==","values":[[1]],"fields":[[]]}]}""", "INVALID_DATA_FILTER")]
    [InlineData("""{"filters":[{"name":"a","type":"string","condition":"<","values":["x"]}]}""", "INVALID_CONDITION")]
    [InlineData("""{"filters":[{"name":"a","type":"number","condition":"contains","values":[1]}]}""", "INVALID_CONDITION")]
    [InlineData("""{"filters":[{"name":"a","type":"boolean","condition":"in","values":[true]}]}""", "INVALID_CONDITION")]
    [InlineData("""{"filters":[{"name":"a","type":"object","condition":"==","values":[{}]}]}""", "INVALID_CONDITION")]
    [InlineData("""{"filters":[{"name":"a","type":"object","condition":"==","values":[1,2],"fields":[["k"]]}]}""", "INVALID_FIELDS")]
    [InlineData("""{"filters":[{"name":"a","type":"array","condition":"==","values":[1]}]}""", "INVALID_TYPE")]
    [InlineData("""{"filters":[{"name":"a","type":"number","condition":"==","values":["x"]}]}""", "VALUE_ERROR")]
    [InlineData("""{"filters":[{"name":"a","type":"integer","condition":"==","values":["1.5"]}]}""", "VALUE_ERROR")]
    [InlineData("""{"filters":[{"name":"a","type":"number","condition":"between","values":[1]}]}""", "VALUE_ERROR")]
    public void Every_problem_has_its_name(string text, string name) =>
        Assert.Equal([name], DataFilter.Parse(JsonElement.Parse(text)).Errors.Select(e => e.Name));

    [Theory]
    [InlineData("{}", "MISSING_NAME,MISSING_TYPE,MISSING_CONDITION,MISSING_VALUES")]
    [InlineData("""{"name":"a","type":"text","condition":"~","values":[1]}""", "INVALID_CONDITION,INVALID_TYPE")]
    [InlineData("""{"name":"a","type":"integer","condition":"contains","values":["x"],"fields":[["a"],["b"]]}""", "INVALID_CONDITION,INVALID_FIELDS,VALUE_ERROR")]
    public void Items_are_checked_in_order(string item, string names) =>
        Assert.Equal(names.Split(','), FilterItem.Parse(JsonElement.Parse(item)).Errors.Select(e => e.Name));

    [Fact]
    public void Grammar_is_reported_before_the_items()
    {
        var errors = DataFilter.Parse(JsonElement.Parse("""
            {"filters":[{"name":"a","type":"number","condition":"==","values":["x"]},{"name":"b"}]}
            """)).Errors;
        Assert.Equal("INVALID_DATA_FILTER", errors[0].Name);
        Assert.Equal(("VALUE_ERROR", "/filters/0/values"), (errors[^1].Name, errors[^1].Path));
    }

    [Theory]
    [InlineData("string", "==", "\"a\"", "\"a\"", true)]
    [InlineData("string", "==", "\"a\"", "\"b\"", false)]
    [InlineData("string", "!=", "\"a\"", "\"b\"", true)]
    [InlineData("string", "!=", "5", "\"b\"", false)]
    [InlineData("string", "in", "\"b\"", "\"a\",\"b\"", true)]
    [InlineData("string", "not in", "\"b\"", "\"a\",\"b\"", false)]
    [InlineData("string", "not in", "5", "\"a\",\"b\"", true)]
    [InlineData("string", "contains", "\"abc\"", "\"x\",\"bc\"", true)]
    [InlineData("string", "contains", "\"abc\"", "\"x\"", false)]
    [InlineData("string", "contains", "[\"abc\"]", "\"abc\"", true)]
    [InlineData("integer", "<", "1", "2", true)]
    [InlineData("integer", "<", "2", "1", false)]
    [InlineData("integer", "<=", "2", "2", true)]
    [InlineData("number", ">", "\"10\"", "0", true)]
    [InlineData("number", ">", "\"ten\"", "0", false)]
    [InlineData("number", ">=", "1.5", "1.5", true)]
    [InlineData("number", "==", "5.0", "\"5\"", true)]
    [InlineData("number", "!=", "\"ten\"", "0", false)]
    [InlineData("number", "!=", "1", "0", true)]
    [InlineData("number", "between", "2", "1,2", true)]
    [InlineData("number", "between", "3", "1,2", false)]
    [InlineData("number", "in", "\"2\"", "1,2", true)]
    [InlineData("number", "not in", "null", "1,2", true)]
    [InlineData("boolean", "==", "true", "true", true)]
    [InlineData("boolean", "!=", "true", "false", true)]
    [InlineData("boolean", "!=", "1", "false", false)]
    [InlineData("object", "subset of", """{"a":1}""", """{"a":1,"b":2}""", true)]
    [InlineData("object", "subset of", """{"a":1,"c":2}""", """{"a":1,"b":2}""", false)]
    [InlineData("object", "superset of", """{"a":1,"b":2}""", """{"a":1}""", true)]
    [InlineData("object", "superset of", "3", """{"a":1}""", false)]
    public void Json_values_are_tested(string type, string condition, string input, string values, bool passes)
    {
        var filter = Read(Filter($$"""{"name":"p","type":"{{type}}","condition":"{{condition}}","values":[{{values}}]}"""));
        var data = DataValues.FromText($$$"""{"files":{},"json":{"p":{{{input}}}}}""");
        Assert.Equal(passes, filter.Accepts(data, new Dictionary<long, FileFacts>()));
    }

    [Theory]
    [InlineData("==", """["x"],[2]""", "", true)]
    [InlineData("==", """["x"],[3]""", "", false)]
    [InlineData("==", """["x"],[3]""", ""","all_fields":false""", true)]
    [InlineData("==", """["y"],[3]""", ""","all_fields":false""", false)]
    [InlineData("in", """["x","y"],[1,2]""", "", true)]
    [InlineData("not in", """["y"],[3]""", "", true)]
    [InlineData("<", """["y"],[3]""", "", true)]
    [InlineData("==", "\"x\",2", "", true)]
    public void Fields_compare_each_path_with_its_own_values(string condition, string values, string more, bool passes)
    {
        var filter = Read(Filter($$"""{"name":"p","type":"object","condition":"{{condition}}","fields":[["a"],["b","c"]],"values":[{{values}}]{{more}}}"""));
        var data = DataValues.FromText("""{"files":{},"json":{"p":{"a":"x","b":{"c":2}}}}""");
        Assert.Equal(passes, filter.Accepts(data, new Dictionary<long, FileFacts>()));
    }

    [Theory]
    [InlineData("==", "null", true)]
    [InlineData("!=", "1", false)]
    [InlineData("not in", "1", true)]
    [InlineData("<", "1", false)]
    public void A_missing_path_is_null(string condition, string value, bool passes)
    {
        var filter = Read(Filter($$"""{"name":"p","type":"object","condition":"{{condition}}","fields":[["z","y"]],"values":[[{{value}}]]}"""));
        Assert.Equal(passes, filter.Accepts(DataValues.FromText("""{"files":{},"json":{"p":{"z":1}}}"""), new Dictionary<long, FileFacts>()));
    }

    private static readonly Dictionary<long, FileFacts> Facts = new()
    {
        [1] = new FileFacts("a.png", "image/png", ["day", "rgb"], JsonElement.Parse("""{"cloud":0.2}""")),
        [2] = new FileFacts("b.tif", "image/tiff", [], null),
    };

    [Theory]
    [InlineData("media-type", "==", "\"image/png\"", "", "1,2", true)]
    [InlineData("media-type", "==", "\"image/png\"", ""","all_files":true""", "1,2", false)]
    [InlineData("media-type", "==", "\"image/png\"", ""","all_files":true""", "1", true)]
    [InlineData("media-type", "!=", "\"image/png\"", "", "1", false)]
    [InlineData("media-type", "not in", "\"image/png\"", "", "1", false)]
    [InlineData("media-type", "not in", "\"image/png\"", "", "1,2", true)]
    [InlineData("filename", "contains", "\".tif\"", "", "1,2", true)]
    [InlineData("data-type", "==", "\"rgb\"", "", "1", true)]
    [InlineData("data-type", "in", "\"night\"", "", "1,2", false)]
    [InlineData("data-type", "!=", "\"rgb\"", "", "2", false)]
    [InlineData("data-type", "not in", "\"rgb\"", "", "2", true)]
    [InlineData("meta-data", "subset of", """{"cloud":0.20,"x":1}""", "", "1", true)]
    [InlineData("meta-data", "<", "[0.5]", ""","fields":[["cloud"]]""", "1,2", true)]
    [InlineData("meta-data", "<", "[0.5]", ""","fields":[["cloud"]],"all_files":true""", "1,2", false)]
    [InlineData("filename", "not in", "\"x\"", "", "9", false)]
    public void Files_are_tested_one_by_one(string type, string condition, string values, string more, string ids, bool passes)
    {
        var filter = Read(Filter($$"""{"name":"f","type":"{{type}}","condition":"{{condition}}","values":[{{values}}]{{more}}}"""));
        var data = DataValues.FromText($$$"""{"files":{"f":[{{{ids}}}]},"json":{}}""");
        Assert.Equal(ids.Split(',').Select(long.Parse), filter.FilesNeeded(data));
        Assert.Equal(passes, filter.Accepts(data, Facts));
    }

    [Theory]
    [InlineData(true, 1, false)]
    [InlineData(true, 2, true)]
    [InlineData(false, 1, true)]
    [InlineData(false, 0, false)]
    public void Every_filter_must_pass_or_any(bool all, int passing, bool accepted)
    {
        string Item(bool passes) => $$"""{"name":"p","type":"integer","condition":"==","values":[{{(passes ? 1 : 2)}}]}""";
        var filter = Read($$"""{"all":{{(all ? "true" : "false")}},"filters":[{{Item(passing > 1)}},{{Item(passing > 0)}}]}""");
        Assert.Equal(accepted, filter.Accepts(DataValues.FromText("""{"files":{},"json":{"p":1}}"""), Facts));
    }

    [Fact]
    public void No_filter_accepts_and_an_absent_parameter_fails()
    {
        Assert.True(DataFilter.AcceptAll.Accepts(DataValues.Empty, Facts));
        Assert.False(Read(Filter("""{"name":"p","type":"string","condition":"not in","values":["x"]}""")).Accepts(DataValues.Empty, Facts));
        Assert.False(Read(Filter("""{"name":"p","type":"filename","condition":"not in","values":["x"]}""")).Accepts(DataValues.Empty, Facts));
    }

    [Theory]
    [InlineData("string", "string", null)]
    [InlineData("string", "integer", "MISMATCHED_TYPE")]
    [InlineData("number", "integer", null)]
    [InlineData("integer", "number", null)]
    [InlineData("boolean", "boolean", null)]
    [InlineData("boolean", "string", "MISMATCHED_TYPE")]
    [InlineData("object", "object", null)]
    [InlineData("object", "meta-data", "MISMATCHED_TYPE")]
    [InlineData("array", "string", "MISMATCHED_TYPE")]
    [InlineData("file", "filename", null)]
    [InlineData("file", "meta-data", null)]
    [InlineData("file", "string", "MISMATCHED_TYPE")]
    [InlineData("none", "string", "UNMATCHED_FILTER")]
    [InlineData("other", "string", "UNMATCHED_FILTER,UNMATCHED_PARAMETERS")]
    public void Filters_are_held_against_the_interface(string parameter, string type, string? names)
    {
        var target = DataInterface.Parse(JsonElement.Parse(parameter switch
        {
            "file" => """{"files":[{"name":"p"}]}""",
            "none" => "{}",
            "other" => """{"files":[{"name":"q"}]}""",
            _ => $$"""{"json":[{"name":"p","type":"{{parameter}}"}]}""",
        })).Required();
        var condition = type is "object" or "meta-data" ? "subset of" : "==";
        var filter = Read(Filter($$"""{"name":"p","type":"{{type}}","condition":"{{condition}}","values":[1]}"""));
        Assert.Equal(names?.Split(',') ?? [], filter.Check(target).Select(p => p.Name));
    }
}
