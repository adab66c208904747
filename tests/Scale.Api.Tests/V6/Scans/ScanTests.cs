using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Api.Tests.Hosting;
using Scale.Store.Databases;
using Scale.Tests.Databases;

namespace Scale.Api.Tests.V6.Scans;

public sealed class ScanTests
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task A_scan_registers_what_a_rule_takes(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var (_, path) = await api.AddWorkspace("landing");
        Write(path, "a.txt", "12345");
        Write(path, "deep/b.csv", "1,2");
        Write(path, "c.bin", "x");
        Write(path, "d.txt.part", "half");
        Write(path, "copies/a.txt", "54321");

        var scan = (await api.Post("/v6/scans/", new
        {
            title = "All texts",
            configuration = Configuration(new { filename_regex = @".*\.(txt|part)", data_types = new[] { "text" } }, new { filename_regex = @".*\.csv" }),
        })).Expect(201);
        Assert.Equal("all-texts", scan["name"].GetString());
        Assert.Equal("PENDING", scan["job"].GetProperty("status").GetString());
        Assert.Equal("scale-scan", scan["job"].GetProperty("job_type").GetProperty("name").GetString());
        Assert.True(scan["configuration"].GetProperty("recursive").GetBoolean());
        var address = $"/v6/scans/{scan["id"].GetInt64()}/";

        var launched = (await api.Post(address + "process/?ingest=true")).Expect(201);
        Assert.Equal("QUEUED", launched["job"].GetProperty("status").GetString());
        (await api.Post(address + "process/", """{"ingest":true}""")).Expect(409);
        Assert.Equal("Ingest Scan already launched", (await api.Patch(address, new { title = "New" })).Expect(409).Detail);

        await (await ScanLeader.Start(api.Database)).RunAll();
        var ended = (await api.Get(address)).Expect(200);
        Assert.Equal("COMPLETED", ended["job"].GetProperty("status").GetString());
        Assert.Equal(5, ended["file_count"].GetInt64());

        var ingests = (await api.Get($"/v6/ingests/?scan_id={scan["id"].GetInt64()}&order=file_name")).Expect(200).Results;
        Assert.Equal(["a.txt", "b.csv"], ingests.Select(i => i.GetProperty("file_name").GetString()));
        Assert.All(ingests, i => Assert.Equal("INGESTED", i.GetProperty("status").GetString()));
        Assert.Equal("landing", ingests[0].GetProperty("workspace").GetProperty("name").GetString());
        Assert.Equal("all-texts", ingests[0].GetProperty("scan").GetProperty("name").GetString());
        var file = ingests[0].GetProperty("source_file");
        Assert.Equal("text/plain", file.GetProperty("media_type").GetString());
        Assert.Equal(5, file.GetProperty("file_size").GetInt64());
        Assert.Equal("SOURCE", file.GetProperty("file_type").GetString());
        Assert.Equal("text", file.GetProperty("data_type_tags")[0].GetString());
        var details = (await api.Get($"/v6/ingests/{ingests[1].GetProperty("id").GetInt64()}/")).Expect(200);
        Assert.Equal("deep/b.csv", details["source_file"].GetProperty("file_path").GetString());
        Assert.Equal("host", details["workspace"].GetProperty("configuration").GetProperty("broker").GetProperty("type").GetString());
        Assert.Empty((await api.Get($"/v6/ingests/{ingests[1].GetProperty("id").GetInt64()}/jobs")).Expect(200).Results);

        Assert.Equal(2, (await api.Get("/v6/ingests/?status=INGESTED&status=FOO&strike_id=")).Results.Count);
        Assert.Empty((await api.Get("/v6/ingests/?status=FOO")).Expect(200).Results);
        Assert.Single((await api.Get("/v6/ingests/?file_name=.csv")).Results);
        Assert.Empty((await api.Get("/v6/ingests/?file_name=.CSV")).Results);
        Assert.Empty((await api.Get("/v6/ingests/status/")).Expect(200).Results);
        (await api.Get("/v6/ingests/status/?started=2030-01-01T00:00:00Z&ended=2030-03-01T00:00:00Z")).Expect(400);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task The_same_name_and_size_again_is_a_duplicate(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var (_, path) = await api.AddWorkspace("landing");
        Write(path, "a.txt", "12345");
        Write(path, "gone.txt", "1");
        await Scan(api, "first", Configuration(new { filename_regex = ".*" }));
        await using (var session = await api.Database.Write())
        {
            await session.Execute("UPDATE file SET is_deleted = @yes WHERE file_name = 'gone.txt'", ("yes", true));
            await session.Commit();
        }

        await Scan(api, "second", Configuration(new { filename_regex = ".*" }));
        var ingests = (await api.Get("/v6/ingests/?order=id")).Results;
        Assert.Equal(["INGESTED", "INGESTED", "DUPLICATE", "INGESTED"], ingests.Select(i => i.GetProperty("status").GetString()));
        Assert.Equal(FileId(ingests[0]), FileId(ingests[2]));
        Assert.Equal(FileId(ingests[1]), FileId(ingests[3]));
        Assert.False(ingests[3].GetProperty("source_file").GetProperty("is_deleted").GetBoolean());

        static long FileId(JsonElement ingest) => ingest.GetProperty("source_file").GetProperty("id").GetInt64();
    }

    [Fact]
    public async Task A_leader_that_starts_again_in_the_middle_repeats_nothing()
    {
        await using var api = await ApiFixture.Start();
        var (_, path) = await api.AddWorkspace("landing");
        for (var i = 0; i < 2500; i++)
        {
            Write(path, $"{i % 7}/{i}.txt", "x");
        }

        var id = await Create(api, "many", Configuration(new { filename_regex = ".*" }));
        (await api.Post($"/v6/scans/{id}/process/", new { ingest = true })).Expect(201);
        while (await (await ScanLeader.Start(api.Database)).RunSlice())
        {
        }

        await using var session = await api.Database.Read();
        Assert.Equal(2500, await session.QueryFirst("SELECT count(*) FROM ingest WHERE status = 5", r => r.GetInt64(0)));
        Assert.Equal(2500, await session.QueryFirst("SELECT count(DISTINCT file_path) FROM file", r => r.GetInt64(0)));
        Assert.Equal(2500, await session.QueryFirst("SELECT count(*) FROM file", r => r.GetInt64(0)));
        Assert.Equal(2500, (await api.Get($"/v6/scans/{id}/"))["file_count"].GetInt64());
    }

    [Fact]
    public async Task Rules_move_files()
    {
        await using var api = await ApiFixture.Start();
        var (_, landing) = await api.AddWorkspace("landing");
        var (_, archive) = await api.AddWorkspace("archive");
        Write(landing, "a.csv", "1,2");
        Write(landing, "b.txt", "b");
        await Scan(api, "mover", Configuration(
            new { filename_regex = @".*\.csv", new_workspace = "archive", new_file_path = "in/csv" }, new { filename_regex = ".*", new_file_path = "text" }));
        var files = (await api.Get("/v6/files/?order=file_name")).Results;
        Assert.Matches(@"^in/csv/\d{4}/\d\d/\d\d/a\.csv$", files[0].GetProperty("file_path").GetString());
        Assert.Equal("archive", files[0].GetProperty("workspace").GetProperty("name").GetString());
        Assert.Matches(@"^text/\d{4}/\d\d/\d\d/b\.txt$", files[1].GetProperty("file_path").GetString());
        Assert.True(File.Exists(Path.Combine(archive, files[0].GetProperty("file_path").GetString()!)));
        Assert.True(File.Exists(Path.Combine(landing, files[1].GetProperty("file_path").GetString()!)));
        Assert.Equal([Path.Combine(landing, "text")], Directory.GetFileSystemEntries(landing));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Each_new_file_starts_the_recipe(Provider provider)
    {
        await using var api = await ApiFixture.Start(provider);
        var (_, path) = await api.AddWorkspace("landing");
        Write(path, "a.txt", "1");
        Write(path, "b.txt", "22");
        var definition = Definitions.Of();
        definition["input"] = new JsonObject { ["files"] = new JsonArray(new JsonObject { ["name"] = "SCENE" }) };
        await api.AddRecipeType("Look", definition);
        var configuration = new { workspace = "landing", scanner = new { type = "dir" }, files_to_ingest = new[] { new { filename_regex = ".*" } }, recipe = new { name = "look" } };
        await Scan(api, "first", configuration);
        await Scan(api, "again", configuration);

        var recipes = (await api.Get("/v6/recipes/?order=id")).Expect(200).Results;
        Assert.Equal(2, recipes.Count);
        Assert.All(recipes, r => Assert.Equal("SCAN_INGEST", r.GetProperty("event").GetProperty("type").GetString()));
        await using var session = await api.Database.Read();
        Assert.Equal(2, await session.QueryFirst("SELECT count(*) FROM ingest_event e JOIN recipe r ON r.ingest_event_id = e.id WHERE e.type = 'SCAN'", r => r.GetInt64(0)));
    }

    [Fact]
    public async Task A_dry_run_only_counts()
    {
        await using var api = await ApiFixture.Start();
        var (_, path) = await api.AddWorkspace("landing");
        Write(path, "a.txt", "1");
        var id = await Create(api, "dry", Configuration(new { filename_regex = "never" }));
        var answer = (await api.Post($"/v6/scans/{id}/process/", "{}")).Expect(201);
        Assert.Equal("QUEUED", answer["dry_run_job"].GetProperty("status").GetString());
        await (await ScanLeader.Start(api.Database)).RunAll();
        var ended = await api.Get($"/v6/scans/{id}/");
        Assert.Equal("COMPLETED", ended["dry_run_job"].GetProperty("status").GetString());
        Assert.Equal("PENDING", ended["job"].GetProperty("status").GetString());
        Assert.Equal(1, ended["file_count"].GetInt64());
        Assert.Empty((await api.Get("/v6/ingests/")).Results);
        (await api.Patch($"/v6/scans/{id}/", new { title = "Still editable" })).Expect(204);
        (await api.Post($"/v6/scans/{id}/process/", "{}")).Expect(201);
    }

    [Fact]
    public async Task A_canceled_scan_ingests_nothing()
    {
        await using var api = await ApiFixture.Start();
        var (_, path) = await api.AddWorkspace("landing");
        Write(path, "a.txt", "1");
        var id = await Create(api, "stopped", Configuration(new { filename_regex = ".*" }));
        Assert.Empty((await api.Post($"/v6/scans/cancel/{id}/", "{}")).Expect(202)["canceled_jobs"].EnumerateArray());
        var launched = await api.Post($"/v6/scans/{id}/process/", new { ingest = true });
        var canceled = (await api.Post($"/v6/scans/cancel/{id}/", new { title = "x", description = "y", configuration = new { } })).Expect(202);
        Assert.Equal(id, canceled["id"].GetInt64());
        Assert.Equal(launched["job"].GetProperty("id").GetInt64(), Assert.Single(canceled["canceled_jobs"].EnumerateArray()).GetInt64());
        await (await ScanLeader.Start(api.Database)).RunAll();
        Assert.Equal("CANCELED", (await api.Get($"/v6/scans/{id}/"))["job"].GetProperty("status").GetString());
        Assert.Empty((await api.Get("/v6/ingests/")).Results);
        (await api.Post($"/v6/scans/{id}/process/", new { ingest = true })).Expect(409);
        (await api.Post("/v6/scans/cancel/99/", "{}")).Expect(404);
    }

    [Fact]
    public async Task A_workspace_that_is_not_there_fails_the_job()
    {
        await using var api = await ApiFixture.Start();
        var (_, path) = await api.AddWorkspace("landing");
        Directory.Delete(path);
        await Scan(api, "nowhere", Configuration(new { filename_regex = ".*" }));
        Assert.Equal("FAILED", Assert.Single((await api.Get("/v6/scans/?name=nowh")).Results).GetProperty("job").GetProperty("status").GetString());
        Assert.Empty((await api.Get("/v6/scans/?name=other")).Results);
    }

    [Fact]
    public async Task Validation_tells_what_is_wrong()
    {
        await using var api = await ApiFixture.Start();
        var (id, _) = await api.AddWorkspace("landing");
        async Task<string> Description(object configuration)
        {
            var reply = (await api.Post("/v6/scans/validation/", new { name = "untitled-1", configuration })).Expect(200);
            var error = Assert.Single(reply["errors"].EnumerateArray());
            Assert.Equal("INVALID_SCAN_CONFIGURATION", error.GetProperty("name").GetString());
            (await api.Post("/v6/scans/", new { title = "x", configuration })).Expect(400);
            return error.GetProperty("description").GetString()!;
        }

        (await api.Post("/v6/scans/validation/", new { configuration = Configuration(new { filename_regex = ".*" }) })).Expect(200);
        Assert.Contains("Unknown workspace name: nowhere", await Description(new { workspace = "nowhere", scanner = new { type = "dir" }, files_to_ingest = new[] { new { filename_regex = ".*" } } }), StringComparison.Ordinal);
        Assert.Contains("Invalid file name regex: *.h5", await Description(Configuration(new { filename_regex = "*.h5" })), StringComparison.Ordinal);
        Assert.Contains("Recipe Type none does not exist", await Description(new { workspace = "landing", scanner = new { type = "dir" }, files_to_ingest = new[] { new { filename_regex = ".*" } }, recipe = new { name = "none" } }), StringComparison.Ordinal);
        (await api.Patch($"/v6/workspaces/{id}/", new { is_active = false })).Expect(204);
        Assert.Contains("Workspace is not active: landing", await Description(Configuration(new { filename_regex = ".*" })), StringComparison.Ordinal);
        (await api.Post("/v6/scans/validation/", "{}")).Expect(400);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    public async Task An_empty_transfer_suffix_and_the_key_monitor_are_accepted(string suffix)
    {
        await using var api = await ApiFixture.Start();
        await api.AddWorkspace("landing");
        var body = $$$"""{"title":"x","configuration":{"version":"1.0","workspace":"landing","monitor":{"type":"dir","transfer_suffix":{{{suffix}}}},"files_to_ingest":[{"filename_regex":".*"}]}}""";
        Assert.True((await api.Post("/v6/scans/", body)).Expect(201)["configuration"].TryGetProperty("scanner", out _));
    }

    private static object Configuration(params object[] rules) => new { workspace = "landing", scanner = new { type = "dir", transfer_suffix = ".part" }, files_to_ingest = rules };

    private static async Task<long> Create(ApiFixture api, string title, object configuration) =>
        (await api.Post("/v6/scans/", new { title, configuration })).Expect(201)["id"].GetInt64();

    private static async Task Scan(ApiFixture api, string title, object configuration)
    {
        var id = await Create(api, title, configuration);
        (await api.Post($"/v6/scans/{id}/process/", new { ingest = true })).Expect(201);
        await (await ScanLeader.Start(api.Database)).RunAll();
    }

    private static void Write(string folder, string path, string content)
    {
        var full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }
}
