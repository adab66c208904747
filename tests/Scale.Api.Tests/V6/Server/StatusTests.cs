using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.V6.Nodes;
using Scale.Store.Databases;
using Scale.Store.Scheduling;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.Server;

public sealed class StatusTests
{
    [Fact]
    public async Task An_empty_server_has_zero_resources_and_no_nodes()
    {
        await using var api = await ApiFixture.Start();
        var status = (await api.Get("/v6/status/")).Expect(200);
        Assert.Empty(status["nodes"].EnumerateArray());
        Assert.Equal(0, status["resources"].GetProperty("cpus").GetProperty("total").GetDouble());
        Assert.Equal("READY", status["scheduler"].GetProperty("state").GetProperty("name").GetString());
        Assert.Equal(["database", "elasticsearch", "idam", "logs", "msg_queue", "nodes", "silo"], status["dependencies"].EnumerateObject().Select(d => d.Name).Order());
        Assert.All(status["dependencies"].EnumerateObject(), d => Assert.Equal(JsonValueKind.String, d.Value.GetProperty("detail").GetProperty("msg").ValueKind));
        Assert.False(status["dependencies"].GetProperty("nodes").GetProperty("OK").GetBoolean());
        Assert.True(status["dependencies"].GetProperty("nodes").GetProperty("errors")[0].TryGetProperty("NODES_OFFLINE", out _));
        Assert.True(status["system"].GetProperty("database_update").GetProperty("is_completed").GetBoolean());
    }

    [Fact]
    public async Task Job_types_that_fit_on_no_node_are_a_warning_of_the_scheduler()
    {
        await using var api = await ApiFixture.Start();
        await api.Register(Manifests.Plain());
        Assert.Empty((await api.Get("/v6/status/"))["scheduler"].GetProperty("warnings").EnumerateArray());
        await using (var session = await api.Database.Write(TestContext.Current.CancellationToken))
        {
            await NodeStore.SetUnmetResources(session, [(1, "gpus,mem")], DateTime.UnixEpoch.AddDays(1));
            await NodeStore.SetUnmetResources(session, [(1, "gpus")], DateTime.UnixEpoch.AddDays(2));
            await session.Commit();
        }

        var warning = Assert.Single((await api.Get("/v6/status/"))["scheduler"].GetProperty("warnings").EnumerateArray());
        Assert.Equal(["description", "last_updated", "name", "started", "title"], warning.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("INVALID_RESOURCEScount-lines", "1970-01-02T00:00:00Z"), (warning.GetProperty("name").GetString(), warning.GetProperty("started").GetString()));
        Assert.Contains("gpus", warning.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Nodes_show_state_resources_and_executions(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var id = await NodeTests.AddNode(api, "node-a");
        await api.Register(Manifests.Plain());
        await AddExecution(api, id, """{"cpus":1.5,"mem":128}""");
        var status = (await api.Get("/v6/status/")).Expect(200);
        var node = Assert.Single(status["nodes"].EnumerateArray());
        Assert.Equal(id, node.GetProperty("id").GetInt64());
        Assert.Equal("READY", node.GetProperty("state").GetProperty("name").GetString());
        Assert.Equal("""{"running":1.5,"offered":2.5,"free":0,"unavailable":0,"total":4}""", node.GetProperty("resources").GetProperty("cpus").GetRawText());
        Assert.Equal(5, status["resources"].GetProperty("sharedmem").GetProperty("total").GetDouble());
        Assert.Equal(0, node.GetProperty("resources").GetProperty("gpus").GetProperty("total").GetDouble());
        var executions = node.GetProperty("job_executions");
        Assert.Equal("""{"total":1,"by_job_type":[{"job_type_id":1,"count":1}]}""", executions.GetProperty("running").GetRawText());
        Assert.Equal(0, executions.GetProperty("failed").GetProperty("algorithm").GetProperty("total").GetInt64());
        Assert.Equal("count-lines", Assert.Single(status["job_types"].EnumerateArray()).GetProperty("name").GetString());

        (await api.Patch("/v6/scheduler/", new { is_paused = true })).Expect(204);
        status = await api.Get("/v6/status/");
        Assert.Equal("PAUSED", status["scheduler"].GetProperty("state").GetProperty("name").GetString());
        Assert.Equal("SCHEDULER_STOPPED", status["nodes"][0].GetProperty("state").GetProperty("name").GetString());
        Assert.Equal(0, status["num_offers"].GetInt32());
    }

    /// <summary>Executions that wait on their node for its cpus are RUNNING, too.</summary>
    [Fact]
    public async Task What_a_node_was_given_ahead_uses_no_more_than_there_is()
    {
        await using var api = await ApiFixture.Start();
        var id = await NodeTests.AddNode(api, "node-a");
        await api.Register(Manifests.Plain());
        await AddExecution(api, id, """{"cpus":9.5,"mem":128}""");
        var node = (await api.Get("/v6/status/")).Expect(200)["nodes"][0];
        Assert.Equal("""{"running":4,"offered":0,"free":0,"unavailable":0,"total":4}""", node.GetProperty("resources").GetProperty("cpus").GetRawText());
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_schedulers_settings_are_read_and_changed(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        Assert.Equal("""{"is_paused":false,"num_message_handlers":1,"queue_mode":"FIFO","system_logging_level":"INFO"}""", (await api.Get("/v6/scheduler/")).Expect(200).Text);
        (await api.Patch("/v6/scheduler/", new { queue_mode = "lifo", num_message_handlers = "3" })).Expect(204);
        Assert.Equal("""{"is_paused":false,"num_message_handlers":3,"queue_mode":"LIFO","system_logging_level":"INFO"}""", (await api.Get("/v6/scheduler")).Text);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"resource_level":"GOOD"}""")]
    [InlineData("""{"status":{}}""")]
    [InlineData("""{"queue_mode":"RANDOM"}""")]
    [InlineData("""{"queue_mode":null}""")]
    [InlineData("""{"num_message_handlers":-1}""")]
    [InlineData("""{"is_paused":"maybe"}""")]
    [InlineData("""{"system_logging_level":"EXTRAORDINARY"}""")]
    public async Task Bad_settings_are_400(string body)
    {
        await using var api = await ApiFixture.Start();
        (await api.Patch("/v6/scheduler/", body)).Expect(400);
    }

    private static async Task AddExecution(ApiFixture api, long nodeId, string resources)
    {
        await using var session = await api.Database.Write();
        await session.Insert(
            "job_exe", ("job_id", 1L), ("exe_num", 1), ("job_type_id", 1L), ("cluster_id", "x"), ("node_id", nodeId), ("status", (short)3), ("timeout", 1), ("input_file_size", 0.0),
            ("resources", resources), ("configuration", "{}"), ("queued", DateTime.UnixEpoch), ("created", DateTime.UnixEpoch), ("last_modified", DateTime.UnixEpoch));
        await session.Commit();
    }
}
