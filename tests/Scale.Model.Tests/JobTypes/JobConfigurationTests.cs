using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.JobTypes;
using Scale.Model.Recipes;

namespace Scale.Model.Tests.JobTypes;

public class JobConfigurationTests
{
    private const string Everything = """
        {"mounts":{"DEM":{"type":"host","host_path":"/srv/dem"},"REF":{"type":"volume","driver":"nfs","driver_opts":{"share":"h:/x"}}},
         "output_workspaces":{"default":"products","outputs":{"PNG":"images"}},"priority":7,"settings":{"DB_HOST":"db1"}}
        """;

    private static JobConfiguration Read(string text) => JobConfiguration.Parse(JsonElement.Parse(text)).Required();

    private static (string Name, string Path)[] Errors(string text) => JobConfiguration.Parse(JsonElement.Parse(text)).Errors.Select(p => (p.Name, p.Path)).ToArray();

    [Fact]
    public void Every_member_is_read_stored_and_shown()
    {
        var read = Read(Everything);
        Assert.Equal(new MountConfiguration.Host("/srv/dem"), read.Mounts!["DEM"]);
        var volume = Assert.IsType<MountConfiguration.Volume>(read.Mounts["REF"]);
        Assert.Equal(("nfs", "h:/x"), (volume.Driver, volume.DriverOptions["share"]));
        Assert.Equal(("products", 7, "db1"), (read.DefaultWorkspace, read.Priority, read.Settings!["DB_HOST"]));
        Assert.Equal(JsonNode.Parse(Everything)!.ToJsonString(), read.ToText());
        Assert.Equal(read.ToText(), JobConfiguration.FromText(read.ToText()).ToText());
        Assert.Equal(read.ToText(), read.ToJson().ToJsonString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"version":"6"}""")]
    [InlineData("""{"version":"7"}""")]
    [InlineData("""{"version":"2.0"}""")]
    public void All_members_may_be_left_out_and_all_are_shown(string text)
    {
        Assert.Equal("""{"mounts":{},"output_workspaces":{"default":"","outputs":{}},"priority":100,"settings":{}}""", Read(text).ToJson().ToJsonString());
        Assert.Equal("{}", Read(text).ToText());
    }

    [Theory]
    [InlineData("""{"mounts":{"V":{"type":"volume"}}}""", """{"mounts":{"V":{"type":"volume","driver":"","driver_opts":{}}}}""")]
    [InlineData("""{"output_workspaces":{}}""", """{"output_workspaces":{"default":"","outputs":{}}}""")]
    [InlineData("""{"priority":2.0}""", """{"priority":2}""")]
    public void Defaults_are_filled_inside_of_what_is_there(string text, string stored) => Assert.Equal(stored, Read(text).ToText());

    [Theory]
    [InlineData("""{"version":"1.0"}""", "INVALID_VERSION", "/version")]
    [InlineData("""{"version":7}""", "INVALID_VERSION", "/version")]
    [InlineData("[]", "INVALID_CONFIGURATION", "")]
    [InlineData("""{"mounts":[]}""", "INVALID_CONFIGURATION", "/mounts")]
    [InlineData("""{"mounts":{"a":"/b"}}""", "INVALID_CONFIGURATION", "/mounts/a")]
    [InlineData("""{"mounts":{"a":{"host_path":"/b"}}}""", "INVALID_CONFIGURATION", "/mounts/a/type")]
    [InlineData("""{"mounts":{"a":{"type":"tape"}}}""", "INVALID_CONFIGURATION", "/mounts/a/type")]
    [InlineData("""{"mounts":{"a":{"type":"host"}}}""", "INVALID_CONFIGURATION", "/mounts/a/host_path")]
    [InlineData("""{"mounts":{"a":{"type":"host","host_path":"/b","driver":"x"}}}""", "INVALID_CONFIGURATION", "/mounts/a/driver")]
    [InlineData("""{"mounts":{"a":{"type":"volume","driver_opts":{"o":1}}}}""", "INVALID_CONFIGURATION", "/mounts/a/driver_opts/o")]
    [InlineData("""{"mounts":{"a":{"type":"volume","host_path":"/b"}}}""", "INVALID_CONFIGURATION", "/mounts/a/host_path")]
    [InlineData("""{"mounts":{"a":{"type":"host","host_path":"b"}}}""", "HOST_ABSOLUTE_PATH", "/mounts/a/host_path")]
    [InlineData("""{"mounts":{"a":{"type":"host","host_path":""}}}""", "HOST_ABSOLUTE_PATH", "/mounts/a/host_path")]
    [InlineData("""{"output_workspaces":[]}""", "INVALID_CONFIGURATION", "/output_workspaces")]
    [InlineData("""{"output_workspaces":{"PNG":"images"}}""", "INVALID_CONFIGURATION", "/output_workspaces/PNG")]
    [InlineData("""{"output_workspaces":{"default":1}}""", "INVALID_CONFIGURATION", "/output_workspaces/default")]
    [InlineData("""{"output_workspaces":{"outputs":{"PNG":{}}}}""", "INVALID_CONFIGURATION", "/output_workspaces/outputs/PNG")]
    [InlineData("""{"priority":0}""", "INVALID_PRIORITY", "/priority")]
    [InlineData("""{"priority":-5}""", "INVALID_PRIORITY", "/priority")]
    [InlineData("""{"priority":"1"}""", "INVALID_CONFIGURATION", "/priority")]
    [InlineData("""{"priority":1.5}""", "INVALID_CONFIGURATION", "/priority")]
    [InlineData("""{"settings":[]}""", "INVALID_CONFIGURATION", "/settings")]
    [InlineData("""{"settings":{"a":1}}""", "INVALID_CONFIGURATION", "/settings/a")]
    [InlineData("""{"settings":{"a":true}}""", "INVALID_CONFIGURATION", "/settings/a")]
    [InlineData("""{"setting":{}}""", "INVALID_CONFIGURATION", "/setting")]
    public void Every_problem_has_its_name_and_place(string text, string name, string path) => Assert.Equal([(name, path)], Errors(text));

    [Theory]
    [InlineData("{}", null, "{}", false)]
    [InlineData("""{"reuse":true}""", true, """{"reuse":true}""", true)]
    [InlineData("""{"reuse":false}""", false, """{"reuse":false}""", false)]
    public void Reuse_is_stored_as_given_and_shown_only_where_it_is_on(string text, bool? reuse, string stored, bool isShown)
    {
        var read = Read(text);
        Assert.Equal(reuse, read.Reuse);
        Assert.Equal(stored, read.ToText());
        Assert.Equal(isShown, read.ToJson().ContainsKey("reuse"));
        Assert.True(Read("{}").CompletedBy(Read("""{"reuse":true}""")).Reuse);
        Assert.False(Read("""{"reuse":false}""").CompletedBy(Read("""{"reuse":true}""")).Reuse);
        Assert.Equal(reuse ?? true, Read("""{"reuse":true}""").OverlaidBy(read).Reuse);
        Assert.Equal([("INVALID_CONFIGURATION", "/reuse")], Errors("""{"reuse":"yes"}"""));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"priority":0}""")]
    public void A_broken_row_shows_the_defaults(string? stored) => Assert.Equal(JobConfiguration.Empty.ToText(), JobConfiguration.FromText(stored).ToText());

    [Theory]
    [InlineData("PNG", "images")]
    [InlineData("TIFF", "products")]
    [InlineData("png", "products")]
    public void An_output_goes_to_its_own_workspace_before_the_default(string output, string workspace) => Assert.Equal(workspace, Read(Everything).WorkspaceOf(output));

    [Theory]
    [InlineData("""{"output_workspaces":{"outputs":{"PNG":"","TIFF":"t"}}}""", "PNG")]
    [InlineData("""{"output_workspaces":{"default":""}}""", "PNG")]
    [InlineData("{}", "PNG")]
    public void Without_either_there_is_none(string text, string output) => Assert.Null(Read(text).WorkspaceOf(output));

    [Theory]
    [InlineData("{}", Everything)]
    [InlineData("""{"settings":{}}""", """{"mounts":"m","output_workspaces":"o","priority":7,"settings":{}}""")]
    [InlineData("""{"settings":{"A":"1"},"priority":3}""", """{"mounts":"m","output_workspaces":"o","priority":3,"settings":{"A":"1"}}""")]
    [InlineData("""{"output_workspaces":{}}""", """{"mounts":"m","output_workspaces":{"default":"","outputs":{}},"priority":7,"settings":"s"}""")]
    [InlineData("""{"output_workspaces":{"outputs":{"A":"a"}},"mounts":{}}""", """{"mounts":{},"output_workspaces":{"default":"","outputs":{"A":"a"}},"priority":7,"settings":"s"}""")]
    public void A_job_takes_each_missing_member_whole_from_its_type(string job, string expected)
    {
        var wanted = JsonNode.Parse(expected)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(Everything)!.AsObject())
        {
            if (wanted[name] is JsonValue placeholder && placeholder.ToString() == name[..1])
            {
                wanted[name] = value!.DeepClone();
            }
        }

        Assert.Equal(wanted.ToJsonString(), Read(job).CompletedBy(Read(Everything)).ToText());
    }

    [Theory]
    [InlineData("{}", Everything)]
    [InlineData("""{"priority":1}""", """{"mounts":"m","output_workspaces":"o","priority":1,"settings":"s"}""")]
    [InlineData("""{"settings":{"A":"1"}}""", """{"mounts":"m","output_workspaces":"o","priority":7,"settings":{"A":"1","DB_HOST":"db1"}}""")]
    [InlineData("""{"settings":{"DB_HOST":"db2"}}""", """{"mounts":"m","output_workspaces":"o","priority":7,"settings":{"DB_HOST":"db2"}}""")]
    [InlineData("""{"output_workspaces":{"outputs":{"TIFF":"t"}}}""", """{"mounts":"m","output_workspaces":{"default":"products","outputs":{"PNG":"images","TIFF":"t"}},"priority":7,"settings":"s"}""")]
    [InlineData("""{"output_workspaces":{"default":"d"}}""", """{"mounts":"m","output_workspaces":{"default":"d","outputs":{"PNG":"images"}},"priority":7,"settings":"s"}""")]
    public void A_recipe_is_laid_over_the_type_name_by_name(string recipe, string expected)
    {
        var wanted = JsonNode.Parse(expected)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(Everything)!.AsObject())
        {
            if (wanted[name] is JsonValue placeholder && placeholder.ToString() == name[..1])
            {
                wanted[name] = value!.DeepClone();
            }
        }

        Assert.Equal(wanted.ToJsonString(), Read(Everything).OverlaidBy(Read(recipe)).ToText());
        Assert.Equal(Read(recipe).ToText(), JobConfiguration.Empty.OverlaidBy(Read(recipe)).ToText());
    }

    [Fact]
    public void Values_of_secret_settings_are_taken_out()
    {
        var manifest = SeedJson.Read("{}", """{"settings":[{"name":"KEY","secret":true},{"name":"OTHER","secret":true},{"name":"HOST"}]}""");
        var configuration = Read("""{"settings":{"KEY":"k","HOST":"h","STRAY":"s","OTHER":null}}""");
        Assert.Equal(new Dictionary<string, string> { ["KEY"] = "k" }, configuration.SecretsOf(manifest));
        Assert.Equal("""{"settings":{"HOST":"h","STRAY":"s"}}""", configuration.WithoutSecrets(manifest).ToText());
        Assert.Equal(["OTHER"], configuration.ClearedSettings);
        Assert.Empty(configuration.WithoutSecrets(manifest).ClearedSettings);
        Assert.Empty(JobConfiguration.Empty.SecretsOf(manifest));
    }

    [Theory]
    [InlineData("""{"version":"6","priority":1}""", null)]
    [InlineData("""{"version":"7"}""", null)]
    [InlineData("{}", null)]
    [InlineData("""{"version":"2.0"}""", "INVALID_VERSION")]
    [InlineData("""{"version":6}""", "INVALID_VERSION")]
    [InlineData("""{"priority":"high"}""", "INVALID_CONFIGURATION")]
    [InlineData("""{"nodes":{}}""", "INVALID_CONFIGURATION")]
    [InlineData("[]", "INVALID_CONFIGURATION")]
    public void A_recipe_configuration_has_the_same_grammar_but_only_two_versions(string text, string? error) =>
        Assert.Equal(error is null ? [] : [error], RecipeConfiguration.Parse(JsonElement.Parse(text)).Errors.Select(e => e.Name));
}
