namespace Scale.Store.Ingest;

/// <summary>Where an ingest stands (storage-and-ingest.md §7.1). The numbers are stored; never renumber.</summary>
public enum IngestStatus : short
{
    Transferring = 0,
    Transferred = 1,
    Deferred = 2,
    Queued = 3,
    Ingesting = 4,
    Ingested = 5,
    Errored = 6,
    Duplicate = 7,
}

/// <summary>Names of statuses as the API writes them: the upper-case names of the enum.</summary>
public static class IngestStatuses
{
    private static readonly Dictionary<IngestStatus, string> Names = Enum.GetValues<IngestStatus>().ToDictionary(s => s, s => s.ToString().ToUpperInvariant());

    private static readonly Dictionary<string, IngestStatus> ByName = Names.ToDictionary(n => n.Value, n => n.Key, StringComparer.Ordinal);

    public static string NameOf(this IngestStatus status) => Names[status];

    /// <summary>The status of a name, or null for any other text.</summary>
    public static IngestStatus? FromName(string name) => ByName.TryGetValue(name, out var status) ? status : null;
}
