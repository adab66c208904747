using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Client;
using Scale.Store.Databases;

namespace Scale.Bench.Machine;

/// <summary>Job types, recipe types and datasets over one scene that many files name, made as a user makes them but for the rows that would take long.</summary>
internal sealed class Scenes(BenchServer server, BenchDatabase database)
{
    private const string Input = "SCENE";
    private const int Slice = 50_000;
    private const string Definition = """{"parameters":{"files":[{"name":"SCENE"}],"json":[]},"global_parameters":{"files":[],"json":[]},"global_data":{"files":{},"json":{}}}""";

    private long workspace;
    private string workspaceName = "";

    private ScaleConnection Client => server.Client;

    public async Task MakeWorkspace()
    {
        var folder = Directory.CreateDirectory(Path.Combine(database.Folder, "scenes")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "scene.tif"), new byte[1_000]);
        var made = await Client.Post("workspaces/", Json($$$"""{"title":"Scenes","configuration":{"broker":{"type":"host","host_path":"{{{folder}}}"} } }"""), CancellationToken.None);
        workspace = made.GetProperty("id").GetInt64();
        workspaceName = made.GetProperty("name").GetString()!;
    }

    /// <summary>A job type that takes the scene and a value, and gives a value; with products, a file besides.</summary>
    public Task AddJobType(string name, string packageVersion = "1.0.0", string command = "true", bool hasProduct = false, string cpus = "0.5") => Client.Post(
        "job-types/",
        Json($$$"""
            {"docker_image":"dir:bench","auto_update":false,"configuration":{"output_workspaces":{"default":"{{{workspaceName}}}"}},
            "manifest":{"seedVersion":"1.0.0","job":{"name":"{{{name}}}","jobVersion":"1.0.0","packageVersion":"{{{packageVersion}}}","title":"{{{name}}}","description":"Measured",
            "maintainer":{"name":"Scale","email":"scale@example.org"},"timeout":60,"resources":{"scalar":[{"name":"cpus","value":{{{cpus}}}},{"name":"mem","value":16},{"name":"disk","value":1}]},
            "interface":{"command":"{{{command}}}",
            "inputs":{"files":[{"name":"IN","mediaTypes":["image/tiff"]}],"json":[{"name":"BEFORE","type":"integer","required":false}]},
            "outputs":{"files":[{{{(hasProduct ? """{"name":"OUT","pattern":"*.tif","mediaType":"image/tiff"}""" : "")}}}],"json":[{"name":"VALUE","type":"integer","required":false}]} } } } }
            """),
        CancellationToken.None);

    /// <summary>A recipe type of nodes that each take the scene and the value of the one before.</summary>
    /// <returns>Its id and name.</returns>
    public async Task<(long Id, string Name)> AddChain(string title, IReadOnlyList<string> jobTypes)
    {
        var made = await Client.Post("recipe-types/", new JsonObject { ["title"] = title, ["definition"] = Chain(jobTypes, []) }, CancellationToken.None);
        return (made.GetProperty("id").GetInt64(), made.GetProperty("name").GetString()!);
    }

    /// <param name="second">Job types of which the second revision is used.</param>
    public static JsonObject Chain(IReadOnlyList<string> jobTypes, IReadOnlyList<string> second) => new()
    {
        ["version"] = "7",
        ["input"] = Json("""{"files":[{"name":"SCENE","media_types":["image/tiff"]}],"json":[]}"""),
        ["nodes"] = new JsonObject(jobTypes.Select((type, i) => KeyValuePair.Create($"n{i}", (JsonNode?)Json($$"""
            {"dependencies":[{{(i == 0 ? "" : $$"""{"name":"n{{i - 1}}"}""")}}],
            "input":{"IN":{"type":"recipe","input":"SCENE"}{{(i == 0 ? "" : $$""","BEFORE":{"type":"dependency","node":"n{{i - 1}}","output":"VALUE"}""")}}},
            "node_type":{"node_type":"job","job_type_name":"{{type}}","job_type_version":"1.0.0","job_type_revision":{{(second.Contains(type) ? 2 : 1)}}} }
            """)))),
    };

    /// <summary>A dataset with one member per file; the rows are inserted as they are.</summary>
    public async Task<long> AddDataset(int members)
    {
        await using var store = await database.Open();
        long dataset;
        await using (var session = await store.Write())
        {
            dataset = await session.Insert("dataset", ("title", "scenes"), ("definition", Definition), ("member_count", (long)members), ("created", 0L));
            await session.Commit();
        }

        for (var first = 0; first < members; first += Slice)
        {
            await AddMembers(store, dataset, Math.Min(Slice, members - first));
        }

        return dataset;
    }

    public async Task<long> StartBatch(long recipeType, JsonNode definition)
    {
        var made = await Client.Post("batches/", new JsonObject { ["recipe_type_id"] = recipeType, ["title"] = "measured", ["definition"] = definition }, CancellationToken.None);
        return made.GetProperty("id").GetInt64();
    }

    /// <summary>Runs a small batch first, so that what is measured then is compiled and connected.</summary>
    public async Task WarmUp(long recipeType)
    {
        const int Recipes = 3_000;
        var dataset = await AddDataset(Recipes);
        var batch = await StartBatch(recipeType, Json($$"""{"dataset":{{dataset}}}"""));
        await Until(batch, b => b.GetProperty("recipes_completed").GetInt64() == Recipes);
    }

    public Task Pause(bool isPaused) => Client.Patch("scheduler/", new JsonObject { ["is_paused"] = isPaused }, CancellationToken.None);

    public Task<JsonElement> Batch(long id) => Client.Get($"batches/{id}/", CancellationToken.None);

    /// <summary>Asks for a batch until it is as wanted.</summary>
    /// <param name="pause">How long to wait after an answer; a tenth of a second without it.</param>
    public async Task<JsonElement> Until(long batch, Func<JsonElement, bool> isReached, Func<JsonElement, TimeSpan>? pause = null)
    {
        while (true)
        {
            var now = await Batch(batch);
            if (isReached(now))
            {
                return now;
            }

            await Task.Delay(pause?.Invoke(now) ?? TimeSpan.FromMilliseconds(100));
        }
    }

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private async Task AddMembers(Database store, long dataset, int count)
    {
        await using var session = await store.Write();
        var files = await session.AllocateIds("file", count);
        await session.BulkInsert("file", new Rows("f",
            ("id", files),
            ("file_name", files.Column(id => $"scene-{id}.tif")),
            ("workspace_id", files.Column(_ => workspace)),
            ("file_path", files.Column(_ => "scene.tif")),
            ("file_type", files.Column(_ => (short)0)),
            ("media_type", files.Column(_ => "image/tiff")),
            ("file_size", files.Column(_ => 1_000L)),
            ("uuid", files.Column(id => $"scene-{id}")),
            ("created", files.Column(_ => 0L)),
            ("last_modified", files.Column(_ => 0L))));
        await session.BulkInsert("dataset_member", new Rows("m",
            ("dataset_id", files.Column(_ => dataset)),
            ("data", files.Column(id => $$$"""{"files":{"{{{Input}}}":[{{{id}}}]},"json":{}}""")),
            ("file_ids", files.Column(id => $"[{id}]")),
            ("created", files.Column(_ => 0L))));
        await session.Commit();
    }
}
