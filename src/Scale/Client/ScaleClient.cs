using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Scale.Client;

public sealed record Workspace(long Id, string Name, string? HostPath);

public sealed record SourceFile(long Id, string FileName, long FileSize);

public sealed record Product(long Id, string FileName, string FilePath, long WorkspaceId, string? RecipeNode);

/// <param name="Revision">Number of its current revision.</param>
public sealed record JobType(string Name, string Version, int Revision);

public sealed record FailedJob(long Id, string JobType, IReadOnlyList<string> InputFiles, string Error, string Category);

/// <summary>What can be done with a Scale server, in the words of the trade. Nothing here can't be done with <c>curl</c>.</summary>
public sealed class ScaleClient(ScaleConnection connection)
{
    public async Task<Workspace?> FindHostWorkspace(string hostPath, CancellationToken cancel)
    {
        await foreach (var found in connection.List("workspaces/", "order=id", cancel))
        {
            var workspace = await GetWorkspace(found.GetProperty("id").GetInt64(), cancel);
            if (workspace.HostPath == hostPath)
            {
                return workspace;
            }
        }

        return null;
    }

    public async Task<Workspace> GetWorkspace(long id, CancellationToken cancel) =>
        ToWorkspace(await connection.Get($"workspaces/{id}/", cancel));

    /// <param name="hostPath">Absolute path of a folder on every node.</param>
    public async Task<Workspace> CreateHostWorkspace(string title, string hostPath, CancellationToken cancel) =>
        ToWorkspace(await connection.Post("workspaces/", new JsonObject
        {
            ["title"] = title,
            ["configuration"] = new JsonObject { ["broker"] = new JsonObject { ["type"] = "host", ["host_path"] = hostPath } },
        }, cancel));

    public async Task<IReadOnlyList<SourceFile>> ListSourceFiles(CancellationToken cancel)
    {
        var files = new List<SourceFile>();
        await foreach (var file in connection.List("files/", "file_type=SOURCE&is_deleted=false&order=id", cancel))
        {
            files.Add(new SourceFile(file.GetProperty("id").GetInt64(), file.GetProperty("file_name").GetString()!, file.GetProperty("file_size").GetInt64()));
        }

        return files;
    }

    /// <summary>Makes a scan that registers files in place, and starts it.</summary>
    /// <param name="pattern">Regular expression for file names.</param>
    /// <returns>The scan's id.</returns>
    public async Task<long> StartScan(string title, string workspace, string pattern, CancellationToken cancel)
    {
        var scan = await connection.Post("scans/", new JsonObject
        {
            ["title"] = title,
            ["configuration"] = new JsonObject
            {
                ["workspace"] = workspace,
                ["scanner"] = new JsonObject { ["type"] = "dir" },
                ["recursive"] = false,
                ["files_to_ingest"] = new JsonArray(new JsonObject { ["filename_regex"] = pattern }),
            },
        }, cancel);
        var id = scan.GetProperty("id").GetInt64();
        await connection.Post($"scans/{id}/process/", new JsonObject { ["ingest"] = true }, cancel);
        return id;
    }

    /// <returns>The status of the scan's job, for example <c>COMPLETED</c>.</returns>
    public async Task<string> GetScanStatus(long id, CancellationToken cancel)
    {
        var scan = await connection.Get($"scans/{id}/", cancel);
        return scan.GetProperty("job").GetProperty("status").GetString()!;
    }

