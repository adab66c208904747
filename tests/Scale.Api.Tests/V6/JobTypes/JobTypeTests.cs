using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.JobTypes;

public sealed class JobTypeTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_new_pair_is_created_with_revision_1(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var answer = (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(version: "1.0.0-beta+7")))).Expect(201);
        Assert.Equal("http://localhost/v6/job-types/count-lines/1.0.0-beta%2B7/", answer.Headers["Location"]);
        Assert.Equal("count-lines", answer["name"].GetString());
        Assert.Equal(1, answer["revision_num"].GetInt32());
        Assert.Equal(100, answer["configuration"].GetProperty("priority").GetInt32());
        Assert.Equal("Ann", answer["manifest"].GetProperty("job").GetProperty("maintainer").GetProperty("name").GetString());
        Assert.False(answer.Json.TryGetProperty("job_type", out _));

        var details = (await api.Get(answer.Headers["Location"])).Expect(200);
        Assert.Equal(details.Text, answer.Text.Replace(",\"warnings\":[]", "", StringComparison.Ordinal));
        (await api.Get("/v6/job-types/count-lines/1.0.0-beta+7/")).Expect(200);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_same_manifest_again_makes_no_revision_but_applies_the_rest(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifests.Plain());
        var again = (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(), others: ("max_scheduled", 3)))).Expect(200);
        Assert.True(again["is_valid"].GetBoolean());
        var details = await api.Get("/v6/job-types/count-lines/1.0.0/");
        Assert.Equal(1, details["revision_num"].GetInt32());
        Assert.Equal(3, details["max_scheduled"].GetInt32());

        (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(), image: "dir:other"))).Expect(200);
        var changed = Manifests.Plain().With(job => job["packageVersion"] = "1.0.1");
        (await api.Post("/v6/job-types/", Manifests.Body(changed, image: "dir:other"))).Expect(200);
        var revisions = (await api.Get("/v6/job-types/count-lines/1.0.0/revisions/")).Expect(200).Results;
        Assert.Equal([3, 2, 1], revisions.Select(r => r.GetProperty("revision_num").GetInt32()));
        Assert.Equal("dir:other", revisions[0].GetProperty("docker_image").GetString());
        var second = (await api.Get("/v6/job-types/count-lines/1.0.0/revisions/2/")).Expect(200);
        Assert.Equal("1.0.0", second["manifest"].GetProperty("job").GetProperty("packageVersion").GetString());
        (await api.Get("/v6/job-types/count-lines/1.0.0/revisions/9/")).Expect(404);
        (await api.Get("/v6/job-types/count-lines/2.0.0/revisions/")).Expect(404);
    }

    [Fact]
    public async Task Creation_tells_what_is_odd()
    {
        await using var api = await ApiFixture.Start();
        var manifest = Manifests.Plain().With(job => job["interface"]!["settings"] = JsonNode.Parse("""[{"name":"HOST"}]"""));
        var made = (await api.Post("/v6/job-types/", Manifests.Body(manifest, others: ("configuration", JsonNode.Parse("""{"settings":{"PORT":"80"}}"""))))).Expect(201);
        Assert.Equal(["UNKNOWN_SETTING", "MISSING_SETTING"], made.Warnings);
        Assert.False((await api.Get("/v6/job-types/count-lines/1.0.0/")).Json.TryGetProperty("warnings", out _));
    }

    [Fact]
    public async Task File_outputs_need_a_workspace()
    {
        await using var api = await ApiFixture.Start();
        var refused = (await api.Post("/v6/job-types/", Manifests.Body(Manifests.WithFiles()))).Expect(400);
        Assert.StartsWith("Job type configuration invalid: ", refused.Detail, StringComparison.Ordinal);
        Assert.Empty((await api.Get("/v6/job-types/")).Results);
    }

    [Fact]
    public async Task Bad_bodies_are_told_by_name()
    {
        await using var api = await ApiFixture.Start();
        var manifest = Manifests.Plain();
        Assert.Contains("docker_image", (await api.Post("/v6/job-types/", new JsonObject { ["manifest"] = manifest.DeepClone() })).Expect(400).Detail, StringComparison.Ordinal);
        Assert.Contains("manifest", (await api.Post("/v6/job-types/", new { docker_image = "x" })).Expect(400).Detail, StringComparison.Ordinal);
        Assert.Contains("'manifest' must be a JSON object", (await api.Post("/v6/job-types/", new { docker_image = "x", manifest = 3 })).Expect(400).Detail, StringComparison.Ordinal);
        Assert.Contains("blank", (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(), image: " "))).Expect(400).Detail, StringComparison.Ordinal);
        Assert.Contains("trigger", (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(), others: ("trigger", 1)))).Expect(400).Detail, StringComparison.Ordinal);
        Assert.Contains("max_scheduled", (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(), others: ("max_scheduled", "many")))).Expect(400).Detail, StringComparison.Ordinal);
        Assert.StartsWith("Seed Manifest invalid: ", (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(version: "one")))).Expect(400).Detail, StringComparison.Ordinal);
        Assert.Contains("validation", (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain("validation")))).Expect(400).Detail, StringComparison.Ordinal);
        (await api.Post("/v6/job-types/", Manifests.Body(Manifests.Plain(), others: ("configuration", new JsonObject { ["priority"] = "high" })))).Expect(400);
        Assert.Empty((await api.Get("/v6/job-types/")).Results);
    }

    [Fact]
    public async Task A_manifest_may_come_as_the_text_of_an_image_label()
    {
        await using var api = await ApiFixture.Start();
        (await api.Post("/v6/job-types/", new { docker_image = "x", manifest = Manifests.Plain().ToJsonString() })).Expect(201);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Lists_filter_and_sort(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await api.Register(Manifests.Plain("beta", "1.2.0"));
        await api.Register(Manifests.Plain("beta", "1.10.0"));
        await api.Register(Manifests.Plain("beta", "1.10.0-rc.1"));
        await api.Register(Manifests.Plain("Alpha").With(job => job["tags"] = new JsonArray("Imagery", "image")), ("is_active", false));

        async Task<string[]> Names(string query) =>
            [.. (await api.Get("/v6/job-types/" + query)).Expect(200).Results.Select(r => $"{r.GetProperty("name").GetString()} {r.GetProperty("version").GetString()}")];
        Assert.Equal(["Alpha 1.0.0", "beta 1.10.0", "beta 1.10.0-rc.1", "beta 1.2.0"], await Names(""));
        Assert.Equal(["beta 1.2.0", "beta 1.10.0-rc.1", "beta 1.10.0", "Alpha 1.0.0"], await Names("?order=-name&order=version"));
        Assert.Equal(["Alpha 1.0.0"], await Names("?keyword=IMAGE"));
        Assert.Equal(["Alpha 1.0.0"], await Names("?is_active=F"));
        Assert.Empty(await Names("?keyword=nothing"));
        Assert.Equal(4, (await Names("?keyword=beta&keyword=imagery&is_system=false&keyword=")).Length);
        (await api.Get("/v6/job-types/?id=one")).Expect(400);
        (await api.Get("/v6/job-types/?is_active=maybe")).Expect(400);
        Assert.Contains("order", (await api.Get("/v6/job-types/?order=colour")).Expect(400).Detail, StringComparison.Ordinal);

        Assert.Equal(["1.10.0", "1.10.0-rc.1", "1.2.0"], (await api.Get("/v6/job-types/beta/")).Results.Select(r => r.GetProperty("version").GetString()));
        Assert.Empty((await api.Get("/v6/job-types/unknown/")).Expect(200).Results);

        var names = (await api.Get("/v6/job-type-names/?is_active=true")).Expect(200).Results;
        var beta = Assert.Single(names);
        Assert.Equal("1.10.0", beta.GetProperty("latest_version").GetString());
        Assert.Equal(3, beta.GetProperty("num_versions").GetInt32());
        Assert.False(beta.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task Editing_changes_what_is_given_and_nothing_else()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain(), ("icon_code", "f013"), ("max_scheduled", 5), ("is_published", true));
        (await api.Patch("/v6/job-types/count-lines/1.0.0/", """{"is_published":false,"is_paused":true,"max_scheduled":null}""")).Expect(200);
        var details = await api.Get("/v6/job-types/count-lines/1.0.0/");
        Assert.False(details["is_published"].GetBoolean());
        Assert.True(details["is_paused"].GetBoolean());
        Assert.NotNull(details["paused"].GetString());
        Assert.Null(details["max_scheduled"].GetRawText() == "null" ? null : "set");
        Assert.Equal("f013", details["icon_code"].GetString());
        Assert.Equal(1, details["revision_num"].GetInt32());

        (await api.Patch("/v6/job-types/count-lines/1.0.0/", new { is_active = false })).Expect(200);
        Assert.NotNull((await api.Get("/v6/job-types/count-lines/1.0.0/"))["deprecated"].GetString());
        (await api.Patch("/v6/job-types/count-lines/1.0.0/", new { is_active = true })).Expect(200);
        Assert.Equal("null", (await api.Get("/v6/job-types/count-lines/1.0.0/"))["deprecated"].GetRawText());

        (await api.Patch("/v6/job-types/count-lines/9.0.0/", new { is_active = true })).Expect(404);
        (await api.Patch("/v6/job-types/count-lines/1.0.0/", new { name = "other" })).Expect(400);
        (await api.Patch("/v6/job-types/count-lines/1.0.0/", new JsonObject { ["manifest"] = Manifests.Plain(version: "2.0.0") })).Expect(400);
    }

    [Fact]
    public async Task Errors_of_the_manifest_are_kept_for_all_versions()
    {
        await using var api = await ApiFixture.Start();
        static JsonObject Manifest(string version, string title) => Manifests.Plain(version: version).With(job => job["errors"] =
            new JsonArray(new JsonObject { ["code"] = 3, ["name"] = "not-text", ["title"] = title, ["category"] = "data" }, new JsonObject { ["code"] = 4, ["name"] = "bug" }));
        await api.Register(Manifest("1.0.0", "No text"));
        await api.Register(Manifest("2.0.0", "Not text at all"));
        var errors = (await api.Get("/v6/errors/?job_type_name=count-lines&order=name")).Expect(200).Results;
        Assert.Equal(["bug", "not-text"], errors.Select(e => e.GetProperty("name").GetString()));
        Assert.Equal(["bug", "Not text at all"], errors.Select(e => e.GetProperty("title").GetString()));
        Assert.Equal(["ALGORITHM", "DATA"], errors.Select(e => e.GetProperty("category").GetString()));
        Assert.Equal("not-text", Assert.Single((await api.Get("/v6/errors/?category=DATA")).Results).GetProperty("name").GetString());
        Assert.Empty((await api.Get("/v6/errors/?category=NONE")).Expect(200).Results);
        (await api.Get($"/v6/errors/{errors[0].GetProperty("id").GetInt64()}/")).Expect(200);
        (await api.Get("/v6/errors/9999/")).Expect(404);
        (await api.Post("/v6/errors/", "{}")).Expect(404);
        (await api.Patch("/v6/errors/1/", "{}")).Expect(404);
        (await api.Send(HttpMethod.Delete, "/v6/errors/1/")).Expect(405);
    }

    [Fact]
    public async Task Validation_answers_200_and_names_every_problem()
    {
        await using var api = await ApiFixture.Start();
        async Task<(bool IsValid, string[] Errors, string[] Warnings)> Validate(object body)
        {
            var answer = (await api.Post("/v6/job-types/validation/", body)).Expect(200);
            return (answer["is_valid"].GetBoolean(), Names("errors"), Names("warnings"));
            string[] Names(string list) => [.. answer[list].EnumerateArray().Select(e => e.GetProperty("name").GetString()!)];
        }

        Assert.True((await Validate(new JsonObject { ["manifest"] = Manifests.Plain() })).IsValid);
        Assert.Contains("JSON_VALIDATION_ERROR", (await Validate(new { manifest = new { } })).Errors);
        Assert.Contains("MISSING_WORKSPACE", (await Validate(new JsonObject { ["manifest"] = Manifests.WithFiles() })).Errors);
        Assert.Contains("INVALID_WORKSPACE", (await Validate(new JsonObject { ["manifest"] = Manifests.Plain(), ["configuration"] = new JsonObject { ["output_workspaces"] = new JsonObject { ["default"] = "nowhere" } } })).Errors);
        Assert.Contains("INVALID_CONFIGURATION", (await Validate(new JsonObject { ["manifest"] = Manifests.Plain(), ["configuration"] = new JsonObject { ["mounts"] = new JsonArray() } })).Errors);
        Assert.Contains("UNKNOWN_SETTING", (await Validate(new JsonObject { ["manifest"] = Manifests.Plain(), ["configuration"] = new JsonObject { ["settings"] = new JsonObject { ["A"] = "b" } } })).Warnings);
        (await api.Post("/v6/job-types/validation/", "{}")).Expect(400);
        (await api.Post("/v6/job-types/validation/", """{"manifest":[]}""")).Expect(400);
        Assert.Empty((await api.Get("/v6/job-types/")).Results);
    }

    [Fact]
    public async Task Of_a_system_job_type_only_the_pause_changes()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain());
        await using (var session = await api.Database.Write())
        {
            await session.Execute("UPDATE job_type SET is_system = @yes", ("yes", true));
            await session.Commit();
        }

        (await api.Patch("/v6/job-types/count-lines/1.0.0/", new { is_paused = true })).Expect(200);
        Assert.Contains("only is_paused can be modified", (await api.Patch("/v6/job-types/count-lines/1.0.0/", new { is_active = false })).Expect(400).Detail, StringComparison.Ordinal);
    }
}
