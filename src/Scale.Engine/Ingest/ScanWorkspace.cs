using System.Data.Common;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Scale.Engine.Commands;
using Scale.Engine.Leadership;
using Scale.Engine.Workspaces;
using Scale.Model.Errors;
using Scale.Model.Files;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Files;
using Scale.Store.Ingest;
using Scale.Store.Jobs;
using WorkspaceEntry = Scale.Store.Files.WorkspaceEntry;

namespace Scale.Engine.Ingest;

/// <summary>
/// Carries out scans (storage-and-ingest.md §6): lists the workspace and makes ingests of the files that a rule takes, then registers them.
/// Nothing is moved before everything is listed, so that a list that starts again never meets a file at its new place.
/// </summary>
public sealed class ScanWorkspace(WorkspaceCatalog workspaces, WorkspaceBrokers brokers, IngestFiles ingest, ILogger<ScanWorkspace> log) : ICommandHandler
{
    private const int SliceSize = 1000;
    private const int MaxFileName = 250;
    private const int MaxFilePath = 1000;

    private WorkspaceListing? listing;

    public string Kind => ScanCommand.Kind;

    public async Task<CommandSlice> RunSlice(EngineTransaction transaction, Command command, CancellationToken cancel)
    {
        var arguments = ScanCommand.Read(command.Arguments);
        var progress = ScanProgress.Read(command.Progress);
        var session = transaction.Session;
        var scan = await ScanStore.Find(session, arguments.ScanId);
        var status = await SystemJobs.StatusOf(session, arguments.JobId);
        if (scan is null || status is not (JobStatus.Queued or JobStatus.Running))
        {
            await IngestStore.Abandon(session, arguments.ScanId, "The scan was canceled.", transaction.Now);
            return await Close();
        }

        await SystemJobs.Start(session, arguments.JobId, transaction.Now);
        try
        {
            return progress.IsListed
                ? await Ingest(transaction, arguments, scan, progress, cancel)
                : await List(transaction, command.Id, arguments, scan, progress, cancel);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or DbException or LeadershipLostException))
        {
            // What the database refuses is tried again; nothing else gets better by that, and no job may stay RUNNING.
            log.LogWarning(failure, "Scan {Scan} failed", scan.Name);
            var error = failure is IOException or UnauthorizedAccessException ? BuiltinErrors.FilesystemIo : BuiltinErrors.Unknown;
            await SystemJobs.End(session, arguments.JobId, error, transaction.Now);
            return await Close();
        }
    }

    private async Task<CommandSlice> List(
        EngineTransaction transaction, long commandId, ScanCommand arguments, StoredScan scan, ScanProgress progress, CancellationToken cancel)
    {
        var configuration = ScanConfiguration.FromText(scan.Configuration);
        var workspace = Active(configuration.Workspace);
        if (listing is not { } open || open.CommandId != commandId || open.Seen != progress.Seen)
        {
            open = await Open(transaction.Session, commandId, arguments, workspace, configuration, cancel);
        }

        // A list that was opened again catches up first, so that every slice gets further than the one before.
        var limit = (int)(progress.Seen - open.Seen) + SliceSize;
        var entries = await open.Next(limit);
        var after = progress.After;
        if (!arguments.IsDryRun)
        {
            var files = Take(open, entries, configuration, workspace, transaction.Now);
            var first = files.Count > 0 ? await IngestStore.InsertQueued(transaction.Session, scan.Id, files, transaction.Now) : 0;
            after = after < 0 && first > 0 ? first - 1 : after;
        }

        await ScanStore.SetFileCount(transaction.Session, scan.Id, open.Seen, transaction.Now);
        var isListed = entries.Count < limit;
        if (!isListed || !arguments.IsDryRun)
        {
            return new CommandSlice(false, new ScanProgress(isListed, open.Seen, after).ToJson());
        }

        await SystemJobs.End(transaction.Session, arguments.JobId, null, transaction.Now);
        return await Close();
    }

    private async Task<CommandSlice> Ingest(EngineTransaction transaction, ScanCommand arguments, StoredScan scan, ScanProgress progress, CancellationToken cancel)
    {
        var queued = await IngestStore.Queued(transaction.Session, scan.Id, progress.After, SliceSize);
        if (queued.Count > 0)
        {
            await ingest.Run(transaction, scan, queued, cancel);
            return new CommandSlice(false, (progress with { After = queued[^1].Id }).ToJson());
        }

        await SystemJobs.End(transaction.Session, arguments.JobId, null, transaction.Now);
        return await Close();
    }

    private async Task<WorkspaceListing> Open(
        Session session, long commandId, ScanCommand arguments, WorkspaceEntry workspace, ScanConfiguration configuration, CancellationToken cancel)
    {
        await Close();
        var taken = arguments.IsDryRun ? [] : await IngestStore.TakenBy(session, arguments.ScanId);
        var entries = brokers.For(workspace.Name, workspace.Configuration).List(configuration.IsRecursive, cancel).GetAsyncEnumerator(cancel);
        listing = new WorkspaceListing(commandId, entries, [.. taken]);
        return listing;
    }

    private List<FoundFile> Take(WorkspaceListing open, IReadOnlyList<Workspaces.WorkspaceEntry> entries, ScanConfiguration configuration, WorkspaceEntry workspace, DateTime now)
    {
        var files = new List<FoundFile>();
        foreach (var (path, size) in entries)
        {
            var name = RelativePath.FileName(path);
            if (configuration.TransferSuffix is { } suffix && name.EndsWith(suffix, StringComparison.Ordinal))
            {
                continue;
            }

            // A name that is no text comes with replacement characters and could not be opened again.
            if (name.Length > MaxFileName || path.Length > MaxFilePath || path.Contains('\uFFFD', StringComparison.Ordinal))
            {
                log.LogWarning("Scan leaves out a file of workspace {Workspace} whose name is too long or no text: {Path}", workspace.Name, path);
                continue;
            }

            if (configuration.Rules.FirstMatch(path) is { } rule && open.Take(name, size))
            {
                files.Add(new FoundFile(
                    name, path, size, MediaTypes.Guess(name), JsonSerializer.Serialize(rule.DataTypes), workspace.Id,
                    rule.NewPathOf(path, now) ?? "", rule.NewWorkspace is { } other ? Active(other).Id : null));
            }
        }

        return files;
    }

    private WorkspaceEntry Active(string name) =>
        workspaces.Find(name) is { IsActive: true } workspace ? workspace : throw new IOException($"Workspace {name} is archived or gone.");

    private async Task<CommandSlice> Close()
    {
        if (listing is not null)
        {
            await listing.DisposeAsync();
            listing = null;
        }

        return CommandSlice.Done;
    }
}