    /// <summary>Creates the job type, or edits it when it exists; the same manifest again makes no new revision.</summary>
    /// <param name="outputWorkspace">Name of the workspace for its outputs; null leaves the configuration as it is.</param>
    /// <param name="autoUpdate">Whether recipe types that use it follow to the new revision.</param>
    public async Task<JobType> AddJobType(JsonObject manifest, string dockerImage, string? outputWorkspace, bool autoUpdate, CancellationToken cancel)
    {
        var body = new JsonObject { ["docker_image"] = dockerImage, ["manifest"] = manifest.DeepClone(), ["auto_update"] = autoUpdate };
        if (outputWorkspace is not null)
        {
            body["configuration"] = new JsonObject { ["output_workspaces"] = new JsonObject { ["default"] = outputWorkspace } };
        }

        await connection.Post("job-types/", body, cancel);
        var name = manifest["job"]!["name"]!.GetValue<string>();
        var version = manifest["job"]!["jobVersion"]!.GetValue<string>();
        var stored = await connection.Get($"job-types/{Uri.EscapeDataString(name)}/{Uri.EscapeDataString(version)}/", cancel);
        return new JobType(name, version, stored.GetProperty("revision_num").GetInt32());
    }

    /// <summary>The recipe type of this title, with its current definition; null when there is none.</summary>
    public async Task<JsonElement?> FindRecipeType(string title, CancellationToken cancel)
    {
        await foreach (var type in connection.List("recipe-types/", $"keyword={Uri.EscapeDataString(title)}&order=id", cancel))
        {
            if (type.GetProperty("title").GetString() == title)
            {
                return await connection.Get($"recipe-types/{type.GetProperty("name").GetString()}/", cancel);
            }
        }

        return null;
    }

    public Task<JsonElement> CreateRecipeType(string title, string description, JsonObject definition, CancellationToken cancel) =>
        connection.Post("recipe-types/", new JsonObject { ["title"] = title, ["description"] = description, ["definition"] = definition.DeepClone() }, cancel);

    /// <summary>Gives the recipe type a new revision.</summary>
    public Task EditRecipeType(string name, JsonObject definition, CancellationToken cancel) =>
        connection.Patch($"recipe-types/{name}/", new JsonObject { ["definition"] = definition.DeepClone(), ["auto_update"] = false }, cancel);

    /// <summary>The dataset of this title whose members are exactly these files, one each; null when there is none.</summary>
    public async Task<long?> FindDataset(string title, IReadOnlySet<long> fileIds, CancellationToken cancel)
    {
        await foreach (var dataset in connection.List("datasets/", $"keyword={Uri.EscapeDataString(title)}&order=id", cancel))
        {
            if (dataset.GetProperty("files").GetInt64() != fileIds.Count)
            {
                continue;
            }

            var id = dataset.GetProperty("id").GetInt64();
            var members = new HashSet<long>();
            await foreach (var member in connection.List($"datasets/{id}/members/", "order=id", cancel))
            {
                members.UnionWith(member.GetProperty("file_ids").EnumerateArray().Select(file => file.GetInt64()));
            }

            if (members.SetEquals(fileIds))
            {
                return id;
            }
        }

        return null;
    }

    /// <summary>Makes a dataset with one member per file.</summary>
    public async Task<long> CreateDataset(string title, string parameter, string mediaType, IEnumerable<long> fileIds, CancellationToken cancel)
    {
        var members = fileIds.Select(id => (JsonNode)new JsonObject { ["files"] = new JsonObject { [parameter] = new JsonArray(id) } });
        var dataset = await connection.Post("datasets/", new JsonObject
        {
            ["title"] = title,
            ["definition"] = new JsonObject
            {
                ["parameters"] = new JsonObject { ["files"] = new JsonArray(new JsonObject { ["name"] = parameter, ["media_types"] = new JsonArray(mediaType) }) },
            },
            ["data"] = new JsonArray([.. members]),
        }, cancel);
        return dataset.GetProperty("id").GetInt64();
    }

    /// <summary>Batches of a recipe type, oldest first, in their list form.</summary>
    public async Task<IReadOnlyList<Batch>> ListBatches(long recipeTypeId, CancellationToken cancel)
    {
        var batches = new List<Batch>();
        await foreach (var batch in connection.List("batches/", $"recipe_type_id={recipeTypeId}&order=id", cancel))
        {
            batches.Add(new Batch(batch));
        }

        return batches;
    }

