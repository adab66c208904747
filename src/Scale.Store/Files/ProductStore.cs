using Scale.Store.Databases;

namespace Scale.Store.Files;

/// <summary>An input file as products need it: its identity, and the source files it comes from (itself when it is one).</summary>
public sealed record InputOrigin(long FileId, string Uuid, IReadOnlyList<SourceOrigin> Sources);

public readonly record struct SourceOrigin(long FileId, DateTime? DataStarted, DateTime? DataEnded);

/// <summary>A product to be stored (storage-and-ingest.md §3.3).</summary>
/// <param name="MetaData">JSON object text.</param>
public sealed record NewProduct(
    long Id, string FileName, long WorkspaceId, string FilePath, string MediaType, long FileSize, string Uuid, string? Checksum, string MetaData, string? Geometry, string? CenterPoint,
    DateTime? DataStarted, DateTime? DataEnded, DateTime? SourceStarted, DateTime? SourceEnded, string? SensorClass, string? Sensor, string? Collection, string? Task,
    long JobId, long ExecutionId, long JobTypeId, string Output, long? RecipeId, long? RecipeTypeId, string? RecipeNode, long? BatchId)
{
    public bool IsPublished { get; init; }

    /// <summary>It was published and replaced at the same moment.</summary>
    public bool IsSuperseded { get; init; }
}

public readonly record struct NewAncestry(long AncestorId, long? DescendantId, long JobId, long? ExecutionId, long? RecipeId, long? BatchId);

/// <summary>Products, what they come from, and which of them are published (storage-and-ingest.md §3.3-§3.5); a fixed number of statements for any number of jobs.</summary>
public static class ProductStore
{
    public static async Task<Dictionary<long, InputOrigin>> Origins(Session session, IReadOnlyCollection<long> fileIds)
    {
        if (fileIds.Count == 0)
        {
            return [];
        }

        var found = await session.Query(
            """
            SELECT f.id, f.uuid, f.file_type, f.data_started, f.data_ended, a.ancestor_id, s.data_started, s.data_ended
            FROM file f LEFT JOIN file_ancestry a ON a.descendant_id = f.id LEFT JOIN file s ON s.id = a.ancestor_id
            WHERE f.id IN @ids
            """,
            r => (
                Id: r.GetInt64(0),
                Uuid: r.GetString(1),
                Source: r.GetInt16(2) == (short)FileType.Source ? new SourceOrigin(r.GetInt64(0), r.MomentOrNull(3), r.MomentOrNull(4))
                    : r.Long(5) is { } ancestor ? new SourceOrigin(ancestor, r.MomentOrNull(6), r.MomentOrNull(7))
                    : (SourceOrigin?)null),
            ("ids", fileIds.ToArray()));
        return found.GroupBy(f => f.Id).ToDictionary(
            g => g.Key,
            g => new InputOrigin(g.Key, g.First().Uuid, [.. g.Where(f => f.Source is not null).Select(f => f.Source!.Value).Distinct()]));
    }

