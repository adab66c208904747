using System.Text.Json.Nodes;
using Scale.Api.V6.Jobs;
using Scale.Api.V6.References;
using Scale.Model.Files;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Ingest;
using Scale.Store.JobTypes;

namespace Scale.Api.V6.Scans;

/// <summary>A scan in lists (storage-and-ingest.md §6). Its job exists from the start and is PENDING until the ingest scan is launched.</summary>
public record ScanAnswer(
    long Id, string Name, string Title, string? Description, JobReference Job, JobReference? DryRunJob, long? FileCount, DateTime Created, DateTime LastModified)
{
    public static async Task<IReadOnlyList<object>> Of(Session session, IReadOnlyList<StoredScan> scans)
    {
        if (scans.Count == 0)
        {
            return [];
        }

        var type = await ScanJobType(session);
        return [.. scans.Select(s => new ScanAnswer(
            s.Id, s.Name, s.Title, s.Description, JobOf(s.JobId, s.JobStatus, type), DryRunOf(s, type), s.FileCount, s.Created, s.LastModified))];
    }

    protected static JobReference? DryRunOf(StoredScan scan, JobTypeReference type) =>
        scan.DryRunJobId is { } id ? JobOf(id, scan.DryRunJobStatus ?? JobStatus.Pending, type) : null;

    protected static JobReference JobOf(long id, JobStatus status, JobTypeReference type) => new(id, type, status.NameOf());

    protected static async Task<JobTypeReference> ScanJobType(Session session)
    {
        var t = await SystemJobTypes.FindScanType(session);
        return new JobTypeReference(t.Id, t.Name, t.Version, t.Title, t.Description, t.IsActive, t.IsSystem, t.IsPaused, t.IsPublished, t.IconCode, t.UnmetResources, t.RevisionNum);
    }
}

public sealed record ScanDetails(
    long Id, string Name, string Title, string? Description, JobReference Job, JobReference? DryRunJob, long? FileCount, DateTime Created, DateTime LastModified, JsonObject Configuration)
    : ScanAnswer(Id, Name, Title, Description, Job, DryRunJob, FileCount, Created, LastModified)
{
    public static async Task<ScanDetails?> Find(Session session, long id)
    {
        if (await ScanStore.Find(session, id) is not { } s)
        {
            return null;
        }

        var type = await ScanJobType(session);
        return new ScanDetails(
            s.Id, s.Name, s.Title, s.Description, JobOf(s.JobId, s.JobStatus, type), DryRunOf(s, type), s.FileCount, s.Created, s.LastModified,
            ScanConfiguration.FromText(s.Configuration).ToJson());
    }
}
