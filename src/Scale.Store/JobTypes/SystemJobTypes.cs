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

    private const string BatchCreator =
        """
        {"seedVersion": "1.0.0", "job": {
          "name": "scale-batch-creator", "jobVersion": "1.0.0", "packageVersion": "1.0.0", "title": "Scale Batch Creator", "description": "Creates the recipes of a batch",
          "maintainer": {"name": "Scale", "email": "scale@localhost"}, "timeout": 2147483647,
          "interface": {"command": "create batch", "inputs": {"json": [{"name": "BATCH_ID", "type": "integer"}]}}}}
        """;

    /// <summary>Of the v5 services, which knew no semantic versions (batches-and-datasets.md §6).</summary>
    private const string BatchCreatorVersion = "1.0";

    /// <summary>The type <c>scale-scan</c> (storage-and-ingest.md §6).</summary>
    public static Task<StoredJobType> ScanType(Session session, DateTime now) => Ensure(session, Manifest(Scan), priority: 5, "f02a", now);

    /// <summary>The type <c>scale-batch-creator</c> (batches-and-datasets.md §6).</summary>
    public static Task<StoredJobType> BatchCreatorType(Session session, DateTime now) =>
        Ensure(session, Manifest(BatchCreator) with { JobVersion = BatchCreatorVersion }, priority: 1, "f0b1", now);

    /// <summary>The type <c>scale-scan</c> where a scan exists.</summary>
    public static async Task<StoredJobType> FindScanType(Session session) =>
        await JobTypeWriter.Find(session, ScanName, ScanVersion) ?? throw new InvalidOperationException($"The job type {ScanName} {ScanVersion} is gone.");

    private static SeedManifest Manifest(string text) => SeedManifest.Parse(JsonSerializer.Deserialize<JsonElement>(text)).Required();

    private static async Task<StoredJobType> Ensure(Session session, SeedManifest manifest, int priority, string icon, DateTime now)
    {
        if (await JobTypeWriter.Find(session, manifest.Name, manifest.JobVersion) is { } known)
        {
            return known;
        }

        await JobTypeWriter.Insert(session, manifest, "system", JobConfiguration.Empty with { Priority = priority }, new JobTypeFlags(IsSystem: true, IconCode: icon), now);
        return (await JobTypeWriter.Find(session, manifest.Name, manifest.JobVersion))!;
    }
}
