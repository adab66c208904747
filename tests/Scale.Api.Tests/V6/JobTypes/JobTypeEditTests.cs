using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.JobTypes;

/// <summary>Rules of creating and editing (job-types-and-seed.md §3.6, §3.7, §7) that the other tests leave.</summary>
public sealed class JobTypeEditTests
{
    private const string Path = "/v6/job-types/count-lines/1.0.0/";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Of_simultaneous_creations_one_creates_and_the_others_edit(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(), image: $"dir:{i}"))));
        Assert.Single(answers, a => a.Status == 201);
        Assert.All(answers, a => Assert.True(a.Status is 200 or 201, a.Text));
        Assert.Equal(6, (await api.Get(Path))["revision_num"].GetInt32());
        Assert.Equal(6, (await api.Get(Path + "revisions/"))["count"].GetInt32());
    }

    [Theory]
    [InlineData("validation")]
    [InlineData("status")]
    [InlineData("pending")]
    [InlineData("running")]
    [InlineData("system-failures")]
    public async Task Names_of_services_are_refused(string name)
    {
        await using var api = await ApiFixture.Start();
        Assert.Contains(name, (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(name)))).Expect(400).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flags_are_honoured_at_creation_and_may_be_texts()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain(), ("is_published", "false"), ("is_active", "f"), ("is_paused", "T"), ("max_scheduled", "7"), ("icon_code", "f013"));
        var details = await api.Get(Path);
        Assert.False(details["is_published"].GetBoolean());
        Assert.False(details["is_active"].GetBoolean());
        Assert.True(details["is_paused"].GetBoolean());
        Assert.Equal(7, details["max_scheduled"].GetInt32());
        Assert.NotNull(details["deprecated"].GetString());
        Assert.NotNull(details["paused"].GetString());
        (await api.Post("/v6/job-types/?is_published=true", Manifests.Body(Manifests.Plain()))).Expect(200);
        Assert.True((await api.Get(Path))["is_published"].GetBoolean());
    }

    [Theory]
    [InlineData("""{"max_scheduled":0}""")]
    [InlineData("""{"max_scheduled":null}""")]
    public async Task Null_and_zero_remove_the_limit(string body)
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain(), ("max_scheduled", 5));
        (await api.Patch(Path, """{"is_paused":true}""")).Expect(200);
        Assert.Equal(5, (await api.Get(Path))["max_scheduled"].GetInt32());
        (await api.Patch(Path, body)).Expect(200);
        Assert.Equal("null", (await api.Get(Path))["max_scheduled"].GetRawText());
        Assert.Contains("max_scheduled", (await api.Patch(Path, """{"max_scheduled":-1}""")).Expect(400).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_a_flag_to_what_it_is_moves_no_time()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain());
        (await api.Patch(Path, """{"is_active":false,"is_paused":true}""")).Expect(200);
        var before = await api.Get(Path);
        (await api.Patch(Path, """{"is_active":false,"is_paused":true}""")).Expect(200);
        var after = await api.Get(Path);
        Assert.Equal((before["deprecated"].GetString(), before["paused"].GetString()), (after["deprecated"].GetString(), after["paused"].GetString()));
        (await api.Patch(Path, """{"is_paused":false}""")).Expect(200);
        Assert.Equal("null", (await api.Get(Path))["paused"].GetRawText());
    }

    [Fact]
    public async Task Jobs_of_a_deprecated_type_go_on_and_can_be_queued_again()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain());
        var queued = (await api.Post("/v6/jobs/", new { job_type_id = 1 })).Expect(201)["id"].GetInt64();
        var before = await api.Get($"/v6/jobs/{queued}/");

        (await api.Patch(Path, """{"is_active":false}""")).Expect(200);
        Assert.Equal(before["last_modified"].GetString(), (await api.Get($"/v6/jobs/{queued}/"))["last_modified"].GetString());

        await using var leader = await JobLeader.Start(api.Database);
        (await api.Post($"/v6/jobs/{queued}/cancel/")).Expect(202);
        await leader.Settle();
        (await api.Post($"/v6/jobs/{queued}/requeue/")).Expect(202);
        await leader.Settle();
        var after = await api.Get($"/v6/jobs/{queued}/");
        Assert.Equal(("QUEUED", 2), (after["status"].GetString(), after["num_exes"].GetInt32()));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_new_image_or_manifest_clears_unmet_resources_and_replaces_tags(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifests.Plain().With(job => job["tags"] = new JsonArray("old", "old")));
        await Unmet("gpus,mem");
        Assert.Equal("gpus,mem", (await api.Get(Path))["unmet_resources"].GetString());
        (await api.Patch(Path, """{"icon_code":"f1"}""")).Expect(200);
        Assert.Equal("gpus,mem", (await api.Get(Path))["unmet_resources"].GetString());
        (await api.Patch(Path, """{"docker_image":"dir:new"}""")).Expect(200);
        Assert.Equal(("null", 2), ((await api.Get(Path))["unmet_resources"].GetRawText(), (await api.Get(Path))["revision_num"].GetInt32()));
        Assert.Single((await api.Get("/v6/job-types/?keyword=OLD")).Results);

        await Unmet("gpus");
        (await api.Patch(Path, new JsonObject { ["manifest"] = Manifests.Plain().With(job => job["title"] = "Renamed") })).Expect(200);
        var details = await api.Get(Path);
        Assert.Equal(("null", "Renamed"), (details["unmet_resources"].GetRawText(), details["title"].GetString()));
        Assert.Empty((await api.Get("/v6/job-types/?keyword=old")).Results);
        Assert.Equal("Renamed", (await api.Get(Path + "revisions/1/"))["job_type"].GetProperty("title").GetString());

        async Task Unmet(string names)
        {
            await using var session = await api.Database.Write();
            await session.Execute("UPDATE job_type SET unmet_resources = @names", ("names", names));
            await session.Commit();
        }
    }

    [Fact]
    public async Task A_configuration_replaces_the_stored_one_and_an_empty_one_is_no_change()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain(), ("configuration", new JsonObject { ["priority"] = 7, ["mounts"] = new JsonObject { ["M"] = new JsonObject { ["type"] = "volume" } } }));
        (await api.Patch(Path, """{"configuration":{}}""")).Expect(200);
        Assert.Equal(7, (await api.Get(Path))["configuration"].GetProperty("priority").GetInt32());
        var answer = (await api.Patch(Path, """{"configuration":{"settings":{"A":"1"}}}""")).Expect(200);
        Assert.Equal(["UNKNOWN_SETTING"], answer["warnings"].EnumerateArray().Select(w => w.GetProperty("name").GetString()));
        Assert.Equal(
            """{"mounts":{},"output_workspaces":{"default":"","outputs":{}},"priority":100,"settings":{"A":"1"}}""", (await api.Get(Path))["configuration"].GetRawText());
        foreach (var wrong in new[] { """{"priority":"high"}""", """{"priority":0}""", """{"version":"1.0"}""", """{"output_workspaces":{"default":"nowhere"}}""", """{"mounts":[]}""" })
        {
            Assert.StartsWith("Job type configuration invalid: ", (await api.Patch(Path, $$"""{"configuration":{{wrong}}}""")).Expect(400).Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_stored_configuration_must_fit_the_new_manifest()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain("convert"));
        Assert.Contains("OUT", (await api.Patch("/v6/job-types/convert/1.0.0/", new JsonObject { ["manifest"] = Manifests.WithFiles() })).Expect(400).Detail, StringComparison.Ordinal);
        Assert.Equal(1, (await api.Get("/v6/job-types/convert/1.0.0/"))["revision_num"].GetInt32());
    }

    [Fact]
    public async Task A_broken_stored_configuration_shows_the_defaults()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain());
        await using (var session = await api.Database.Write(TestContext.Current.CancellationToken))
        {
            await session.Execute("UPDATE job_type SET configuration = '{\"priority\":'");
            await session.Commit();
        }

        Assert.Equal(100, (await api.Get(Path)).Expect(200)["configuration"].GetProperty("priority").GetInt32());
    }

    [Fact]
    public async Task Reuse_survives_and_shows_only_where_it_is_on()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain());
        Assert.False((await api.Get(Path))["configuration"].TryGetProperty("reuse", out _));
        (await api.Patch(Path, """{"configuration":{"reuse":true}}""")).Expect(200);
        Assert.True((await api.Get(Path))["configuration"].GetProperty("reuse").GetBoolean());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_dry_run_tells_what_would_happen_and_saves_nothing(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var warned = Manifests.Plain().With(job => job["interface"] = new JsonObject { ["command"] = "count ${NOTHING}" });
        var created = (await api.Post("/v6/job-types/?dry_run=true", Manifests.Body(warned))).Expect(200);
        Assert.Equal(["UNDEFINED_VARIABLE"], created["warnings"].EnumerateArray().Select(w => w.GetProperty("name").GetString()));
        Assert.Empty((await api.Get("/v6/job-types/")).Results);

        await api.Register(Manifests.Plain());
        await api.AddRecipeType("Chain", Definitions.Of(("a", Definitions.Job("count-lines"))));
        var edited = (await api.Patch(Path, """{"is_active":false,"docker_image":"dir:other","dry_run":true}""")).Expect(200);
        Assert.Contains("DEPRECATED_RECIPES", edited["warnings"].EnumerateArray().Select(w => w.GetProperty("name").GetString()));
        var details = await api.Get(Path);
        Assert.True(details["is_active"].GetBoolean());
        Assert.Equal(1, details["revision_num"].GetInt32());
        (await api.Patch(Path, """{"max_scheduled":-1,"dry_run":true}""")).Expect(400);
    }

    [Fact]
    public async Task Validation_names_a_configuration_of_any_wrong_shape()
    {
        await using var api = await ApiFixture.Start();
        foreach (var (configuration, error) in new[] { ("[]", "INVALID_CONFIGURATION"), ("\"x\"", "INVALID_CONFIGURATION"), ("""{"version":"5"}""", "INVALID_VERSION"), ("""{"priority":0}""", "INVALID_PRIORITY") })
        {
            var answer = (await api.Post("/v6/job-types/validation/", $$"""{"manifest":{{Manifests.Plain().ToJsonString()}},"configuration":{{configuration}},"other":1}""")).Expect(200);
            Assert.False(answer["is_valid"].GetBoolean());
            Assert.Equal([error], answer["errors"].EnumerateArray().Select(e => e.GetProperty("name").GetString()));
        }
    }

    [Fact]
    public async Task Everybody_may_validate_but_only_staff_writes()
    {
        await using var api = await ApiFixture.Start();
        using var client = api.CreateClient(await api.AddAccount("ann"));
        var body = new JsonObject { ["manifest"] = Manifests.Plain(), ["docker_image"] = "x" };
        (await api.Send(HttpMethod.Post, "/v6/job-types/validation/", body, client)).Expect(200);
        (await api.Send(HttpMethod.Post, "/v6/job-types/", body, client)).Expect(403);
        (await api.Send(HttpMethod.Get, "/v7/job-types/", client: client)).Expect(200);
    }
}
