using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Client;

namespace Scale.Demo;

/// <summary>
/// The main job over the public API: ingest, dataset, batch, change one algorithm, batch again. Every step first looks whether it was done before, so a run that was
/// killed goes on where it stopped, and a run after a finished one makes the next batch of the chain.
/// </summary>
/// <param name="folder">Where products go; absolute.</param>
/// <param name="pollEvery">How often progress is asked for.</param>
public sealed class MainJob(ScaleClient client, Pipeline pipeline, string folder, IDemoDisplay display, TimeSpan pollEvery)
{
    /// <summary>Makes every file of <paramref name="input"/> that the pipeline is made for known to the server.</summary>
    /// <returns>Their file ids.</returns>
    public async Task<IReadOnlySet<long>> Ingest(string input, CancellationToken cancel)
    {
        var wanted = Directory.EnumerateFiles(input)
            .Select(path => new FileInfo(path))
            .Where(file => pipeline.FilePattern.IsMatch(file.Name))
            .Select(file => (file.Name, file.Length))
            .ToHashSet();
        if (wanted.Count == 0)
        {
            throw new DemoException($"There is no file in {input} whose name matches {pipeline.FilePattern}.");
        }

        var workspace = await client.FindHostWorkspace(input, cancel) ?? await client.CreateHostWorkspace($"Demo input {Path.GetFileName(input)}", input, cancel);
        var known = await Known(wanted, cancel);
        if (known.Count == wanted.Count)
        {
            display.Say($"{wanted.Count} files of {input} are known already");
        }
        else
        {
            display.Say($"ingesting {wanted.Count - known.Count} files of {input}");
            var scan = await client.StartScan($"Demo {pipeline.Title}", workspace.Name, pipeline.FilePattern.ToString(), cancel);
            known = await UntilKnown(scan, wanted, cancel);
        }

        return known.Values.ToHashSet();
    }

    /// <summary>Finds or makes the dataset and brings its chain of batches to an end: at least two batches, and one more when all had ended.</summary>
    /// <returns>The chain, oldest first.</returns>
    public async Task<IReadOnlyList<Batch>> RunBatches(IReadOnlySet<long> fileIds, CancellationToken cancel)
    {
        var products = await client.FindHostWorkspace(ProductsFolder, cancel) ?? await client.CreateHostWorkspace("Demo products", ProductsFolder, cancel);
        var title = $"{pipeline.Title}, {fileIds.Count} files";
        var dataset = await client.FindDataset(title, fileIds, cancel) ?? await client.CreateDataset(title, pipeline.Input, pipeline.MediaType, fileIds.Order(), cancel);

        var chain = await FindChain(dataset, cancel);
        var goesOn = chain.Count > 0;
        if (goesOn && !chain[^1].HasEnded)
        {
            display.Say($"going on with batch {chain[^1].Id}");
            chain[^1] = await Watch(chain[^1].Id, chain.Count, cancel);
        }
        else if (goesOn && chain.Count >= 2)
        {
            await Next();
        }

        while (chain.Count < 2)
        {
            await Next();
        }

        return chain;

        async Task Next()
        {
            var number = chain.Count + 1;
            var type = await Register(number, products.Name, cancel);
            var definition = number == 1
                ? new JsonObject { ["dataset"] = dataset, ["supersedes"] = false }
                : new JsonObject { ["previous_batch"] = new JsonObject { ["root_batch_id"] = chain[0].Id } };
            var batch = await client.CreateBatch(type, $"{pipeline.Title} {number}", definition, cancel);
            chain.Add(await Watch(batch.Id, number, cancel));
        }
    }

    public string ProductsFolder => Path.Combine(folder, "products");

    private async Task<List<Batch>> FindChain(long dataset, CancellationToken cancel)
    {
        if (await client.FindRecipeType(pipeline.Title, cancel) is not { } type)
        {
            return [];
        }

        var batches = await client.ListBatches(type.GetProperty("id").GetInt64(), cancel);
        foreach (var candidate in batches.Where(batch => batch.Id == batch.RootId).Reverse())
        {
            var root = await client.GetBatch(candidate.Id, cancel);
            if (root.DatasetId == dataset)
            {
                return [root, .. batches.Where(batch => batch.RootId == root.Id && batch.Id != root.Id)];
            }
        }

        return [];
    }

    /// <summary>Brings job types and recipe type to the state of the <paramref name="batch"/>-th batch.</summary>
    /// <returns>The recipe type's id.</returns>
    private async Task<long> Register(int batch, string outputWorkspace, CancellationToken cancel)
    {
        var revisions = new Dictionary<string, int>();
        foreach (var manifest in pipeline.Manifests(batch))
        {
            var added = await client.AddJobType(manifest, pipeline.DockerImage, outputWorkspace, autoUpdate: false, cancel);
            revisions[added.Name] = added.Revision;
        }

        var definition = pipeline.Definition(revisions);
        if (await client.FindRecipeType(pipeline.Title, cancel) is not { } type)
        {
            display.Say($"registering {revisions.Count} job types and the recipe type '{pipeline.Title}'");
            return (await client.CreateRecipeType(pipeline.Title, pipeline.Description, definition, cancel)).GetProperty("id").GetInt64();
        }

        var changed = Changed(type, revisions);
        if (changed.Count > 0)
        {
            display.Say($"a new version of {string.Join(", ", changed)} came, so the recipe type gets a new revision");
            await client.EditRecipeType(type.GetProperty("name").GetString()!, definition, cancel);
        }

        return type.GetProperty("id").GetInt64();
    }

    private static IReadOnlyList<string> Changed(JsonElement recipeType, IReadOnlyDictionary<string, int> revisions) =>
        [.. recipeType.GetProperty("definition").GetProperty("nodes").EnumerateObject()
            .Select(node => node.Value.GetProperty("node_type"))
            .Where(type => type.GetProperty("job_type_revision").GetInt32() != revisions[type.GetProperty("job_type_name").GetString()!])
            .Select(type => type.GetProperty("job_type_name").GetString()!)];

    private async Task<Batch> Watch(long id, int number, CancellationToken cancel)
    {
        await using var progress = display.BeginBatch($"batch {number}");
        while (true)
        {
            var batch = await client.GetBatch(id, cancel);
            progress.Show(batch);
            if (batch.HasEnded)
            {
                return batch;
            }

            await Task.Delay(pollEvery, cancel);
        }
    }

    private async Task<Dictionary<(string, long), long>> UntilKnown(long scan, HashSet<(string Name, long Size)> wanted, CancellationToken cancel)
    {
        while (true)
        {
            // The status is read first: what a completed scan found is then surely listed.
            var status = await client.GetScanStatus(scan, cancel);
            var known = await Known(wanted, cancel);
            if (known.Count == wanted.Count)
            {
                return known;
            }

            if (status is "FAILED" or "CANCELED")
            {
                throw new DemoException($"Scan {scan} ended as {status}; {wanted.Count - known.Count} files are not known, for example {wanted.First(file => !known.ContainsKey(file)).Name}.");
            }

            await Task.Delay(pollEvery, cancel);
        }
    }

    private async Task<Dictionary<(string, long), long>> Known(HashSet<(string, long)> wanted, CancellationToken cancel)
    {
        var known = new Dictionary<(string, long), long>();
        foreach (var file in await client.ListSourceFiles(cancel))
        {
            if (wanted.Contains((file.FileName, file.FileSize)))
            {
                known.TryAdd((file.FileName, file.FileSize), file.Id);
            }
        }

        return known;
    }
}

/// <summary>The demo can't go on; the message says why.</summary>
public sealed class DemoException(string message) : Exception(message);
