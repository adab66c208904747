using Scale.Store.Databases;
using Scale.Store.Files;

namespace Scale.Store.Ingest;

/// <summary>A file that a scan found and a rule took.</summary>
/// <param name="DataTypeTags">JSON array of strings.</param>
/// <param name="NewFilePath">Where it goes inside its (new) workspace; empty to stay.</param>
public sealed record FoundFile(
    string FileName, string FilePath, long FileSize, string MediaType, string DataTypeTags, long WorkspaceId, string NewFilePath, long? NewWorkspaceId);

/// <summary>An ingest that waits for its file to be registered.</summary>
public sealed record QueuedIngest(long Id, FoundFile File);

/// <summary>A SOURCE file of the catalog that has a name and size.</summary>
public readonly record struct KnownSource(long Id, string FileName, long FileSize, bool IsDeleted);

/// <summary>How an ingest ended.</summary>
/// <param name="Error">Why it is ERRORED, or what did not follow of an INGESTED one; null when all went well.</param>
public sealed record EndedIngest(long Id, IngestStatus Status, long? SourceFileId, string? Error);

/// <summary>Bulk reads and writes of ingests and of the files they register.</summary>
public static class IngestStore
{
    /// <summary>Name and size of every file that the scan has taken.</summary>
    public static Task<List<(string FileName, long FileSize)>> TakenBy(Session session, long scanId) =>
        session.Query("SELECT file_name, file_size FROM ingest WHERE scan_id = @scan", r => (r.GetString(0), r.GetInt64(1)), ("scan", scanId));

    /// <returns>Id of the first of them.</returns>
    public static async Task<long> InsertQueued(Session session, long scanId, IReadOnlyList<FoundFile> files, DateTime now)
    {
        var ids = await session.AllocateIds("ingest", files.Count);
        var moments = Enumerable.Repeat(now, files.Count).ToArray();
        await session.BulkInsert("ingest", new Rows("v",
            ("id", ids),
            ("file_name", Column(f => f.FileName)),
            ("scan_id", Enumerable.Repeat(scanId, files.Count).ToArray()),
            ("status", Enumerable.Repeat((short)IngestStatus.Queued, files.Count).ToArray()),
            ("bytes_transferred", Column(f => f.FileSize)),
            ("transfer_started", moments),
            ("transfer_ended", moments),
            ("media_type", Column(f => f.MediaType)),
            ("file_size", Column(f => f.FileSize)),
            ("data_type_tags", Column(f => f.DataTypeTags)),
            ("file_path", Column(f => f.FilePath)),
            ("workspace_id", Column(f => f.WorkspaceId)),
            ("new_file_path", Column(f => f.NewFilePath)),
            ("new_workspace_id", Column(f => f.NewWorkspaceId)),
            ("created", moments),
            ("last_modified", moments)));
        return ids[0];

        T[] Column<T>(Func<FoundFile, T> value) => [.. files.Select(value)];
    }

    /// <summary>The next ingests of a scan that wait, in the order of their ids.</summary>
    public static Task<List<QueuedIngest>> Queued(Session session, long scanId, long after, int limit) => session.Query(
        // The plus keeps SQLite on the primary key: the ingests of one scan lie together there.
        """
        SELECT id, file_name, file_path, file_size, media_type, data_type_tags, workspace_id, new_file_path, new_workspace_id
        FROM ingest WHERE id > @after AND +scan_id = @scan AND status = @queued ORDER BY id LIMIT @limit
        """,
        r => new QueuedIngest(r.GetInt64(0), new FoundFile(
            r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetString(4), r.GetString(5), r.GetInt64(6), r.GetString(7), r.Long(8))),
        ("after", after), ("scan", scanId), ("queued", IngestStatus.Queued), ("limit", limit));

    /// <summary>SOURCE files of those names, in any workspace.</summary>
    public static Task<List<KnownSource>> KnownSources(Session session, string[] fileNames) => session.Query(
        "SELECT id, file_name, file_size, is_deleted FROM file WHERE file_name IN @names AND file_type = @source ORDER BY id",
        r => new KnownSource(r.GetInt64(0), r.GetString(1), r.GetInt64(2), r.GetBoolean(3)),
        ("names", fileNames), ("source", FileType.Source));

