using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.Jobs;
using Scale.Model.JobTypes;

namespace Scale.Model.Tests.Jobs;

public class ReuseKeyTests
{
    private static string Key(
        long revision = 1, string json = "{}", string contents = "a,b", string configuration = """{"settings":{"A":"1"}}""", string secret = "s", long workspace = 1, string input = "IN") => ReuseKey.Of(
        revision,
        DataValues.Parse(JsonElement.Parse($$"""{"files":{},"json":{{json}}}""")).Required(),
        new Dictionary<string, IReadOnlyList<string>> { [input] = contents.Split(',') },
        JobConfiguration.Parse(JsonElement.Parse(configuration)).Required(),
        new Dictionary<string, string> { ["PASSWORD"] = secret },
        new Dictionary<string, long> { ["OUT"] = workspace });

    [Fact]
    public void Everything_that_a_result_depends_on_makes_another_key()
    {
        string[] keys =
        [
            Key(), Key(revision: 2), Key(json: """{"N":1}"""), Key(json: """{"N":"1"}"""), Key(json: """{"N":[1,2]}"""), Key(json: """{"N":[2,1]}"""), Key(contents: "b,a"), Key(contents: "a"),
            Key(configuration: """{"settings":{"A":"2"}}"""), Key(configuration: "{}"), Key(configuration: """{"settings":{"A":"1"},"mounts":{"M":{"type":"host","host_path":"/m"}}}"""),
            Key(secret: "t"), Key(workspace: 2), Key(input: "OTHER"),
        ];
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Theory]
    [InlineData("""{"N":{"a":1,"b":[1.50,{"c":2}]}}""", """{"N":{"b":[1.5,{"c":2.0}],"a":1}}""")]
    [InlineData("""{"N":100}""", """{"N":1e2}""")]
    [InlineData("""{"N":"\u0041"}""", """{"N":"A"}""")]
    public void Json_counts_by_value_not_by_spelling(string left, string right) => Assert.Equal(Key(json: left), Key(json: right));

    [Fact]
    public void Priority_and_reuse_itself_do_not_count() => Assert.Equal(Key(), Key(configuration: """{"settings":{"A":"1"},"priority":3,"reuse":true}"""));

    [Fact]
    public void No_value_can_be_read_out_of_a_key() => Assert.Matches("^[0-9a-f]{64}$", Key(secret: "hush"));
}
