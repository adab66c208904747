using System.Text.Json;
using Scale.Api.Tests.Hosting;
using Scale.Api.Tests.Rows;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.Datasets;

/// <summary>Every named error of datasets and every filter of templates (batches-and-datasets.md §7.5, §7.6).</summary>
public sealed class DatasetRuleTests
{
    private const string OneFile = """{"files":{"SCENE":"FILE_VALUE"}}""";

    [Theory]
    [InlineData("""{"version":"5"}""", "INVALID_VERSION")]
    [InlineData("""{"parameters":{"version":"5"}}""", "INVALID_VERSION")]
    [InlineData("""[]""", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"unknown":1}""", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"parameters":[]}""", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"parameters":{"json":[{"name":"A","type":"float"}]}}""", "INVALID_DATASET_DEFINITION")]
    [InlineData("""{"parameters":{"files":[{"name":"A"}]},"global_parameters":{"json":[{"name":"A","type":"string"}]},"global_data":{"json":{"A":"x"}}}""", "DUPLICATE_PARAMETER")]
    [InlineData("""{"parameters":{"files":[{"name":"A"}],"json":[{"name":"A","type":"string"}]}}""", "DUPLICATE_INPUT")]
    [InlineData("""{"global_data":{"files":3}}""", "INVALID_GLOBAL_DATA")]
    [InlineData("""{"global_parameters":{"json":[{"name":"A","type":"string"}]}}""", "INVALID_GLOBAL_DATA")]
    [InlineData("""{"global_parameters":{"json":[{"name":"A","type":"string"}]},"global_data":{"json":{"A":1}}}""", "INVALID_GLOBAL_DATA")]
    [InlineData("""{"global_parameters":{"json":[{"name":"A","type":"string"}]},"global_data":null}""", "MISSING_GLOBAL_DATA")]
    public async Task A_definition_that_is_wrong_is_named_by_validation_and_refused_by_creation(string definition, string error)
    {
        await using var api = await ApiFixture.Start();
        var body = $$"""{"definition":{{definition}}}""";
        var answer = (await api.Post("/v6/datasets/validation/", body)).Expect(200);
        Assert.False(answer["is_valid"].GetBoolean());
        Assert.Contains(error, answer["errors"].EnumerateArray().Select(e => e.GetProperty("name").GetString()));
        Assert.StartsWith("DataSet definition is invalid: ", (await api.Post("/v6/datasets/", body)).Expect(400).Detail);
    }

    [Fact]
    public async Task A_definition_is_shown_with_all_defaults_and_without_versions()
    {
        await using var api = await ApiFixture.Start();
        var shown = (await api.Post("/v6/datasets/", """{"definition":{"version":"6","parameters":{"version":"6","files":[{"name":"A"}],"json":[{"name":"B","type":"string"}]}}}""")).Expect(201)["definition"];
        Assert.Equal(
            """{"parameters":{"files":[{"name":"A","media_types":[],"required":true,"multiple":false}],"json":[{"name":"B","type":"string","required":true}]},"global_parameters":{"files":[],"json":[]},"global_data":{"files":{},"json":{}}}""",
            shown.GetRawText());
    }

    [Fact]
    public async Task A_file_keeps_the_first_parameter_it_came_under_and_may_be_in_several_members()
    {
        await using var api = await ApiFixture.Start();
        var file = (await new Seed(api).File("a.tif")).Id;
        var made = (await api.Post("/v6/datasets/", $$$"""
            {"definition":{"parameters":{"files":[{"name":"A","required":false},{"name":"B","multiple":true,"required":false}]}},
             "data":[{"files":{"B":[{{{file}}},{{{file}}}]}},{"files":{"A":[{{{file}}}]}}]}
            """)).Expect(201);
        Assert.Equal("B", Assert.Single(made["files"].EnumerateArray()).GetProperty("parameter_name").GetString());
        Assert.Equal([$"[{file}]", $"[{file}]"], made["members"].EnumerateArray().Select(m => m.GetProperty("file_ids").GetRawText()));
    }

    [Fact]
    public async Task Data_of_the_old_form_is_read_and_wins_over_a_template()
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var file = (await seed.File("a.tif")).Id;
        await seed.File("b.tif");
        var body = $$$"""{"definition":{"parameters":{"files":[{"name":"SCENE"}]}},"data":{"version":"1.0","input_data":[{"name":"SCENE","file_id":{{{file}}}}]},"data_template":{{{OneFile}}}}""";
        Assert.Equal($"[{file}]", Assert.Single((await api.Post("/v6/datasets/", body)).Expect(201)["members"].EnumerateArray()).GetProperty("file_ids").GetRawText());
    }

    [Fact]
    public async Task Every_fault_of_every_member_is_listed()
    {
        await using var api = await ApiFixture.Start();
        var file = (await new Seed(api).File("a.tif")).Id;
        var detail = (await api.Post("/v6/datasets/", $$$"""
            {"definition":{"parameters":{"files":[{"name":"SCENE"}],"json":[{"name":"LEVEL","type":"integer","required":false}]}},
             "data":[{},{"files":{"SCENE":[{{{file}}},{{{file}}}]}},{"files":{"SCENE":[{{{file}}}]},"json":{"LEVEL":true}},{"json":{"SCENE":1}}]}
            """)).Expect(400).Detail;
        Assert.All(new[] { "/data/0", "/data/1", "/data/2", "/data/3" }, place => Assert.Contains(place, detail));
    }

    /// <summary>One file that differs from all others in one respect is the only one that a filter for it selects.</summary>
    [Theory]
    [InlineData("data_started=2030-01-01T00:00:00Z")]
    [InlineData("data_ended=2010-01-01T00:00:00Z")]
    [InlineData("created_started=2030-01-01T00:00:00Z")]
    [InlineData("created_ended=2010-01-01T00:00:00Z")]
    [InlineData("source_started=2030-01-01T00:00:00Z")]
    [InlineData("source_ended=2010-01-01T00:00:00Z")]
    [InlineData("modified_started=2030-01-01T00:00:00Z")]
    [InlineData("modified_ended=2010-01-01T00:00:00Z")]
    [InlineData("source_sensor_class=x&source_sensor_class=y")]
    [InlineData("source_sensor=x")]
    [InlineData("source_collection=x")]
    [InlineData("source_task=x")]
    [InlineData("job_type_id=2")]
    [InlineData("job_type_name=special")]
    [InlineData("job_id=71")]
    [InlineData("job_output=x")]
    [InlineData("recipe_id=72")]
    [InlineData("recipe_type_id=73")]
    [InlineData("recipe_node=x")]
    [InlineData("batch_id=74")]
    [InlineData("file_name=Special.TIF")]
    [InlineData("file_name_search=CIAL")]
    [InlineData("file_type=PRODUCT")]
    [InlineData("media_type=x")]
    [InlineData("countries=DEU")]
    public async Task Every_filter_selects_files_for_a_template(string filter)
    {
        await using var api = await ApiFixture.Start();
        var seed = new Seed(api);
        var common = await seed.JobType("common");
        var special = await seed.JobType("special");
        await Ordinary(seed, common.Id);
        var late = filter.Contains("_started=", StringComparison.Ordinal);
        var moment = late ? new DateTime(2030, 1, 2, 0, 0, 0, DateTimeKind.Utc) : new DateTime(2009, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var wanted = await seed.File("Special.TIF", change: f =>
        {
            (f.DataStarted, f.DataEnded, f.SourceStarted, f.SourceEnded, f.Created, f.LastModified) = (moment, moment, moment, moment, moment, moment);
            (f.SourceSensorClass, f.SourceSensor, f.SourceCollection, f.SourceTask, f.JobOutput, f.RecipeNode, f.MediaType) = ("x", "x", "x", "x", "x", "x", "x");
            (f.JobTypeId, f.JobId, f.RecipeId, f.RecipeTypeId, f.BatchId, f.FileType, f.Countries) = (special.Id, 71, 72, 73, 74, FileType.Product, """["FRA","DEU"]""");
        });
        await Ordinary(seed, common.Id);

        var id = (await api.Post("/v6/datasets/", """{"definition":{"parameters":{"files":[{"name":"SCENE"}]}}}""")).Expect(201)["id"].GetInt64();
        var added = (await api.Post($"/v6/datasets/{id}/?{filter}", $$"""{"data_template":{{OneFile}}}""")).Expect(201);
        Assert.Equal($"[{wanted.Id}]", Assert.Single(added.Json.EnumerateArray()).GetProperty("file_ids").GetRawText());
    }

    [Theory]
    [InlineData("data")]
    [InlineData("created")]
    [InlineData("source")]
    [InlineData("modified")]
    public async Task The_two_ends_of_a_range_must_be_in_order(string range)
    {
        await using var api = await ApiFixture.Start();
        var id = (await api.Post("/v6/datasets/", """{"definition":{"parameters":{"files":[{"name":"SCENE"}]}}}""")).Expect(201)["id"].GetInt64();
        foreach (var end in new[] { "2020-01-01T00:00:00Z", "2019-01-01T00:00:00Z" })
        {
            var body = $$"""{"data_template":{{OneFile}},"{{range}}_started":"2020-01-01T00:00:00Z","{{range}}_ended":"{{end}}"}""";
            Assert.Contains(range, (await api.Post($"/v6/datasets/{id}/", body)).Expect(400).Detail);
        }
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Thousands_of_files_make_thousands_of_members(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        await using (var session = await api.Database.Write())
        {
            await session.Execute(
                provider == Provider.Postgres
                    ? "INSERT INTO file (file_name, workspace_id, file_path, file_type, media_type, file_size, uuid, created, last_modified) SELECT 'f', 1, 'f', 0, 'x', 1, n, 0, 0 FROM generate_series(1, 5000) AS n"
                    : "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5000) INSERT INTO file (file_name, workspace_id, file_path, file_type, media_type, file_size, uuid, created, last_modified) SELECT 'f', 1, 'f', 0, 'x', 1, n, 0, 0 FROM s");
            await session.Commit();
        }

        var body = $$$"""{"definition":{"parameters":{"files":[{"name":"SCENE"}]}},"data_template":{{{OneFile}}}}""";
        var made = (await api.Post("/v6/datasets/", body)).Expect(201);
        Assert.Equal((5000, 5000), (made["members"].GetArrayLength(), made["files"].GetArrayLength()));
        Assert.Equal(5000, (await api.Get("/v6/datasets/")).Expect(200).Results.Single().GetProperty("files").GetInt32());
    }

    private static Task<FileRow> Ordinary(Seed seed, long jobTypeId)
    {
        var usual = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        return seed.File("ordinary.tif", change: f =>
        {
            (f.DataStarted, f.DataEnded, f.SourceStarted, f.SourceEnded, f.Created, f.LastModified) = (usual, usual, usual, usual, usual, usual);
            (f.JobTypeId, f.JobId, f.RecipeId, f.RecipeTypeId, f.BatchId, f.Countries) = (jobTypeId, 1, 1, 1, 1, """["FRA"]""");
        });
    }
}
