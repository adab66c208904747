using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.Nodes;

public sealed class NodeTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Nodes_are_paused_resumed_and_deprecated(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var id = await AddNode(api, "node-a");
        var path = $"/v6/nodes/{id}/";
        (await api.Patch(path, new { is_paused = true, pause_reason = "Disk" })).Expect(204);
        var paused = (await api.Get($"/v6/nodes/{id}")).Expect(200);
        Assert.True(paused["is_paused"].GetBoolean());
        Assert.Equal("Disk", paused["pause_reason"].GetString());
        Assert.Equal(JsonValueKind.Null, paused["deprecated"].ValueKind);
        Assert.NotEqual(paused["created"].GetString(), paused["last_modified"].GetString());

        (await api.Patch(path, new { is_paused = false, pause_reason = "ignored", is_active = false })).Expect(204);
        var gone = await api.Get(path);
        Assert.Equal(JsonValueKind.Null, gone["pause_reason"].ValueKind);
        var since = gone["deprecated"].GetString();
        (await api.Patch(path, new { is_active = false })).Expect(204);
        Assert.Equal(since, (await api.Get(path))["deprecated"].GetString());
        (await api.Patch(path, new { is_active = true })).Expect(204);
        Assert.Equal(JsonValueKind.Null, (await api.Get(path))["deprecated"].ValueKind);
    }

    [Fact]
    public async Task Lists_filter_and_sort()
    {
        await using var api = await ApiFixture.Start();
        await AddNode(api, "b-node");
        var old = await AddNode(api, "A-node");
        (await api.Patch($"/v6/nodes/{old}/", new { is_active = false })).Expect(204);
        async Task<string[]> Names(string query) => [.. (await api.Get("/v6/nodes/" + query)).Expect(200).Results.Select(n => n.GetProperty("hostname").GetString()!)];
        Assert.Equal(["A-node", "b-node"], await Names("?order=host_name"));
        Assert.Equal(["b-node", "A-node"], await Names("?order=-hostname&include_inactive=true"));
        Assert.Equal(["b-node"], await Names("?include_inactive=false"));
        Assert.Equal(["A-node"], await Names("?is_active=0"));
        Assert.Equal(["A-node"], await Names("?started=PT1H"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"hostname":"other"}""")]
    [InlineData("""{"is_paused":null}""")]
    [InlineData("""{"is_active":null}""")]
    [InlineData("""{"is_paused":5}""")]
    [InlineData("""{"pause_reason":5}""")]
    public async Task Bad_edits_are_400_before_404(string body)
    {
        await using var api = await ApiFixture.Start();
        (await api.Patch("/v6/nodes/99/", body)).Expect(400);
    }

    internal static async Task<long> AddNode(ApiFixture api, string hostname)
    {
        await using var session = await api.Database.Write();
        var id = await session.Insert(
            "node", ("hostname", hostname), ("cluster", "local"), ("resources", """{"cpus":4,"mem":1024,"disk":100,"sharedmem":5}"""), ("created", DateTime.UnixEpoch), ("last_modified", DateTime.UnixEpoch));
        await session.Commit();
        return id;
    }
}
