using Scale.Model.JobTypes.Seed;

namespace Scale.Model.Tests.JobTypes;

public sealed class SeedLabelTests
{
    private const string Manifest = """{"job":{"interface":{"command":"run ${IN} \\d"}}}""";

    [Theory]
    [InlineData(Manifest)]
    [InlineData("  " + Manifest + "\n")]
    [InlineData("""{\"job\":{\"interface\":{\"command\":\"run \${IN} \\d\"}}}""")]
    [InlineData("""{"job":{"interface":{"command":"run \${IN} \\d"}}}""")]
    [InlineData("\"" + """{\"job\":{\"interface\":{\"command\":\"run ${IN} \\\\d\"}}}""" + "\"")]
    [InlineData("'" + Manifest + "'")]
    [InlineData("""{\\"job\\":{\\"interface\\":{\\"command\\":\\"run \\${IN} \\d\\"}}}""")]
    public void A_label_is_read_however_often_it_was_escaped(string label) =>
        Assert.Equal("run ${IN} \\d", SeedLabel.Read(label)!.Value.GetProperty("job").GetProperty("interface").GetProperty("command").GetString());

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("42")]
    [InlineData("{\"job\":")]
    [InlineData("\"\"")]
    public void Anything_else_is_no_manifest(string label) => Assert.Null(SeedLabel.Read(label));
}
