using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.JobTypes;

/// <summary>What job-types-and-seed.md marks as fixed or new, over HTTP.</summary>
public sealed class JobTypeContractTests
{
    private const string Path = "/v6/job-types/count-lines/1.0.0/";
    private const string Mounts = """{"mounts":[{"name":"DEM","path":"/dem"}]}""";
    private const string Settings = """{"settings":[{"name":"HOST"},{"name":"PORT"}]}""";

    [Theory]
    [InlineData("""{"mounts":[{"name":"A","path":"/a"},{"name":"A","path":"/b"}]}""", null, "DUPLICATE_MOUNT_NAMES", "")]
    [InlineData("""{"mounts":[{"name":"A","path":"a"}]}""", null, "INVALID_MOUNT_PATH", "")]
    [InlineData("""{"inputs":{"files":[{"name":"a-b"}],"json":[{"name":"A_B","type":"string"}]}}""", null, "NAME_COLLISION_ERROR", "")]
    [InlineData("""{"settings":[{"name":"output-dir"}]}""", null, "NAME_COLLISION_ERROR", "")]
    [InlineData("""{"outputs":{"json":[{"name":"A","type":"string"},{"name":"A","type":"string"}]}}""", null, "NAME_COLLISION_ERROR", "")]
    [InlineData("""{"extra":1}""", null, "JSON_VALIDATION_ERROR", "")]
    [InlineData("{}", """{"version":"5"}""", "INVALID_VERSION", "")]
    [InlineData("{}", """{"version":"2.0"}""", "", "")]
    [InlineData("{}", """{"priority":"high"}""", "INVALID_CONFIGURATION", "")]
    [InlineData("{}", """{"priority":0}""", "INVALID_PRIORITY", "")]
    [InlineData("{}", """{"settings":{"A":5}}""", "INVALID_CONFIGURATION", "")]
    [InlineData("{}", """{"mounts":{"M":{"host_path":"/a"}}}""", "INVALID_CONFIGURATION", "")]
    [InlineData("{}", """{"mounts":{"M":{"type":"host","host_path":"a"}}}""", "HOST_ABSOLUTE_PATH", "")]
    [InlineData("{}", """{"output_workspaces":{"default":"nowhere"}}""", "INVALID_WORKSPACE", "")]
    [InlineData("{}", """{"output_workspaces":{"default":"old"}}""", "", "DEPRECATED_WORKSPACE")]
    [InlineData("""{"outputs":{"files":[{"name":"OUT","pattern":"*"}]}}""", """{"output_workspaces":{"outputs":{"OTHER":"products"}}}""", "MISSING_WORKSPACE", "UNKNOWN_OUTPUT")]
    [InlineData(Mounts, """{"mounts":{"B":{"type":"volume"},"A":{"type":"volume"}}}""", "", "UNKNOWN_MOUNT UNKNOWN_MOUNT MISSING_MOUNT")]
    [InlineData(Settings, """{"settings":{"HOST":"a","X":"b"}}""", "", "UNKNOWN_SETTING MISSING_SETTING")]
    public async Task Validation_names_what_is_wrong(string @interface, string? configuration, string errors, string warnings)
    {
        await using var api = await ApiFixture.Start();
        var (old, _) = await api.AddWorkspace("old");
        await api.AddWorkspace("products");
        (await api.Patch($"/v6/workspaces/{old}/", new { is_active = false })).Expect(204);
        var body = new JsonObject { ["manifest"] = Manifests.Plain().With(job => job["interface"] = JsonNode.Parse(@interface)) };
        if (configuration is not null)
        {
            body["configuration"] = JsonNode.Parse(configuration);
        }

        var answer = (await api.Post("/v6/job-types/validation/", body)).Expect(200);
        Assert.Equal((errors, warnings), (Names(answer, "errors"), Names(answer, "warnings")));
        Assert.Equal(errors.Length == 0, answer["is_valid"].GetBoolean());

        // What creation refuses is what validation finds.
        body["docker_image"] = "dir:tools";
        (await api.Post("/v6/job-types/", body.DeepClone())).Expect(errors.Length == 0 ? 201 : 400);
    }

