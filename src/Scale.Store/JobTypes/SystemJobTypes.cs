using System.Text.Json;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;

namespace Scale.Store.JobTypes;

/// <summary>Job types whose work the engine does itself; their jobs tell how it stands. Made when first needed.</summary>
public static class SystemJobTypes
{
    private const string ScanName = "scale-scan";
    private const string ScanVersion = "1.0.0";

    private const string Scan =
        """
        {"seedVersion": "1.0.0", "job": {
          "name": "scale-scan", "jobVersion": "1.0.0", "packageVersion": "1.0.0", "title": "Scale Scan", "description": "Scans a workspace for files to ingest",
          "maintainer": {"name": "Scale", "email": "scale@localhost"}, "timeout": 2147483647,
          "interface": {"command": "scan", "inputs": {"json": [{"name": "SCAN_ID", "type": "integer"}, {"name": "DRY_RUN", "type": "boolean", "required": false}]}}}}
        """;

    /// <summary>The type <c>scale-scan</c> (storage-and-ingest.md §6).</summary>
    public static Task<StoredJobType> ScanType(Session session, DateTime now) => Ensure(session, Scan, priority: 5, now);

    /// <summary>The type <c>scale-scan</c> where a scan exists.</summary>
    public static async Task<StoredJobType> FindScanType(Session session) =>
        await JobTypeWriter.Find(session, ScanName, ScanVersion) ?? throw new InvalidOperationException($"The job type {ScanName} {ScanVersion} is gone.");

    private static async Task<StoredJobType> Ensure(Session session, string text, int priority, DateTime now)
    {
        var manifest = SeedManifest.Parse(JsonSerializer.Deserialize<JsonElement>(text)).Required();
        if (await JobTypeWriter.Find(session, manifest.Name, manifest.JobVersion) is { } known)
        {
            return known;
        }

        await JobTypeWriter.Insert(session, manifest, "system", JobConfiguration.Empty with { Priority = priority }, new JobTypeFlags(IsSystem: true, IconCode: "f02a"), now);
        return (await JobTypeWriter.Find(session, manifest.Name, manifest.JobVersion))!;
    }
}
