using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Datasets;

public sealed class DatasetTests
{
    private const string Definition = """{"parameters":{"files":[{"name":"SCENE"}],"json":[{"name":"LEVEL","type":"integer","required":false}]}}""";

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_dataset_is_made_with_members_from_data(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var first = await seed.File("a.tif", change: f => f.Countries = """["DEU"]""");
        var second = await seed.File("b.tif");

        var body = new { title = "Scenes", description = "All of them", definition = Json(Definition), data = new[] { Data(first, 3, extra: true), Data(second), Data(first) } };
        var made = (await api.Post("/v6/datasets/", body)).Expect(201);
        var id = made["id"].GetInt64();
        Assert.EndsWith($"/v6/datasets/{id}/", made.Headers["Location"]);
        Assert.Equal(3, made["members"].GetArrayLength());
        Assert.Equal($"[{first.Id}]", made["members"][0].GetProperty("file_ids").GetRawText());
        Assert.Equal(["a.tif", "b.tif"], made["files"].EnumerateArray().Select(f => f.GetProperty("scale_file").GetProperty("file_name").GetString()));
        Assert.Equal("SCENE", made["files"][0].GetProperty("parameter_name").GetString());
        Assert.Equal("DEU", made["files"][0].GetProperty("scale_file").GetProperty("countries")[0].GetString());
        Assert.Equal("""{"files":{},"json":{}}""", made["definition"].GetProperty("global_data").GetRawText());

        var listed = (await api.Get("/v6/datasets/")).Expect(200).Results.Single();
        Assert.Equal(2, listed.GetProperty("files").GetInt32());
        Assert.Equal("Scenes", listed.GetProperty("title").GetString());
        var members = (await api.Get($"/v6/datasets/{id}/members/?page_size=2")).Expect(200);
        Assert.Equal(3, members["count"].GetInt32());
        Assert.Equal($$$$"""{"files":{"SCENE":[{{{{first.Id}}}}]},"json":{"LEVEL":3}}""", members.Results[0].GetProperty("data").GetRawText());

        var member = (await api.Get($"/v6/datasets/members/{members.Results[1].GetProperty("id").GetInt64()}/")).Expect(200);
        Assert.Equal(id, member["dataset"].GetProperty("id").GetInt64());
        Assert.Equal("b.tif", member["files"][0].GetProperty("scale_file").GetProperty("file_name").GetString());
        Assert.Equal("SOURCE", member["files"][0].GetProperty("scale_file").GetProperty("file_type").GetString());
    }