    /// <param name="files">Where they are now, with the ids and uuids they get.</param>
    public static Task InsertSources(Session session, IReadOnlyList<(long Id, string Uuid, FoundFile File)> files, DateTime now) => session.BulkInsert("file", new Rows("v",
        ("id", files.Select(f => f.Id).ToArray()),
        ("file_name", files.Select(f => f.File.FileName).ToArray()),
        ("workspace_id", files.Select(f => f.File.WorkspaceId).ToArray()),
        ("file_path", files.Select(f => f.File.FilePath).ToArray()),
        ("file_type", files.Select(_ => (short)FileType.Source).ToArray()),
        ("media_type", files.Select(f => f.File.MediaType).ToArray()),
        ("file_size", files.Select(f => f.File.FileSize).ToArray()),
        ("uuid", files.Select(f => f.Uuid).ToArray()),
        ("data_type_tags", files.Select(f => f.File.DataTypeTags).ToArray()),
        ("created", files.Select(_ => now).ToArray()),
        ("last_modified", files.Select(_ => now).ToArray())));

    /// <summary>Files that were deleted and have come again keep their ids.</summary>
    public static Task ReviveSources(Session session, IReadOnlyList<(long Id, string Uuid, FoundFile File)> files, DateTime now) => session.Execute(
        """
        UPDATE file SET workspace_id = v.workspace_id, file_path = v.file_path, media_type = v.media_type, uuid = v.uuid, data_type_tags = v.data_type_tags,
            is_deleted = FALSE, is_parsed = FALSE, deleted = NULL, parsed = NULL, last_modified = @now
        FROM {v} WHERE file.id = v.id
        """,
        new Rows("v",
            ("id", files.Select(f => f.Id).ToArray()),
            ("workspace_id", files.Select(f => f.File.WorkspaceId).ToArray()),
            ("file_path", files.Select(f => f.File.FilePath).ToArray()),
            ("media_type", files.Select(f => f.File.MediaType).ToArray()),
            ("uuid", files.Select(f => f.Uuid).ToArray()),
            ("data_type_tags", files.Select(f => f.File.DataTypeTags).ToArray())),
        ("now", now));

    public static Task End(Session session, IReadOnlyList<EndedIngest> ingests, DateTime now) => session.Execute(
        """
        UPDATE ingest SET status = v.status, source_file_id = v.source_file_id, error = v.error,
            ingest_started = CASE WHEN v.status = @duplicate THEN NULL ELSE @now END,
            ingest_ended = CASE WHEN v.status = @ingested THEN @now ELSE NULL END, last_modified = @now
        FROM {v} WHERE ingest.id = v.id
        """,
        new Rows("v",
            ("id", ingests.Select(i => i.Id).ToArray()),
            ("status", ingests.Select(i => (short)i.Status).ToArray()),
            ("source_file_id", ingests.Select(i => i.SourceFileId).ToArray()),
            ("error", ingests.Select(i => i.Error).ToArray())),
        ("duplicate", IngestStatus.Duplicate), ("ingested", IngestStatus.Ingested), ("now", now));

    /// <summary>Ingests of a canceled scan that have not been carried out.</summary>
    public static Task Abandon(Session session, long scanId, string error, DateTime now) => session.Execute(
        "UPDATE ingest SET status = @errored, error = @error, last_modified = @now WHERE scan_id = @scan AND status = @queued",
        ("errored", IngestStatus.Errored), ("queued", IngestStatus.Queued), ("error", error), ("scan", scanId), ("now", now));

    public static Task<long> InsertEvent(Session session, long ingestId, long scanId, string description, DateTime now) => session.Insert(
        "ingest_event", ("type", "SCAN"), ("ingest_id", ingestId), ("scan_id", scanId), ("description", description), ("occurred", now));
}