    [Theory]
    [InlineData("""{"resources":{"scalar":[{"name":"gpus","value":1.1}]}}""", "JSON_VALIDATION_ERROR", "")]
    [InlineData("""{"resources":{"scalar":[{"name":"gpus","value":2.0},{"name":"sharedMem","value":1}]}}""", "", "")]
    [InlineData("""{"resources":{"scalar":[{"name":"mem","value":1},{"name":"MEM","value":1}]}}""", "NAME_COLLISION_ERROR", "")]
    [InlineData("""{"resources":{"scalar":[{"name":"fpga","value":1}]}}""", "", "NONSTANDARD_RESOURCE")]
    [InlineData("""{"resources":{}}""", "", "")]
    [InlineData("""{"errors":[{"code":1,"name":"a"},{"code":2,"name":"a"}]}""", "DUPLICATE_ERROR_NAMES", "")]
    [InlineData("""{"errors":[{"code":1}]}""", "JSON_VALIDATION_ERROR", "")]
    [InlineData("""{"interface":{"command":"run","inputs":{"json":[{"name":"SCALE_JOB_ID","type":"string"}]}}}""", "", "RESERVED_NAME")]
    public async Task Validation_names_what_is_wrong_with_a_job(string members, string errors, string warnings)
    {
        await using var api = await ApiFixture.Start();
        var manifest = Manifests.Plain().With(job =>
        {
            foreach (var (name, value) in JsonNode.Parse(members)!.AsObject())
            {
                job[name] = value?.DeepClone();
            }
        });
        var answer = (await api.Post("/v6/job-types/validation/", new JsonObject { ["manifest"] = manifest })).Expect(200);
        Assert.Equal((errors, warnings), (Names(answer, "errors"), Names(answer, "warnings")));
    }

    [Fact]
    public async Task Flags_and_numbers_may_come_as_text()
    {
        await using var api = await ApiFixture.Start();
        var made = (await api.Post("/v7/job-types/", Manifests.Body(
            Manifests.Plain(), others: [("is_published", "false"), ("max_scheduled", "3"), ("is_active", "true"), ("is_paused", true)]))).Expect(201);
        Assert.Equal(
            (false, 3, true, true),
            (made["is_published"].GetBoolean(), made["max_scheduled"].GetInt32(), made["is_active"].GetBoolean(), made["is_paused"].GetBoolean()));
        (await api.Patch(Path, """{"max_scheduled":0}""")).Expect(200);
        Assert.Equal("null", (await api.Get(Path))["max_scheduled"].GetRawText());
    }

    [Fact]
    public async Task An_image_alone_makes_a_revision_and_an_empty_configuration_changes_nothing()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain(), ("configuration", JsonNode.Parse("""{"priority":7}""")));
        (await api.Patch(Path, """{"docker_image":"dir:other","configuration":{}}""")).Expect(200);
        var shown = await api.Get(Path);
        Assert.Equal((2, "dir:other", 7), (shown["revision_num"].GetInt32(), shown["docker_image"].GetString(), shown["configuration"].GetProperty("priority").GetInt32()));
        Assert.Equal("""{"mounts":{},"output_workspaces":{"default":"","outputs":{}},"priority":7,"settings":{}}""", shown["configuration"].GetRawText());
        (await api.Patch(Path, """{"configuration":{"priority":"high"}}""")).Expect(400);
    }

    [Fact]
    public async Task A_broken_stored_configuration_shows_the_defaults()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain());
        await new Rows.Seed(api).Run("UPDATE job_type SET configuration = '{\"priority\":\"x\"'");
        Assert.Equal(100, (await api.Get(Path)).Expect(200)["configuration"].GetProperty("priority").GetInt32());
    }

    [Fact]
    public async Task Long_texts_never_break_anything()
    {
        await using var api = await ApiFixture.Start(Provider.Postgres);
        var text = new string('x', 3000);
        var manifest = Manifests.Plain().With(job =>
        {
            (job["title"], job["description"], job["tags"]) = (text, text, new JsonArray(text));
            job["errors"] = new JsonArray(new JsonObject { ["code"] = 1, ["name"] = text, ["title"] = text, ["description"] = text });
        });
        Assert.InRange((await api.Post("/v6/job-types/", Manifests.Body(manifest, image: text, others: ("icon_code", text)))).Status, 201, 400);
        Assert.InRange((await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(text)))).Status, 201, 400);
        Assert.InRange((await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(version: "1.0.0-" + text)))).Status, 201, 400);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Of_simultaneous_creations_one_creates_and_the_others_edit(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain())))));
        Assert.Equal([200, 200, 200, 200, 200, 201], answers.Select(a => a.Status).Order());
        Assert.Equal(1, (await api.Get(Path))["revision_num"].GetInt32());
    }

    private static string Names(ApiAnswer answer, string list) => string.Join(' ', answer[list].EnumerateArray().Select(e => e.GetProperty("name").GetString()));
}
