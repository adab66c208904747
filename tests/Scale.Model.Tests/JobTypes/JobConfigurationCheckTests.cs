using System.Text.Json;
using Scale.Model.JobTypes;

namespace Scale.Model.Tests.JobTypes;

public class JobConfigurationCheckTests
{
    private static readonly Dictionary<string, bool> Workspaces = new() { ["products"] = true, ["images"] = true, ["old"] = false };

    private const string OneOutput = """{"outputs":{"files":[{"name":"PNG","pattern":"*.png"}]}}""";

    private static (string[] Errors, string[] Warnings) Check(string configuration, string application = "{}", string job = "{}")
    {
        var (errors, warnings) = JobConfiguration.Parse(JsonElement.Parse(configuration)).Required().Check(SeedJson.Read(job, application), Workspaces);
        return (errors.Select(e => $"{e.Name} {e.Path}").ToArray(), warnings.Select(w => $"{w.Name} {w.Path}").ToArray());
    }

    [Theory]
    [InlineData("""{"output_workspaces":{"default":"products"}}""", OneOutput)]
    [InlineData("""{"output_workspaces":{"outputs":{"PNG":"images"}}}""", OneOutput)]
    [InlineData("{}", "{}")]
    [InlineData("{}", """{"outputs":{"json":[{"name":"N","type":"string"}]}}""")]
    [InlineData("""{"settings":{"A":""},"mounts":{"M":{"type":"volume"}}}""", """{"settings":[{"name":"A"}],"mounts":[{"name":"M","path":"/m"}]}""")]
    public void What_fits_says_nothing(string configuration, string application)
    {
        var (errors, warnings) = Check(configuration, application);
        Assert.Empty(errors);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("""{"output_workspaces":{"default":"nowhere"}}""", OneOutput, "INVALID_WORKSPACE /output_workspaces/default")]
    [InlineData("""{"output_workspaces":{"default":"Products"}}""", OneOutput, "INVALID_WORKSPACE /output_workspaces/default")]
    [InlineData("""{"output_workspaces":{"default":"products","outputs":{"a/b":"nowhere"}}}""", OneOutput, "INVALID_WORKSPACE /output_workspaces/outputs/a~1b")]
    [InlineData("{}", OneOutput, "MISSING_WORKSPACE /output_workspaces")]
    [InlineData("""{"output_workspaces":{"outputs":{"TIFF":"images"}}}""", OneOutput, "MISSING_WORKSPACE /output_workspaces")]
    [InlineData("""{"output_workspaces":{"outputs":{"PNG":""}}}""", OneOutput, "MISSING_WORKSPACE /output_workspaces")]
    [InlineData("""{"settings":{"A":null}}""", """{"settings":[{"name":"A"}]}""", "INVALID_SETTING /settings/A")]
    [InlineData("""{"settings":{"B":null}}""", "{}", "INVALID_SETTING /settings/B")]
    public void Errors_have_their_name_and_place(string configuration, string application, string error) => Assert.Equal([error], Check(configuration, application).Errors);

    [Theory]
    [InlineData("""{"mounts":{"M":{"type":"volume"}}}""", "{}", "UNKNOWN_MOUNT /mounts/M")]
    [InlineData("{}", """{"mounts":[{"name":"M","path":"/m"}]}""", "MISSING_MOUNT /mounts")]
    [InlineData("""{"settings":{"A":"1"}}""", "{}", "UNKNOWN_SETTING /settings/A")]
    [InlineData("{}", """{"settings":[{"name":"A"}]}""", "MISSING_SETTING /settings")]
    [InlineData("{}", """{"settings":[{"name":"A","secret":true}]}""", "MISSING_SETTING /settings")]
    [InlineData("""{"output_workspaces":{"default":"products","outputs":{"png":"images"}}}""", OneOutput, "UNKNOWN_OUTPUT /output_workspaces/outputs/png")]
    [InlineData("""{"output_workspaces":{"default":"old"}}""", OneOutput, "DEPRECATED_WORKSPACE /output_workspaces/default")]
    [InlineData("""{"output_workspaces":{"outputs":{"PNG":"old"}}}""", OneOutput, "DEPRECATED_WORKSPACE /output_workspaces/outputs/PNG")]
    public void Warnings_have_their_name_and_place(string configuration, string application, string warning)
    {
        var (errors, warnings) = Check(configuration, application);
        Assert.Empty(errors);
        Assert.Equal([warning], warnings);
    }

    [Fact]
    public void A_secret_may_be_deleted_with_null() =>
        Assert.Empty(Check("""{"settings":{"A":null}}""", """{"settings":[{"name":"A","secret":true}]}""").Errors);

    [Fact]
    public void Only_resources_every_node_offers_are_standard() => Assert.Equal(
        ["NONSTANDARD_RESOURCE "],
        Check("{}", "{}", """{"resources":{"scalar":[{"name":"CPUS","value":1},{"name":"mem","value":1},{"name":"disk","value":1},{"name":"gpus","value":1},{"name":"sharedMem","value":1},{"name":"fpga","value":1}]}}""").Warnings);

    [Fact]
    public void Warnings_are_shown_by_mounts_workspaces_settings_resources_and_one_for_each_name() => Assert.Equal(
        [
            "UNKNOWN_MOUNT /mounts/a", "UNKNOWN_MOUNT /mounts/b", "MISSING_MOUNT /mounts", "DEPRECATED_WORKSPACE /output_workspaces/default",
            "UNKNOWN_SETTING /settings/x", "MISSING_SETTING /settings", "MISSING_SETTING /settings", "NONSTANDARD_RESOURCE ",
        ],
        Check(
            """{"mounts":{"b":{"type":"volume"},"a":{"type":"volume"}},"output_workspaces":{"default":"old"},"settings":{"x":""}}""",
            """{"mounts":[{"name":"M","path":"/m"}],"settings":[{"name":"A"},{"name":"B"}]}""",
            """{"resources":{"scalar":[{"name":"fpga","value":1}]}}""").Warnings);
}
