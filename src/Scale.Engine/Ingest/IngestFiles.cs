using Microsoft.Extensions.Logging;
using Scale.Engine.Leadership;
using Scale.Engine.Workspaces;
using Scale.Model.Files;
using Scale.Store.Files;
using Scale.Store.Ingest;

namespace Scale.Engine.Ingest;

/// <summary>
/// Makes source files of ingests (storage-and-ingest.md §7.2, §7.3): moves them where their rule says, registers them, and starts the recipe of the
/// configuration, all in one transaction. Done again after a crash it finds moved files at their new place.
/// </summary>
public sealed class IngestFiles(WorkspaceCatalog workspaces, WorkspaceBrokers brokers, ILogger<IngestFiles> log)
{
    public async Task Run(EngineTransaction transaction, StoredScan scan, IReadOnlyList<QueuedIngest> ingests, CancellationToken cancel)
    {
        var session = transaction.Session;
        var known = await IngestStore.KnownSources(session, [.. ingests.Select(i => i.File.FileName).Distinct()]);
        var present = known.Where(k => !k.IsDeleted).DistinctBy(k => (k.FileName, k.FileSize)).ToDictionary(k => (k.FileName, k.FileSize), k => k.Id);
        var deleted = known.Where(k => k.IsDeleted).DistinctBy(k => (k.FileName, k.FileSize)).ToDictionary(k => (k.FileName, k.FileSize), k => k.Id);

        var ended = new List<EndedIngest>();
        var placed = new List<(QueuedIngest Ingest, FoundFile File)>();
        foreach (var ingest in ingests)
        {
            if (present.TryGetValue((ingest.File.FileName, ingest.File.FileSize), out var existing))
            {
                ended.Add(new EndedIngest(ingest.Id, IngestStatus.Duplicate, existing, null));
                continue;
            }

            try
            {
                placed.Add((ingest, await Place(ingest.File, cancel)));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                log.LogWarning(failure, "Ingest {Id} of {Path} failed", ingest.Id, ingest.File.FilePath);
                ended.Add(new EndedIngest(ingest.Id, IngestStatus.Errored, null, failure.Message));
            }
        }

        var fresh = await session.AllocateIds("file", placed.Count(p => !deleted.ContainsKey(Key(p.File))));
        var next = 0;
        var files = placed.ConvertAll(p => (
            Id: deleted.TryGetValue(Key(p.File), out var again) ? again : fresh[next++], Uuid: FileUuid.OfSource(p.File.FileName), p.File));
        await IngestStore.InsertSources(session, files.FindAll(f => !deleted.ContainsKey(Key(f.File))), transaction.Now);
        await IngestStore.ReviveSources(session, files.FindAll(f => deleted.ContainsKey(Key(f.File))), transaction.Now);

        var (recipe, nothing) = await IngestRecipeStart.Find(session, ScanConfiguration.FromText(scan.Configuration).Recipe);
        if (nothing is not null)
        {
            log.LogWarning("Scan {Scan}: {Problem}", scan.Name, nothing);
        }

        foreach (var ((ingest, file), (fileId, _, _)) in placed.Zip(files))
        {
            var problem = nothing;
            if (recipe is not null && (problem = await recipe.Start(transaction, scan.Id, ingest.Id, fileId, file.FileName)) is not null)
            {
                log.LogWarning("Ingest {Id} of {Path}: {Problem}", ingest.Id, file.FilePath, problem);
            }

            ended.Add(new EndedIngest(ingest.Id, IngestStatus.Ingested, fileId, problem));
        }

        await IngestStore.End(session, ended, transaction.Now);
    }

    private static (string, long) Key(FoundFile file) => (file.FileName, file.FileSize);

    /// <summary>Puts the file where its rule says.</summary>
    /// <returns>The file at its place.</returns>
    private async Task<FoundFile> Place(FoundFile file, CancellationToken cancel)
    {
        var path = file.NewFilePath.Length > 0 ? file.NewFilePath : file.FilePath;
        if (file.NewWorkspaceId is not { } workspaceId || workspaceId == file.WorkspaceId)
        {
            if (path != file.FilePath)
            {
                await Open(file.WorkspaceId).Move(file.FilePath, path, cancel);
            }

            return file with { FilePath = path };
        }

        await MoveOver(Open(file.WorkspaceId), Open(workspaceId), file, path, cancel);
        return file with { FilePath = path, WorkspaceId = workspaceId };
    }

    private static async Task MoveOver(IWorkspaceBroker from, IWorkspaceBroker to, FoundFile file, string path, CancellationToken cancel)
    {
        if (await from.SizeOf(file.FilePath, cancel) is null)
        {
            // Moved before a crash; otherwise it is gone.
            _ = await to.SizeOf(path, cancel) == file.FileSize ? true : throw new FileNotFoundException($"The file {file.FilePath} is gone.");
            return;
        }

        var local = from.LocalPath(file.FilePath) ?? throw new WorkspaceUnreachableException("Files of a workspace without local files can't be moved to another yet.");
        using (var handle = File.OpenHandle(local))
        {
            await to.Put(new WorkspaceContent.OpenFile(handle), path, cancel);
        }

        await from.Delete(file.FilePath, cancel);
    }

    private IWorkspaceBroker Open(long workspaceId) => workspaces.Find(workspaceId) is { IsActive: true } workspace
        ? brokers.For(workspace.Name, workspace.Configuration)
        : throw new IOException($"Workspace {workspaceId} is archived or gone.");
}
