using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.Workspaces;

public sealed class WorkspaceTests
{
    private static readonly object S3 = new { broker = new { type = "s3", bucket_name = "b", credentials = new { access_key_id = "AKID", secret_access_key = "hush" } } };

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_workspace_is_created_listed_edited_and_archived(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var created = (await api.Post("/v6/workspaces/", new { title = "Raw Déjà  Data", configuration = new { broker = new { type = "host", host_path = "/data/raw" } } })).Expect(201);
        Assert.Equal("raw-deja-data", created["name"].GetString());
        Assert.Equal($"http://localhost/v6/workspaces/{created["id"].GetInt64()}/", created.Headers["Location"]);
        Assert.Equal("/data/raw", created["configuration"].GetProperty("broker").GetProperty("host_path").GetString());
        Assert.Equal(JsonValueKind.Object, created["configuration"].GetProperty("broker").GetProperty("credentials").ValueKind);
        Assert.Contains("Déjà", created.Text, StringComparison.Ordinal);

        var twin = (await api.Post("/v6/workspaces/", new { title = "Raw Déjà Data", configuration = new { broker = new { type = "host", host_path = "/data/raw" } } })).Expect(201);
        Assert.Matches("^raw-deja-data-[0-9a-f]{19}$", twin["name"].GetString());

        var path = $"/v6/workspaces/{created["id"].GetInt64()}/";
        (await api.Patch(path, new { title = "", description = "New", is_active = "false" })).Expect(204);
        var details = (await api.Get(path)).Expect(200);
        Assert.Equal("Raw Déjà  Data", details["title"].GetString());
        Assert.Equal("New", details["description"].GetString());
        Assert.Equal(JsonValueKind.String, details["deprecated"].ValueKind);
        (await api.Patch(path, new { is_active = true, configuration = details["configuration"] })).Expect(204);
        Assert.Equal(JsonValueKind.Null, (await api.Get(path))["deprecated"].ValueKind);

        var listed = (await api.Get("/v6/workspaces/?name=raw-deja-data&started=PT1H")).Expect(200);
        Assert.False(Assert.Single(listed.Results).TryGetProperty("configuration", out _));
        (await api.Get("/v6/workspaces/?started=yesterday")).Expect(400);
        (await api.Get("/v6/workspaces/99/")).Expect(404);
        (await api.Patch("/v6/workspaces/99/", new { title = "x" })).Expect(404);
    }

    [Fact]
    public async Task Bad_workspaces_are_refused()
    {
        await using var api = await ApiFixture.Start();
        var good = new { broker = new { type = "host", host_path = "/data" } };
        Assert.Contains("title", (await api.Post("/v6/workspaces/", new { configuration = good })).Expect(400).Detail, StringComparison.Ordinal);
        Assert.Contains("configuration", (await api.Post("/v6/workspaces/", new { title = "x" })).Expect(400).Detail, StringComparison.Ordinal);
        (await api.Post("/v6/workspaces/", new { title = "x", configuration = new { } })).Expect(400);
        (await api.Post("/v6/workspaces/", new { title = "x", configuration = new { broker = new { type = "host", host_path = "relative" } } })).Expect(400);
        (await api.Post("/v6/workspaces/", new { title = new string('x', 51), configuration = good })).Expect(400);
        Assert.Empty((await api.Get("/v6/workspaces/")).Results);
    }

    [Fact]
    public async Task Validation_answers_200()
    {
        await using var api = await ApiFixture.Start();
        await api.AddWorkspace("files");
        async Task<JsonElement> Validate(object body) => (await api.Post("/v6/workspaces/validation/", body)).Expect(200).Json;
        Assert.True((await Validate(new { name = "untitled-1", title = "x", configuration = new { broker = new { type = "host", host_path = "/nowhere/yet" } } })).GetProperty("is_valid").GetBoolean());
        var changed = await Validate(new { name = "files", title = "x", configuration = S3 });
        Assert.Equal("broker_type", changed.GetProperty("warnings")[0].GetProperty("name").GetString());
        Assert.Equal("INVALID_BROKER", Error(await Validate(new { title = "x", configuration = new { broker = new { type = "host" } } })));
        Assert.Equal("INVALID_CONFIGURATION", Error(await Validate(new { title = "x", configuration = new { broker = new { type = "ftp" } } })));
        Assert.Equal("INVALID_VERSION", Error(await Validate(new { title = "x", configuration = new { version = "3", broker = new { type = "host", host_path = "/data" } } })));
        (await api.Post("/v6/workspaces/validation/", new { title = "x" })).Expect(400);

        static string? Error(JsonElement reply) => Assert.Single(reply.GetProperty("errors").EnumerateArray()).GetProperty("name").GetString();
    }

    [Fact]
    public async Task Secrets_are_masked_and_a_mask_keeps_them()
    {
        await using var api = await ApiFixture.Start();
        var created = (await api.Post("/v6/workspaces/", new { title = "bucket", configuration = S3 })).Expect(201);
        Assert.DoesNotContain("hush", created.Text, StringComparison.Ordinal);
        var path = $"/v6/workspaces/{created["id"].GetInt64()}/";
        (await api.Patch(path, new { configuration = created["configuration"] })).Expect(204);
        Assert.Contains("hush", (await api.Get(path)).Expect(200).Text, StringComparison.Ordinal);
        var reader = api.CreateClient(await api.AddAccount("reader"));
        var masked = (await api.Send(HttpMethod.Get, path, client: reader)).Expect(200);
        Assert.Equal("************", masked["configuration"].GetProperty("broker").GetProperty("credentials").GetProperty("secret_access_key").GetString());
    }
}