    public async Task<Batch> GetBatch(long id, CancellationToken cancel) => new(await connection.Get($"batches/{id}/", cancel));

    /// <summary>Validates, then creates.</summary>
    /// <exception cref="ScaleClientException">The definition is not valid; the message has every reason.</exception>
    public async Task<Batch> CreateBatch(long recipeTypeId, string title, JsonObject definition, CancellationToken cancel)
    {
        var validation = await connection.Post("batches/validation/", new JsonObject { ["recipe_type_id"] = recipeTypeId, ["definition"] = definition.DeepClone() }, cancel);
        if (!validation.GetProperty("is_valid").GetBoolean())
        {
            throw new ScaleClientException("The batch is not valid: " +
                string.Join("; ", validation.GetProperty("errors").EnumerateArray().Select(e => $"{e.GetProperty("name")}: {e.GetProperty("description")}")));
        }

        return new Batch(await connection.Post("batches/", new JsonObject { ["recipe_type_id"] = recipeTypeId, ["title"] = title, ["definition"] = definition.DeepClone() }, cancel));
    }

    /// <summary>Jobs that a batch made itself; those it took over from its predecessor are not among them.</summary>
    public Task<long> CountJobsOfBatch(long batchId, CancellationToken cancel) => connection.Count("jobs/", $"batch_id={batchId}", cancel);

    /// <summary>The jobs of a batch that failed, at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<FailedJob>> ListFailedJobs(long batchId, int limit, CancellationToken cancel)
    {
        var page = await connection.Get($"jobs/?batch_id={batchId}&status=FAILED&order=id&page_size={limit}", cancel);
        return [.. page.GetProperty("results").EnumerateArray().Select(job => new FailedJob(
            job.GetProperty("id").GetInt64(),
            job.GetProperty("job_type").GetProperty("name").GetString()!,
            [.. job.GetProperty("input_files").EnumerateObject().SelectMany(input => input.Value.EnumerateArray()).Select(name => name.GetString()!)],
            job.GetProperty("error").GetProperty("name").GetString()!,
            job.GetProperty("error").GetProperty("category").GetString()!))];
    }

    /// <returns>What the last execution of a job printed, as text; empty when it printed nothing.</returns>
    public async Task<string> GetLog(long jobId, CancellationToken cancel)
    {
        var job = await connection.Get($"jobs/{jobId}/", cancel);
        return job.GetProperty("execution") is { ValueKind: JsonValueKind.Object } execution
            ? await connection.GetText($"job-executions/{execution.GetProperty("id").GetInt64()}/logs/combined/?format=txt", cancel)
            : "";
    }

    /// <returns>When the last of a batch's recipes completed; null when none has.</returns>
    public async Task<DateTime?> GetLastCompletion(long batchId, CancellationToken cancel)
    {
        var page = await connection.Get($"recipes/?batch_id={batchId}&is_completed=true&order=-completed&page_size=1", cancel);
        var last = page.GetProperty("results").EnumerateArray().FirstOrDefault();
        return last.ValueKind == JsonValueKind.Undefined ? null : last.GetProperty("completed").GetDateTime();
    }

    public async IAsyncEnumerable<Product> ListProducts(long batchId, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var file in connection.List("files/", $"file_type=PRODUCT&batch_id={batchId}&order=id", cancel))
        {
            yield return new Product(
                file.GetProperty("id").GetInt64(),
                file.GetProperty("file_name").GetString()!,
                file.GetProperty("file_path").GetString()!,
                file.GetProperty("workspace").GetProperty("id").GetInt64(),
                file.GetProperty("recipe_node").GetString());
        }
    }

    private static Workspace ToWorkspace(JsonElement details)
    {
        var broker = details.GetProperty("configuration").GetProperty("broker");
        var hostPath = broker.TryGetProperty("host_path", out var path) ? path.GetString() : null;
        return new Workspace(details.GetProperty("id").GetInt64(), details.GetProperty("name").GetString()!, hostPath);
    }
}
