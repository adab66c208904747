using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.V6.Files;
using Scale.Api.V6.References;
using Scale.Api.V6.Scans;
using Scale.Api.V6.Workspaces;
using Scale.Store.Databases;
using Scale.Store.Ingest;

namespace Scale.Api.V6.Ingests;

/// <summary>A scan as lists of ingests name it.</summary>
public sealed record ScanReference(long Id, string Name, string Title, string? Description, IdReference? Job, IdReference? DryRunJob);

/// <summary>An ingest (storage-and-ingest.md §7). In details scan and workspaces have their details forms.</summary>
public sealed record IngestAnswer
{
    public required long Id { get; init; }
    public required string FileName { get; init; }
    public required object? Scan { get; init; }

    /// <summary>Null: strikes make no ingests yet.</summary>
    public object? Strike => null;

    public required string Status { get; init; }
    public required long? BytesTransferred { get; init; }
    public required DateTime? TransferStarted { get; init; }
    public required DateTime? TransferEnded { get; init; }
    public required string MediaType { get; init; }

    /// <summary>Bytes.</summary>
    public required long? FileSize { get; init; }

    public required JsonElement? DataTypeTags { get; init; }
    public required string FilePath { get; init; }
    public required object? Workspace { get; init; }

    /// <summary>Empty when the file stays where it was found.</summary>
    public required string NewFilePath { get; init; }

    public required object? NewWorkspace { get; init; }
    public required IdReference? Job { get; init; }
    public required DateTime? IngestStarted { get; init; }
    public required DateTime? IngestEnded { get; init; }
    public required FileAnswer? SourceFile { get; init; }
    public required DateTime? DataStarted { get; init; }
    public required DateTime? DataEnded { get; init; }
    public required DateTime Created { get; init; }
    public required DateTime LastModified { get; init; }

    // Beyond the reference:
    public required string? Error { get; init; }
}

public static class IngestAnswers
{
    public static async Task<IReadOnlyList<IngestAnswer>> Read(ScaleContext context, IReadOnlyList<IngestRow> rows, CancellationToken cancel)
    {
        var scanIds = rows.Select(i => i.ScanId).OfType<long>().Distinct().ToList();
        var scans = await context.Scans.Where(s => scanIds.Contains(s.Id))
            .Select(s => new { s.Id, s.Name, s.Title, s.Description, s.JobId, s.DryRunJobId })
            .ToDictionaryAsync(s => s.Id, s => new ScanReference(s.Id, s.Name, s.Title, s.Description, IdReference.Of(s.JobId), IdReference.Of(s.DryRunJobId)), cancel);
        var workspaceIds = rows.SelectMany(i => new[] { i.WorkspaceId, i.NewWorkspaceId ?? i.WorkspaceId }).Distinct().ToList();
        var workspaces = await context.Workspaces.Where(w => workspaceIds.Contains(w.Id))
            .Select(w => new WorkspaceAnswer(w.Id, w.Name, w.Title, w.Description, w.BaseUrl, w.IsActive, w.Created, w.Deprecated, w.LastModified))
            .ToDictionaryAsync(w => w.Id, cancel);
        var files = await Sources(context, rows, cancel);
        return [.. rows.Select(i => Answer(i, scans.Named(i.ScanId), workspaces.GetValueOrDefault(i.WorkspaceId), workspaces.Named(i.NewWorkspaceId), files.Named(i.SourceFileId)))];
    }

    public static async Task<IngestAnswer> ReadDetails(ScaleContext context, Session session, IngestRow row, CancellationToken cancel)
    {
        var scan = row.ScanId is { } scanId ? await ScanDetails.Find(session, scanId) : null;
        var workspace = await WorkspaceDetails.Find(session, row.WorkspaceId, masked: true);
        var newWorkspace = row.NewWorkspaceId is { } newId ? await WorkspaceDetails.Find(session, newId, masked: true) : null;
        return Answer(row, scan, workspace, newWorkspace, (await Sources(context, [row], cancel)).Named(row.SourceFileId));
    }

    private static async Task<IReadOnlyDictionary<long, FileAnswer>> Sources(ScaleContext context, IReadOnlyList<IngestRow> rows, CancellationToken cancel)
    {
        var ids = rows.Select(i => i.SourceFileId).OfType<long>().Distinct().ToList();
        return ids.Count == 0 ? new Dictionary<long, FileAnswer>() : (await FileAnswers.Read(context, ids, cancel)).ToDictionary(f => f.Id);
    }

    private static IngestAnswer Answer(IngestRow i, object? scan, object? workspace, object? newWorkspace, FileAnswer? file) => new()
    {
        Id = i.Id,
        FileName = i.FileName,
        Scan = scan,
        Status = ((IngestStatus)i.Status).NameOf(),
        BytesTransferred = i.BytesTransferred,
        TransferStarted = i.TransferStarted,
        TransferEnded = i.TransferEnded,
        MediaType = i.MediaType,
        FileSize = i.FileSize,
        DataTypeTags = AnswerJson.Document(i.DataTypeTags),
        FilePath = i.FilePath,
        Workspace = workspace,
        NewFilePath = i.NewFilePath,
        NewWorkspace = newWorkspace,
        Job = IdReference.Of(i.JobId),
        IngestStarted = i.IngestStarted,
        IngestEnded = i.IngestEnded,
        SourceFile = file,
        DataStarted = i.DataStarted,
        DataEnded = i.DataEnded,
        Created = i.Created,
        LastModified = i.LastModified,
        Error = i.Error,
    };
}
