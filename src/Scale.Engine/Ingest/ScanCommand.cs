using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Engine.Commands;
using Scale.Store.Databases;

namespace Scale.Engine.Ingest;

/// <summary>Arguments of the command <c>scan</c>.</summary>
/// <param name="JobId">Job that tells how it stands.</param>
public sealed record ScanCommand(long ScanId, long JobId, bool IsDryRun)
{
    public const string Kind = "scan";

    public static Task<long> Append(Session session, ScanCommand scan, DateTime now) => CommandLog.Append(
        session, Kind, new JsonObject { ["scan_id"] = scan.ScanId, ["job_id"] = scan.JobId, ["is_dry_run"] = scan.IsDryRun }, now);

    public static ScanCommand Read(JsonElement arguments) => new(
        arguments.GetProperty("scan_id").GetInt64(), arguments.GetProperty("job_id").GetInt64(), arguments.GetProperty("is_dry_run").GetBoolean());
}

/// <summary>How far a scan has come: first the workspace is listed, then what was taken is registered.</summary>
/// <param name="IsListed">Whether the list is complete.</param>
/// <param name="Seen">Files listed so far.</param>
/// <param name="After">Ingests up to this id are done, or older than the scan; -1 before there are any.</param>
public sealed record ScanProgress(bool IsListed, long Seen, long After)
{
    private const long None = -1;

    public static ScanProgress Read(JsonElement json) => json.TryGetProperty("seen", out var seen)
        ? new ScanProgress(json.GetProperty("is_listed").GetBoolean(), seen.GetInt64(), json.GetProperty("after").GetInt64())
        : new ScanProgress(false, 0, None);

    public JsonObject ToJson() => new() { ["is_listed"] = IsListed, ["seen"] = Seen, ["after"] = After };
}