    public static Task Insert(Session session, IReadOnlyList<NewProduct> products, DateTime now)
    {
        T[] Column<T>(Func<NewProduct, T> value) => [.. products.Select(value)];
        return session.BulkInsert("file", new Rows("v",
            ("id", Column(p => p.Id)),
            ("file_name", Column(p => p.FileName)),
            ("workspace_id", Column(p => p.WorkspaceId)),
            ("file_path", Column(p => p.FilePath)),
            ("file_type", Column(_ => (short)FileType.Product)),
            ("media_type", Column(p => p.MediaType)),
            ("file_size", Column(p => p.FileSize)),
            ("uuid", Column(p => p.Uuid)),
            ("checksum", Column(p => p.Checksum)),
            ("meta_data", Column(p => p.MetaData)),
            ("geometry", Column(p => p.Geometry)),
            ("center_point", Column(p => p.CenterPoint)),
            ("data_started", Column(p => p.DataStarted)),
            ("data_ended", Column(p => p.DataEnded)),
            ("source_started", Column(p => p.SourceStarted)),
            ("source_ended", Column(p => p.SourceEnded)),
            ("source_sensor_class", Column(p => p.SensorClass)),
            ("source_sensor", Column(p => p.Sensor)),
            ("source_collection", Column(p => p.Collection)),
            ("source_task", Column(p => p.Task)),
            ("job_id", Column(p => p.JobId)),
            ("job_exe_id", Column(p => p.ExecutionId)),
            ("job_type_id", Column(p => p.JobTypeId)),
            ("job_output", Column(p => p.Output)),
            ("recipe_id", Column(p => p.RecipeId)),
            ("recipe_type_id", Column(p => p.RecipeTypeId)),
            ("recipe_node", Column(p => p.RecipeNode)),
            ("batch_id", Column(p => p.BatchId)),
            ("is_published", Column(p => p.IsPublished)),
            ("has_been_published", Column(p => p.IsPublished || p.IsSuperseded)),
            ("is_superseded", Column(p => p.IsSuperseded)),
            ("published", Column(p => p.IsPublished || p.IsSuperseded ? now : (DateTime?)null)),
            ("superseded", Column(p => p.IsSuperseded ? now : (DateTime?)null)),
            ("created", Column(_ => now)),
            ("last_modified", Column(_ => now))));
    }

    /// <summary>Unpublishes what the jobs of whole supersession chains have published, but for these executions (§3.4 step 2).</summary>
    /// <param name="rootJobIds">First job of each chain.</param>
    public static async Task UnpublishChains(Session session, IReadOnlyCollection<long> rootJobIds, IReadOnlyCollection<long> exceptExecutionIds, DateTime now)
    {
        if (rootJobIds.Count == 0)
        {
            return;
        }

        var chain = await session.Query(
            "SELECT id FROM job WHERE id IN @roots UNION SELECT id FROM job WHERE root_superseded_job_id IN @roots",
            r => r.GetInt64(0),
            ("roots", rootJobIds.ToArray()));
        await session.Execute(
            """
            UPDATE file SET is_published = FALSE, unpublished = @now, last_modified = @now
            WHERE job_id IN @jobs AND is_published = TRUE AND NOT (job_exe_id IN @executions)
            """,
            ("jobs", chain.ToArray()), ("executions", exceptExecutionIds.ToArray()), ("now", now));
    }

    /// <summary>Replaces every published product of the same identity, but for those of these executions (§3.4 step 3).</summary>
    public static async Task Supersede(Session session, IReadOnlyCollection<string> uuids, IReadOnlyCollection<long> exceptExecutionIds, DateTime now)
    {
        if (uuids.Count > 0)
        {
            await session.Send(
                """
                UPDATE file SET is_published = FALSE, is_superseded = TRUE, superseded = @now, last_modified = @now
                WHERE uuid IN @uuids AND has_been_published = TRUE AND is_superseded = FALSE AND NOT (job_exe_id IN @executions)
                """,
                ("uuids", uuids.ToArray()), ("executions", exceptExecutionIds.ToArray()), ("now", now));
        }
    }

    /// <summary>Puts the links of jobs from their sources to their products in the place of all earlier ones (§3.5).</summary>
    public static async Task ReplaceAncestry(Session session, IReadOnlyCollection<long> jobIds, IReadOnlyList<NewAncestry> links, DateTime now)
    {
        if (jobIds.Count == 0)
        {
            return;
        }

        await session.Send("DELETE FROM file_ancestry WHERE job_id IN @ids", ("ids", jobIds.ToArray()));
        await session.BulkInsert("file_ancestry", new Rows("v",
            ("ancestor_id", links.Select(l => l.AncestorId).ToArray()),
            ("descendant_id", links.Select(l => l.DescendantId).ToArray()),
            ("job_id", links.Select(l => l.JobId).ToArray()),
            ("job_exe_id", links.Select(l => l.ExecutionId).ToArray()),
            ("recipe_id", links.Select(l => l.RecipeId).ToArray()),
            ("batch_id", links.Select(l => l.BatchId).ToArray()),
            ("created", links.Select(_ => now).ToArray())));
    }
}
