using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;

namespace Scale.Api.Tests.Requests;

/// <summary>Requests as programs send them that were made for the reference (existing-clients.md).</summary>
public sealed class ExistingClientTests
{
    [Theory]
    [InlineData("/jobs/", "job_type recipe node duration status error.category error.title error__title last_modified")]
    [InlineData("/recipes/", "recipe_type.name recipe_type__name completed")]
    [InlineData("/batches/", "recipe_type is_creation_done jobs_total")]
    [InlineData("/scans/", "name job file_count")]
    [InlineData("/ingests/", "file_name file_size strike.id strike__id status transfer_started ingest_started")]
    [InlineData("/files/", "file_name last_modified")]
    [InlineData("/datasets/", "title created")]
    [InlineData("/workspaces/", "title")]
    [InlineData("/recipe-types/", "title")]
    [InlineData("/job-types/", "title")]
    public async Task Every_column_that_a_page_offers_sorts(string list, string columns)
    {
        await using var api = await ApiFixture.Start();
        foreach (var column in columns.Split(' ').SelectMany(c => new[] { c, "-" + c }))
        {
            (await api.Get($"/api/v6{list}?order={column}&page=1&page_size=100000")).Expect(200);
        }
    }

    [Theory]
    [InlineData("/jobs/")]
    [InlineData("/recipes/")]
    [InlineData("/batches/")]
    [InlineData("/scans/")]
    [InlineData("/ingests/")]
    [InlineData("/files/")]
    [InlineData("/datasets/")]
    [InlineData("/workspaces/")]
    [InlineData("/recipe-types/")]
    [InlineData("/job-types/")]
    [InlineData("/job-type-names/")]
    [InlineData("/job-types/status/")]
    [InlineData("/job-types/running/")]
    [InlineData("/queue/status/")]
    [InlineData("/load/")]
    [InlineData("/nodes/")]
    [InlineData("/errors/")]
    [InlineData("/ingests/status/")]
    public async Task Leftovers_in_a_query_count_as_absent(string list)
    {
        await using var api = await ApiFixture.Start();
        const string leftovers = "?&column=x&ended=&started=&page=&page_size=null&group=null&dataType=x&sortField=y&sortOrder=-1&include_superseded=true&order=&is_active=&status=&name=";
        var answer = (await api.Get("/api/v6" + list + leftovers)).Expect(200);
        Assert.Equal(JsonValueKind.Array, answer["results"].ValueKind);
    }

    [Fact]
    public async Task Some_paths_come_without_their_last_slash()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var node = await seed.Node("n1");
        (await api.Get($"/api/v6/nodes/{node.Id}")).Expect(200);
        var dataset = (await api.Post("/api/v6/datasets/", """{"definition":{}}""")).Expect(201)["id"].GetInt64();
        (await api.Post($"/api/v6/datasets/{dataset}", """{"data":[{}]}""")).Expect(201);
        (await api.Patch($"/api/v6/nodes/{node.Id}/", """{"is_paused":true,"pause_reason":"x","is_active":true}""")).Expect(204);
    }

    [Fact]
    public async Task What_pages_post_is_taken()
    {
        await using var api = await ApiFixture.Start();
        var (workspace, _) = await api.AddWorkspace("landing");
        var scan = (await api.Post("/api/v6/scans/", """{"title":"s","description":"","configuration":{"workspace":"landing","scanner":{"type":"dir","transfer_suffix":""},"recursive":true,"files_to_ingest":[{"filename_regex":".*","data_types":[]}]}}""")).Expect(201);
        Assert.NotEqual(JsonValueKind.Null, scan["job"].GetProperty("job_type").ValueKind);
        (await api.Post($"/api/v6/scans/{scan["id"]}/process/?ingest=true")).Expect(201);
        Assert.Equal(JsonValueKind.Array, (await api.Post($"/api/v6/scans/cancel/{scan["id"]}/", """{"title":"s","description":"d","configuration":{}}""")).Expect(202)["canceled_jobs"].ValueKind);
        Assert.Equal(JsonValueKind.Object, (await api.Get($"/api/v6/workspaces/{workspace}/"))["configuration"].GetProperty("broker").ValueKind);
        (await api.Post("/api/v6/jobs/cancel/", """{"url":"http://x","job_ids":["1"],"status":null,"started":null}""")).Expect(202);

        // PATCH of a job type sends the whole object.
        var body = Manifests.Body(Manifests.Plain(), others: [("icon_code", null), ("is_published", false), ("is_active", true), ("is_paused", false), ("max_scheduled", null), ("configuration", new System.Text.Json.Nodes.JsonObject())]);
        var made = (await api.Post("/api/v6/job-types/", body.DeepClone())).Expect(201);
        Assert.Equal(("count-lines", "1.0.0"), (made["name"].GetString(), made["version"].GetString()));
        (await api.Patch("/api/v6/job-types/count-lines/1.0.0/", body)).Expect(200);
    }
}
