using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Files;

public sealed class FileListTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_product_shows_everything_that_made_it(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var workspace = await seed.Workspace("products", "https://files.example.com/");
        var jobType = await seed.JobType("tiler");
        var recipeType = await seed.RecipeType("tile-scene");
        var batch = await seed.Batch(recipeType, "My batch");
        var file = await seed.File("a.tif", workspace, f =>
        {
            f.FileType = FileType.Product;
            f.JobId = 7;
            f.JobExeId = 8;
            f.JobTypeId = jobType.Id;
            f.JobOutput = "TILES";
            f.RecipeId = 9;
            f.RecipeTypeId = recipeType.Id;
            f.RecipeNode = "tile";
            f.BatchId = batch.Id;
            f.DataTypeTags = """["geo"]""";
            f.Countries = """["DEU"]""";
            f.MetaData = """{"cloud":3}""";
        });

        var shown = Assert.Single((await api.Get("/v6/files/")).Expect(200).Results);
        Assert.Equal("https://files.example.com/files/a.tif", shown.GetProperty("url").GetString());
        Assert.Equal("products", shown.GetProperty("workspace").GetProperty("name").GetString());
        Assert.Equal("PRODUCT", shown.GetProperty("file_type").GetString());
        Assert.Equal(7, shown.GetProperty("job").GetProperty("id").GetInt64());
        Assert.Equal("tiler", shown.GetProperty("job_type").GetProperty("name").GetString());
        Assert.Equal(1, shown.GetProperty("recipe_type").GetProperty("revision_num").GetInt32());
        Assert.Equal("My batch", shown.GetProperty("batch").GetProperty("title").GetString());
        Assert.Equal("geo", shown.GetProperty("data_type_tags")[0].GetString());
        Assert.Equal("DEU", shown.GetProperty("countries")[0].GetString());
        Assert.False(shown.TryGetProperty("meta_data", out _));

        var details = (await api.Get($"/v6/files/{file.Id}/")).Expect(200);
        Assert.Equal(3, details["meta_data"].GetProperty("cloud").GetInt32());
        Assert.Equal("a.tif", details["file_name"].GetString());
        foreach (var absent in new[] { "ancestors", "descendants", "sources" })
        {
            Assert.False(details.Json.TryGetProperty(absent, out _));
        }
    }

    [Fact]
    public async Task A_source_without_facts_shows_nulls_and_empty_lists()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var file = await seed.File("a.tif", await seed.Workspace());

        var details = (await api.Get($"/v6/files/{file.Id}/")).Expect(200);
        foreach (var name in new[] { "url", "job", "job_exe", "job_type", "recipe", "recipe_type", "batch", "geometry", "center_point", "data_started", "source_sensor", "deleted", "superseded" })
        {
            Assert.Equal(System.Text.Json.JsonValueKind.Null, details[name].ValueKind);
        }

        Assert.Equal("[]", details["countries"].GetRawText());
        Assert.Equal("{}", details["meta_data"].GetRawText());
    }

    [Fact]
    public async Task An_unknown_file_is_404() => await Expect404("/v6/files/77/");

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_filter_finds_its_files_and_no_others(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var workspace = await seed.Workspace();
        var tiler = await seed.JobType("tiler");
        await seed.File("Plain.txt", workspace, f => f.MediaType = "text/plain");
        var full = await seed.File("Scene_Ärger.tif", workspace, f =>
        {
            f.FileType = FileType.Product;
            f.DataStarted = Seed.Start.AddDays(1);
            f.DataEnded = Seed.Start.AddDays(2);
            f.SourceStarted = Seed.Start.AddDays(3);
            f.SourceEnded = Seed.Start.AddDays(4);
            f.SourceSensorClass = "class";
            f.SourceSensor = "sensor";
            f.SourceCollection = "collection";
            f.SourceTask = "task";
            f.JobId = 1;
            f.JobTypeId = tiler.Id;
            f.JobOutput = "OUT";
            f.RecipeId = 2;
            f.RecipeTypeId = 3;
            f.RecipeNode = "node";
            f.BatchId = 4;
            f.Countries = """["DEU","FRA"]""";
            f.DataTypeTags = """["étage"]""";
            f.IsDeleted = true;
            f.IsSuperseded = true;
            f.IsPublished = true;
            f.Created = Seed.Start.AddDays(10);
            f.LastModified = Seed.Start.AddDays(11);
        });

        string[] matching =
        [
            "data_started=2026-03-02T09:00:00Z", "data_ended=2026-03-03T09:00:00Z", "source_started=2026-03-04T09:00:00Z", "source_ended=2026-03-05T09:00:00Z",
            "created_started=2026-03-11T09:00:00Z", "modified_started=2026-03-12T09:00:00Z",
            "source_sensor_class=class", "source_sensor=sensor", "source_collection=collection", "source_task=other&source_task=task",
            $"job_type_id={tiler.Id}", "job_type_name=tiler", "job_id=1&job_id=5", "recipe_id=2", "recipe_type_id=3", "batch_id=4", "job_output=OUT", "recipe_node=node",
            "file_name=Scene_%C3%84rger.tif", "file_name_search=sCENE_%C3%84", "file_type=PRODUCT", "media_type=image/tiff", "countries=FRA&countries=DEU",
            "data_type_tag=%C3%A9tage", $"uuid={full.Uuid}", "is_deleted=true", "is_superseded=1", "is_published=t",
        ];
        foreach (var query in matching)
        {
            var answer = (await api.Get("/v6/files/?" + query)).Expect(200);
            Assert.True(answer["count"].GetInt32() == 1 && answer.Results[0].GetProperty("id").GetInt64() == full.Id, $"{query}: {answer.Text}");
        }

        string[] missing =
        [
            "data_started=2026-03-02T09:00:01Z", "data_ended=2026-03-03T08:59:59Z", "file_type=FOO", "countries=US", "file_name=scene", "job_id=99", "source_sensor=sens",
        ];
        foreach (var query in missing)
        {
            Assert.Equal(0, (await api.Get("/v6/files/?" + query)).Expect(200)["count"].GetInt32());
        }

        Assert.Equal(2, (await api.Get($"/v6/files/?workspace_id={workspace.Id}&started=x&unknown=1&order=&page_size=null")).Expect(200)["count"].GetInt32());
    }

    [Theory]
    [InlineData("data_started=2026-03-02T09:00:00")]
    [InlineData("data_started=2026-03-02T09:00:00Z&data_ended=2026-03-02T09:00:00Z")]
    [InlineData("modified_started=2026-03-03T09:00:00Z&modified_ended=2026-03-02T09:00:00Z")]
    [InlineData("job_id=x")]
    [InlineData("is_deleted=maybe")]
    [InlineData("order=nothing")]
    public async Task Bad_values_are_400(string query)
    {
        await using var api = await ApiFixture.Start();
        (await api.Get("/v6/files/?" + query)).Expect(400);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Files_are_ordered_by_when_they_were_modified_or_as_asked_and_paged(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var seed = new Seed(api);
        var workspace = await seed.Workspace();
        foreach (var name in new[] { "b.tif", "A.tif", "c.tif" })
        {
            await seed.File(name, workspace, f => f.SourceTask = name == "A.tif" ? null : name);
        }

        Assert.Equal("b.tif A.tif c.tif", await Names(api, ""));
        Assert.Equal("A.tif b.tif c.tif", await Names(api, "order=file_name"));
        Assert.Equal("c.tif b.tif A.tif", await Names(api, "order=-file_name"));
        Assert.Equal("b.tif c.tif A.tif", await Names(api, "order=source_task"));
        Assert.Equal("A.tif c.tif b.tif", await Names(api, "order=-source_task"));
        Assert.Equal("c.tif", await Names(api, "page_size=2&page=2"));
        Assert.Equal("Invalid page.", (await api.Get("/v6/files/?page=2")).Expect(404).Detail);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Every_order_name_sorts(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await new Seed(api).File("a.tif");
        Assert.Superset(new HashSet<string> { "last_modified", "job_type.version", "batch.title" }, (await Orders.TryAll(api, "/v6/files/")).ToHashSet());
    }

    private static async Task<string> Names(ApiFixture api, string query) =>
        string.Join(' ', (await api.Get("/v6/files/?" + query)).Expect(200).Results.Select(f => f.GetProperty("file_name").GetString()));

    private static async Task Expect404(string path)
    {
        await using var api = await ApiFixture.Start();
        (await api.Get(path)).Expect(404);
    }
}