    [Fact]
    public async Task A_single_data_object_and_no_data_at_all_are_fine()
    {
        await using var api = await ApiFixture.Start();
        var file = await new Seed(api).File("a.tif");
        Assert.Equal(1, (await api.Post("/v6/datasets/", new { definition = Json(Definition), data = Data(file) })).Expect(201)["members"].GetArrayLength());
        var empty = (await api.Post("/v6/datasets/", new { definition = Json("{}") })).Expect(201);
        Assert.Equal(0, empty["members"].GetArrayLength());
        Assert.Equal(JsonValueKind.Null, empty["title"].ValueKind);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_template_makes_a_member_per_matching_file_in_the_order_asked(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        await seed.File("b.tif");
        await seed.File("a.tif");
        await seed.File("deleted.tif", change: f => f.IsDeleted = true);
        await seed.File("c.txt", change: f => f.MediaType = "text/plain");
        await seed.File("d.tif", change: f => f.FileType = FileType.Product);

        const string Template = """{"files":{"SCENE":"FILE_VALUE"},"json":{"LEVEL":1}}""";
        var id = (await api.Post("/v6/datasets/?order=file_name", new { definition = Json(Definition), data_template = Json(Template), media_type = "image/tiff", file_type = "SOURCE" })).Expect(201)["id"].GetInt64();
        Assert.Equal("a.tif b.tif", await FileNames(api, id));

        var added = (await api.Post($"/v6/datasets/{id}", new { data_template = Json(Template), file_type = new[] { "PRODUCT" } })).Expect(201);
        Assert.Equal(1, added.Json.GetArrayLength());
        Assert.EndsWith($"/v6/datasets/{id}/", added.Headers["Location"]);
        Assert.Equal("a.tif b.tif d.tif", await FileNames(api, id));

        var dry = (await api.Post($"/v6/datasets/{id}/?dry_run=true", new { data_template = Json(Template), media_type = "text/plain" })).Expect(200);
        Assert.StartsWith("""[{"version":"7","files":{"SCENE":[""", dry.Text);
        Assert.Equal("a.tif b.tif d.tif", await FileNames(api, id));

        var none = (await api.Post($"/v6/datasets/{id}/", new { data_template = Json(Template), file_name = "nothing" })).Expect(200);
        Assert.Equal("No files found from filters and/or no data provided", none["No Results"].GetString());
        (await api.Post($"/v6/datasets/{id}/", new { data_template = Json(Template), data_started = "2026-03-02T00:00:00Z", data_ended = "2026-03-01T00:00:00Z" })).Expect(400);
    }

    [Fact]
    public async Task A_dry_run_or_no_match_stores_nothing()
    {
        await using var api = await ApiFixture.Start();
        var file = await new Seed(api).File("a.tif");
        Assert.Equal(1, (await api.Post("/v6/datasets/", new { definition = Json(Definition), data = Data(file), dry_run = true })).Expect(200).Json.GetArrayLength());
        Assert.True((await api.Post("/v6/datasets/", new { definition = Json(Definition), data = Array.Empty<object>() })).Expect(200).Json.TryGetProperty("No Results", out _));
        Assert.Equal(0, (await api.Get("/v6/datasets/")).Expect(200)["count"].GetInt32());
    }

    [Theory]
    [InlineData("""{}""", "Missing required parameter: \"definition\"")]
    [InlineData("""{"definition":[]}""", "DataSet definition is invalid")]
    [InlineData("""{"definition":{"unknown":1}}""", "DataSet definition is invalid")]
    [InlineData("""{"definition":{},"title":3}""", "title")]
    [InlineData("""{"definition":{},"data":3}""", "/data/0")]
    [InlineData("""{"definition":{},"data":[{"files":{"A":[]}},{"unknown":1}]}""", "/data/1")]
    [InlineData("""{"definition":{"parameters":{"files":[{"name":"A"}]}},"data":[{},{}]}""", "/data/1")]
    [InlineData("""{"definition":{"parameters":{"files":[{"name":"A"}]}},"data":{"files":{"A":[77]}}}""", "77")]
    [InlineData("""{"definition":{},"data_template":[]}""", "Data template is invalid")]
    [InlineData("""{"definition":{},"data_template":{"json":{}}}""", "Data template is invalid")]
    [InlineData("""{"definition":{},"data_template":{"files":{}},"order":"nothing"}""", "order")]
    [InlineData("""{"definition":{"global_parameters":{"files":[{"name":"A"}]},"global_data":{"files":{"A":[78]}}}}""", "78")]
    public async Task What_does_not_fit_is_refused_and_leaves_no_dataset(string body, string detail)
    {
        await using var api = await ApiFixture.Start();
        Assert.Contains(detail, (await api.Post("/v6/datasets/", body)).Expect(400).Detail);
        Assert.Equal(0, (await api.Get("/v6/datasets/")).Expect(200)["count"].GetInt32());
    }

    [Fact]
    public async Task Members_are_added_all_or_none()
    {
        await using var api = await ApiFixture.Start();
        var file = await new Seed(api).File("a.tif");
        var id = (await api.Post("/v6/datasets/", new { definition = Json(Definition) })).Expect(201)["id"].GetInt64();
        (await api.Post($"/v6/datasets/{id}/", new { data = new[] { Data(file), new { } } })).Expect(400);
        Assert.Equal(0, (await api.Get($"/v6/datasets/{id}/members/")).Expect(200)["count"].GetInt32());
        Assert.Equal(2, (await api.Post($"/v6/datasets/{id}/", new { data = new[] { Data(file), Data(file) } })).Expect(201).Json.GetArrayLength());
        (await api.Post($"/v6/datasets/{id}/", new { })).Expect(200);
    }

    [Theory]
    [InlineData("GET", "/v6/datasets/77/")]
    [InlineData("GET", "/v6/datasets/77/members/")]
    [InlineData("GET", "/v6/datasets/members/77/")]
    [InlineData("POST", "/v6/datasets/77/")]
    public async Task Unknown_ids_are_404(string method, string path)
    {
        await using var api = await ApiFixture.Start();
        (await api.Send(new HttpMethod(method), path, method == "POST" ? """{"data":3}""" : null)).Expect(404);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Datasets_are_filtered_and_ordered(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        foreach (var (title, description) in new[] { ("Beta", (string?)null), ("alpha", "With SCENES"), ("gamma", "other") })
        {
            (await api.Post("/v6/datasets/", new { title, description, definition = Json("{}") })).Expect(201);
        }

        Assert.Equal("Beta alpha gamma", await Titles(api, ""));
        Assert.Equal("alpha Beta gamma", await Titles(api, "order=title"));
        Assert.Equal("gamma Beta alpha", await Titles(api, "order=-title"));
        Assert.Equal("alpha", await Titles(api, "keyword=scenes"));
        Assert.Equal("Beta alpha", await Titles(api, "keyword=scenes&keyword=BET"));
        Assert.Equal("gamma", await Titles(api, "dataset_id=3"));
        Assert.Equal("Beta gamma", await Titles(api, "id=1&dataset_id=3"));
        Assert.Equal("", await Titles(api, "ended=2020-01-01T00:00:00Z"));
        Assert.Equal("Beta alpha gamma", await Titles(api, "started=PT1H"));
        (await api.Get("/v6/datasets/?id=x")).Expect(400);
        await Orders.TryAll(api, "/v6/datasets/");
    }

    [Fact]
    public async Task Validation_answers_200_for_bad_definitions_and_needs_no_staff()
    {
        await using var api = await ApiFixture.Start();
        var client = api.CreateClient(await api.AddAccount("reader"));
        var good = (await api.Send(HttpMethod.Post, "/v6/datasets/validation/", new { definition = Json(Definition) }, client)).Expect(200);
        Assert.True(good["is_valid"].GetBoolean());
        var bad = (await api.Send(HttpMethod.Post, "/v6/datasets/validation/", """{"definition":{"global_parameters":{"files":[{"name":"A"}]},"global_data":null}}""", client)).Expect(200);
        Assert.False(bad["is_valid"].GetBoolean());
        Assert.Equal("MISSING_GLOBAL_DATA", bad["errors"][0].GetProperty("name").GetString());
        Assert.Equal("INVALID_DATASET_DEFINITION", (await api.Post("/v6/datasets/validation/", """{"definition":[]}""")).Expect(200)["errors"][0].GetProperty("name").GetString());
        (await api.Post("/v6/datasets/validation/", """{"title":"a"}""")).Expect(400);
        (await api.Send(HttpMethod.Post, "/v6/datasets/", new { definition = Json(Definition) }, client)).Expect(403);
    }

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);

    private static object Data(FileRow file, int? level = null, bool extra = false)
    {
        var json = new Dictionary<string, object>();
        if (level is { } known)
        {
            json["LEVEL"] = known;
        }

        if (extra)
        {
            json["UNKNOWN"] = true;
        }

        return new { files = new Dictionary<string, long[]> { ["SCENE"] = [file.Id] }, json };
    }

    private static async Task<string> FileNames(ApiFixture api, long datasetId) => string.Join(
        ' ',
        (await api.Get($"/v6/datasets/{datasetId}/")).Expect(200)["files"].EnumerateArray().Select(f => f.GetProperty("scale_file").GetProperty("file_name").GetString()));

    private static async Task<string> Titles(ApiFixture api, string query) =>
        string.Join(' ', (await api.Get("/v6/datasets/?" + query)).Expect(200).Results.Select(d => d.GetProperty("title").GetString()));
}
