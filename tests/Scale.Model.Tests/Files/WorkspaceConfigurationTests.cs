using System.Text.Json;
using Scale.Model.Documents;
using Scale.Model.Files;

namespace Scale.Model.Tests.Files;

public class WorkspaceConfigurationTests
{
    private static Parsed<WorkspaceConfiguration> Parse(string broker) => WorkspaceConfiguration.Parse(JsonElement.Parse("{\"broker\":" + broker + "}"));

    private static WorkspaceConfiguration Read(string broker) => Parse(broker).Required();

    [Theory]
    [InlineData("")]
    [InlineData("\"version\":\"1.0\",")]
    [InlineData("\"version\":\"6\",")]
    [InlineData("\"version\":\"7\",")]
    public void Every_version_has_one_shape_and_none_is_shown(string version)
    {
        var read = WorkspaceConfiguration.Parse(JsonElement.Parse("{" + version + """ "broker":{"type":"host","host_path":"/data//x/","note":[1]}}""")).Required();
        Assert.Equal(new WorkspaceBroker.Host("/data/x"), read.Broker);
        Assert.Equal("""{"broker":{"type":"host","host_path":"/data//x/","note":[1]}}""", read.ToText());
        Assert.Equal(read.Broker, WorkspaceConfiguration.FromText(read.ToText()).Broker);
    }

