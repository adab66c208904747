using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Model.Errors;
using Scale.Store.Databases;
using Scale.Store.Errors;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Errors;

/// <summary>Errors over HTTP (jobs-and-queue.md §11, §13.10).</summary>
public sealed class ErrorTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_filter_finds_its_errors_and_no_others(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var timeout = await seed.Error("timeout");
        var own = await seed.Add(new ErrorRow
        {
            Name = "bad-input",
            Title = "Bad input",
            Description = "It is bad",
            JobTypeName = "tiler",
            Category = ErrorCategory.Data,
            IsBuiltin = false,
            ShouldBeRetried = false,
            Created = seed.Now,
            LastModified = seed.Now,
        });

        Assert.Equal("timeout bad-input", await Names(api, ""));
        Assert.Equal("timeout", await Names(api, "is_builtin=true"));
        Assert.Equal("bad-input", await Names(api, "is_builtin=F"));
        Assert.Equal("bad-input", await Names(api, "job_type_name=tiler"));
        Assert.Equal("timeout", await Names(api, "name=timeout"));
        Assert.Equal("", await Names(api, "name=time"));
        Assert.Equal("bad-input", await Names(api, "category=DATA"));
        Assert.Equal("", await Names(api, "category=NONSENSE"));
        Assert.Equal("bad-input", await Names(api, "started=2026-03-01T09:00:01Z"));
        Assert.Equal("timeout", await Names(api, "ended=2026-03-01T09:00:00Z"));
        Assert.Equal("bad-input timeout", await Names(api, "order=name"));
        await Orders.TryAll(api, "/v6/errors/");

        var shown = (await api.Get($"/v6/errors/{own.Id}/")).Expect(200);
        Assert.Equal(
            $$"""{"id":{{own.Id}},"name":"bad-input","title":"Bad input","description":"It is bad","job_type_name":"tiler","category":"DATA","is_builtin":false,"should_be_retried":false,"created":"2026-03-01T09:00:01Z","last_modified":"2026-03-01T09:00:01Z"}""",
            shown.Text);
        Assert.Equal(JsonValueKind.Null, (await api.Get($"/v6/errors/{timeout.Id}")).Expect(200)["job_type_name"].ValueKind);
    }

    [Theory]
    [InlineData("GET", "/v6/errors/77/", 404)]
    [InlineData("GET", "/v6/errors/x/", 404)]
    [InlineData("GET", "/v6/errors/?is_builtin=maybe", 400)]
    [InlineData("GET", "/v6/errors/?order=nothing", 400)]
    [InlineData("GET", "/v6/errors/?started=2026-03-01T09:00:00Z&ended=2026-03-01T09:00:00Z", 400)]
    [InlineData("GET", "/v6/errors/?started=2026-03-02T09:00:00Z&ended=2026-03-01T09:00:00Z", 400)]
    [InlineData("POST", "/v6/errors/", 404)]
    [InlineData("PATCH", "/v6/errors/1/", 404)]
    [InlineData("PUT", "/v6/errors/1/", 405)]
    [InlineData("DELETE", "/v6/errors/1/", 405)]
    public async Task Errors_are_read_only(string method, string path, int status)
    {
        await using var api = await ApiFixture.Start();
        await new Seed(api).Error("timeout");
        (await api.Send(new HttpMethod(method), path)).Expect(status);
    }

    [Fact]
    public async Task Every_installation_has_the_builtin_errors()
    {
        await using var api = await ApiFixture.Start();
        await using var leader = await JobLeader.Start(api.Database);
        var shown = (await api.Get("/v6/errors/?is_builtin=true&page_size=100")).Expect(200).Results
            .ToDictionary(e => e.GetProperty("name").GetString()!, e => $"{e.GetProperty("title").GetString()}, {e.GetProperty("category").GetString()}, {e.GetProperty("should_be_retried").GetBoolean()}");
        foreach (var (name, facts) in Builtin)
        {
            Assert.Equal((name, facts), (name, shown.GetValueOrDefault(name)));
        }
    }

    private static readonly (string Name, string Facts)[] Builtin =
    [
        ("unknown", "Unknown, SYSTEM, True"), ("database", "Database, SYSTEM, True"), ("database-operation", "Database Operation, SYSTEM, True"), ("filesystem-io", "Filesystem I/O, SYSTEM, True"),
        ("task-launch", "Task Launch, SYSTEM, True"), ("docker-task-launch", "Docker Launch, SYSTEM, True"), ("docker-terminated", "Docker Terminated, SYSTEM, True"), ("node-lost", "Node Lost, SYSTEM, True"),
        ("resource-starvation", "Resource Starvation, SYSTEM, True"), ("launch-timeout", "Launch Timeout, SYSTEM, True"), ("pull-timeout", "Pull-task Timeout, SYSTEM, True"),
        ("pre-timeout", "Pre-task Timeout, SYSTEM, True"), ("post-timeout", "Post-task Timeout, SYSTEM, True"), ("system-timeout", "Timeout, SYSTEM, True"), ("ingest-timeout", "Ingest Timeout, SYSTEM, True"),
        ("pull", "Docker Pull Failed, SYSTEM, True"), ("scheduler-lost", "Scheduler Restarted, SYSTEM, True"), ("missing-setting", "Missing Setting, SYSTEM, False"), ("missing-mount", "Missing Mount, SYSTEM, False"),
        ("deleted-file", "Deleted File, SYSTEM, False"), ("missing-file", "Missing File, SYSTEM, False"), ("test", "Test Error, SYSTEM, False"), ("timeout", "Timeout, ALGORITHM, False"),
        ("algorithm-unknown", "Algorithm Failure, ALGORITHM, False"), ("invalid-results-manifest", "Invalid Results Manifest, ALGORITHM, False"),
        ("missing-required-output", "Missing Required Output, ALGORITHM, False"), ("unexpected-multiple-outputs", "Unexpected Multiple Outputs, ALGORITHM, False"),
    ];

    private static async Task<string> Names(ApiFixture api, string query) => string.Join(' ', (await api.Get($"/v6/errors/?{query}")).Expect(200).Results.Select(e => e.GetProperty("name").GetString()));
}
