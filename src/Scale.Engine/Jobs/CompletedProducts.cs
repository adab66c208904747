using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Executions;
using Scale.Engine.Leadership;
using Scale.Model.Data;
using Scale.Model.Files;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Store.Jobs;
using Scale.Store.JobTypes;

namespace Scale.Engine.Jobs;

/// <summary>An execution that ends its job as COMPLETED.</summary>
internal sealed record CompletedExecution(EndingExecution Execution, CapturedOutputs Outputs, DataValues Input, JobTypeRevision Revision);

/// <summary>
/// Stores what completed executions made: product files, their ancestry, what they say about their inputs, and which products are
/// published from now on (storage-and-ingest.md §3.3-§3.5). Belongs in the transaction that completes the jobs.
/// </summary>
internal sealed class CompletedProducts(WorkspaceCatalog workspaces)
{
    /// <returns>The output data of each execution by its id.</returns>
    public async Task<Dictionary<long, DataValues>> Store(EngineTransaction transaction, IReadOnlyList<CompletedExecution> completed)
    {
        var session = transaction.Session;
        var withFiles = completed.Where(c => c.Outputs.Files.Length > 0).ToList();
        var origins = await ProductStore.Origins(session, [.. withFiles.SelectMany(InputFiles).Distinct()]);
        var ids = new Queue<long>(await session.AllocateIds("file", withFiles.Sum(c => c.Outputs.Files.Length)));

        var products = new List<NewProduct>();
        var links = new List<NewAncestry>();
        var outputs = new Dictionary<long, DataValues>();
        foreach (var execution in completed)
        {
            var sources = Sources(execution, origins);
            var own = execution.Outputs.Files.Select(file => ProductOf(ids.Dequeue(), execution, file, origins, sources)).ToList();
            products.AddRange(own);
            links.AddRange(from product in own from source in sources select LinkOf(execution.Execution, source.FileId, product.Id));
            outputs[execution.Execution.Id] = new DataValues(
                own.GroupBy(p => p.Output).ToImmutableSortedDictionary(g => g.Key, g => g.Select(p => p.Id).ToImmutableArray(), StringComparer.Ordinal),
                execution.Outputs.Json);
        }

        await Publish(transaction, completed, products);
        await ProductStore.ReplaceAncestry(session, [.. withFiles.Select(c => c.Execution.JobId)], links, transaction.Now);
        await ReusableJobs.ClearKeys(session, [.. completed.Where(c => c.Outputs.InputMetadata.Count > 0).Select(c => c.Execution.JobId)]);
        await SourceStore.Describe(session, [.. completed.SelectMany(DescribedInputs)], transaction.Now);
        return outputs;
    }

    private static async Task Publish(EngineTransaction transaction, IReadOnlyList<CompletedExecution> completed, List<NewProduct> products)
    {
        var publishing = completed.Where(c => !c.Execution.IsSuperseded).ToList();
        var executions = publishing.Select(c => c.Execution.Id).ToHashSet();
        await ProductStore.UnpublishChains(
            transaction.Session,
            [.. publishing.Where(c => c.Execution.RootSupersededJobId is not null).Select(c => c.Execution.RootSupersededJobId!.Value).Distinct()],
            executions, transaction.Now);

        // As if the executions had ended one after the other: of the same identity, the last execution's products stay published.
        var last = new Dictionary<string, long>();
        foreach (var product in products.Where(p => executions.Contains(p.ExecutionId)))
        {
            last[product.Uuid] = product.ExecutionId;
        }

        await ProductStore.Supersede(transaction.Session, last.Keys, executions, transaction.Now);
        await ProductStore.Insert(
            transaction.Session,
            products.ConvertAll(p => !executions.Contains(p.ExecutionId) ? p : last[p.Uuid] == p.ExecutionId ? p with { IsPublished = true } : p with { IsSuperseded = true }),
            transaction.Now);
    }

    private NewProduct ProductOf(long id, CompletedExecution completed, CapturedFile file, Dictionary<long, InputOrigin> origins, IReadOnlyList<SourceOrigin> sources)
    {
        var (execution, metadata) = (completed.Execution, file.Metadata);
        var job = execution.Source;
        var uuid = FileUuid.OfProduct(
            execution.JobTypeId, file.FileName, InputFiles(completed).Where(origins.ContainsKey).Select(f => origins[f].Uuid), completed.Input.Json);
        return new NewProduct(
            id, file.FileName, file.WorkspaceId, file.FilePath, file.MediaType, file.FileSize, uuid, file.Checksum, MetaData(completed, file), metadata?.Geometry?.Wkt, metadata?.Geometry?.CenterWkt,
            metadata?.DataStarted, metadata?.DataEnded,
            metadata?.SourceStarted ?? job.Started ?? sources.Min(s => s.DataStarted),
            metadata?.SourceEnded ?? job.Ended ?? (job.Started is null ? sources.Max(s => s.DataEnded) : null),
            metadata?.SourceSensorClass ?? job.SensorClass, metadata?.SourceSensor ?? job.Sensor, metadata?.SourceCollection ?? job.Collection, metadata?.SourceTask ?? job.Task,
            execution.JobId, execution.Id, execution.JobTypeId, file.Output, execution.RecipeId, execution.RecipeTypeId, execution.RecipeNode, execution.BatchId);
    }

    private string MetaData(CompletedExecution completed, CapturedFile file)
    {
        var manifest = completed.Revision.Manifest;
        return FileMetadata.MetaDataOf(file.Metadata, workspaces.Find(file.WorkspaceId)?.UrlOf(file.FilePath), manifest.Name, manifest.JobVersion, manifest.PackageVersion);
    }

    private static IEnumerable<long> InputFiles(CompletedExecution completed) => completed.Input.Files.Values.SelectMany(ids => ids);

    private static IReadOnlyList<SourceOrigin> Sources(CompletedExecution completed, Dictionary<long, InputOrigin> origins) => completed.Outputs.Files.IsEmpty
        ? []
        : [.. InputFiles(completed).Where(origins.ContainsKey).SelectMany(f => origins[f].Sources).DistinctBy(s => s.FileId)];

    private static NewAncestry LinkOf(EndingExecution execution, long source, long product) =>
        new(source, product, execution.JobId, execution.Id, execution.RecipeId, execution.BatchId);

    /// <summary>A side-car counts for an input of exactly one file.</summary>
    private static IEnumerable<(long FileId, FileMetadata Metadata)> DescribedInputs(CompletedExecution completed) =>
        completed.Outputs.InputMetadata
            .Where(m => completed.Input.Files.TryGetValue(m.Key, out var ids) && ids.Length == 1)
            .Select(m => (completed.Input.Files[m.Key][0], m.Value));
}