    [Theory]
    [InlineData("""{"broker":{"type":"host","host_path":"/data"},"version":"2.0"}""", "INVALID_VERSION", "/version")]
    [InlineData("""{"broker":{"type":"host","host_path":"/data"},"version":7}""", "INVALID_VERSION", "/version")]
    [InlineData("""{"broker":{"type":"host","host_path":"/data"},"name":"x"}""", "INVALID_CONFIGURATION", "/name")]
    [InlineData("{}", "INVALID_CONFIGURATION", "/broker")]
    [InlineData("[]", "INVALID_CONFIGURATION", "")]
    [InlineData("""{"broker":"host"}""", "INVALID_CONFIGURATION", "/broker")]
    [InlineData("""{"broker":{}}""", "INVALID_CONFIGURATION", "/broker/type")]
    [InlineData("""{"broker":{"type":"ftp"}}""", "INVALID_CONFIGURATION", "/broker/type")]
    [InlineData("""{"broker":{"type":1}}""", "INVALID_CONFIGURATION", "/broker/type")]
    [InlineData("""{"broker":{"type":"host"}}""", "INVALID_BROKER", "/broker/host_path")]
    [InlineData("""{"broker":{"type":"host","host_path":""}}""", "INVALID_BROKER", "/broker/host_path")]
    [InlineData("""{"broker":{"type":"host","host_path":5}}""", "INVALID_BROKER", "/broker/host_path")]
    [InlineData("""{"broker":{"type":"host","host_path":"data"}}""", "INVALID_BROKER", "/broker/host_path")]
    [InlineData("""{"broker":{"type":"host","host_path":"/"}}""", "INVALID_BROKER", "/broker/host_path")]
    [InlineData("""{"broker":{"type":"host","host_path":"/data/../etc"}}""", "INVALID_BROKER", "/broker/host_path")]
    [InlineData("""{"broker":{"type":"nfs"}}""", "INVALID_BROKER", "/broker/nfs_path")]
    [InlineData("""{"broker":{"type":"nfs","nfs_path":" "}}""", "INVALID_BROKER", "/broker/nfs_path")]
    [InlineData("""{"broker":{"type":"s3"}}""", "INVALID_BROKER", "/broker/bucket_name")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":""}}""", "INVALID_BROKER", "/broker/bucket_name")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","credentials":"key"}}""", "INVALID_BROKER", "/broker/credentials")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","credentials":{"access_key_id":"i"}}}""", "INVALID_BROKER", "/broker/credentials")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","credentials":{"access_key_id":"i","secret_access_key":5}}}""", "INVALID_BROKER", "/broker/credentials")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","region_name":5}}""", "INVALID_BROKER", "/broker/region_name")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","host_path":"mnt"}}""", "INVALID_BROKER", "/broker/host_path")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","endpoint_url":"ftp://x"}}""", "INVALID_BROKER", "/broker/endpoint_url")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","endpoint_url":"x"}}""", "INVALID_BROKER", "/broker/endpoint_url")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","path_style":"yes"}}""", "INVALID_BROKER", "/broker/path_style")]
    [InlineData("""{"broker":{"type":"s3","bucket_name":"b","key_prefix":"a/../b"}}""", "INVALID_BROKER", "/broker/key_prefix")]
    public void Every_problem_has_its_name_and_place(string text, string name, string path) =>
        Assert.Equal([(name, path)], WorkspaceConfiguration.Parse(JsonElement.Parse(text)).Errors.Select(e => (e.Name, e.Path)));

    [Fact]
    public void A_share_is_read() => Assert.Equal(new WorkspaceBroker.Nfs("host:/path"), Read("""{"type":"nfs","nfs_path":"host:/path"}""").Broker);

    [Theory]
    [InlineData("", null, null, null, null, false, "")]
    [InlineData(""","credentials":{"access_key_id":"i","secret_access_key":"s"},"region_name":"eu"}""", "i:s", "eu", null, null, false, "")]
    [InlineData(""","credentials":{},"region_name":" ","host_path":"  "}""", null, null, null, null, false, "")]
    [InlineData(""","credentials":null,"region_name":null,"host_path":null,"endpoint_url":null,"path_style":null,"key_prefix":null}""", null, null, null, null, false, "")]
    [InlineData(""","credentials":{"access_key_id":" ","secret_access_key":"s"}}""", null, null, null, null, false, "")]
    [InlineData(""","host_path":"/mnt/bucket/"}""", null, null, "/mnt/bucket", null, false, "")]
    [InlineData(""","endpoint_url":"http://store:9000"}""", null, null, null, "http://store:9000", true, "")]
    [InlineData(""","endpoint_url":"https://store","path_style":false}""", null, null, null, "https://store", false, "")]
    [InlineData(""","key_prefix":"/a/b/"}""", null, null, null, null, false, "a/b/")]
    public void A_bucket_is_read(string more, string? credentials, string? region, string? hostPath, string? endpoint, bool pathStyle, string prefix)
    {
        var broker = Assert.IsType<WorkspaceBroker.S3>(Read("""{"type":"s3","bucket_name":"b" """ + (more.Length == 0 ? "}" : more)).Broker);
        var key = credentials?.Split(':');
        Assert.Equal(new WorkspaceBroker.S3("b", key is null ? null : new S3Credentials(key[0], key[1]), region, hostPath, endpoint, pathStyle, prefix), broker);
        Assert.DoesNotContain("SecretAccessKey", broker.ToString());
    }

    private const string Secret = """{"type":"s3","bucket_name":"b","credentials":{"access_key_id":"id","secret_access_key":"secret"}}""";

    [Fact]
    public void Secrets_are_shown_as_asterisks()
    {
        Assert.Equal(
            """{"broker":{"type":"s3","bucket_name":"b","credentials":{"access_key_id":"************","secret_access_key":"************"}}}""",
            Read(Secret).ToJson(masked: true).ToJsonString());
        Assert.Equal("{\"broker\":" + Secret + "}", Read(Secret).ToJson(masked: false).ToJsonString());
        Assert.Equal("""{"broker":{"type":"nfs","nfs_path":"h:/x"}}""", Read("""{"type":"nfs","nfs_path":"h:/x"}""").ToJson(masked: true).ToJsonString());
    }

    [Theory]
    [InlineData("************", "************", "id", "secret")]
    [InlineData("new", "************", "new", "secret")]
    [InlineData("new", "other", "new", "other")]
    public void An_edit_that_carries_the_mask_keeps_the_stored_secret(string id, string secret, string expectedId, string expectedSecret)
    {
        var edited = Read($$$"""{"type":"s3","bucket_name":"c","credentials":{"access_key_id":"{{{id}}}","secret_access_key":"{{{secret}}}"}}""").KeepSecretsOf(Read(Secret));
        Assert.Equal(new WorkspaceBroker.S3("c", new S3Credentials(expectedId, expectedSecret), null, null, null, false, ""), edited.Broker);
    }

    [Fact]
    public void A_mask_without_a_stored_secret_is_no_secret()
    {
        var stored = Read("""{"type":"host","host_path":"/data"}""");
        var masked = Read("""{"type":"s3","bucket_name":"b","credentials":{"access_key_id":"************","secret_access_key":"************"}}""");
        Assert.Null(Assert.IsType<WorkspaceBroker.S3>(masked.KeepSecretsOf(stored).Broker).Credentials);
        Assert.Same(stored, stored.KeepSecretsOf(masked));
    }
}
