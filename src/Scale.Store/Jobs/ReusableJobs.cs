using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>A completed job whose outputs another may take over.</summary>
/// <param name="Output">Its output data.</param>
public sealed record ReusableJob(string Key, long JobId, string Output);

/// <summary>A product of such a job that is still there.</summary>
/// <param name="ExecutionId">The execution that made the bytes.</param>
public sealed record ReusableFile(
    long Id, string Output, string FileName, long WorkspaceId, string FilePath, long FileSize, string MediaType, string? Checksum, string MetaData, string? Geometry, string? CenterPoint, long? ExecutionId);

/// <summary>What links jobs of types with result reuse to those whose outputs they took over.</summary>
public static class ReusableJobs
{
    /// <summary>The latest completed job of each key, where there is one.</summary>
    public static Task<List<ReusableJob>> Find(Session session, IReadOnlyCollection<string> keys) => session.Query(
        """
        SELECT j.reuse_key, j.id, j.output FROM {v}
        JOIN job j ON j.id = (SELECT max(c.id) FROM job c WHERE c.reuse_key = v.reuse_key AND c.status = 5 AND c.output IS NOT NULL)
        """,
        new Rows("v", ("reuse_key", keys.ToArray())),
        r => new ReusableJob(r.GetString(0), r.GetInt64(1), r.GetString(2)));

    /// <summary>Those of the files that are not deleted.</summary>
    public static Task<List<ReusableFile>> Files(Session session, IReadOnlyCollection<long> fileIds) => session.Query(
        """
        SELECT id, job_output, file_name, workspace_id, file_path, file_size, media_type, checksum, meta_data, geometry, center_point, job_exe_id
        FROM file WHERE id IN @ids AND is_deleted = FALSE AND job_output IS NOT NULL
        """,
        r => new ReusableFile(
            r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetString(4), r.GetInt64(5), r.GetString(6), r.Text(7), r.GetString(8), r.Text(9), r.Text(10), r.Long(11)),
        ("ids", fileIds.ToArray()));

    public static Task SetKeys(Session session, IReadOnlyCollection<(long JobId, string Key)> jobs) => session.Execute(
        "UPDATE job SET reuse_key = v.reuse_key FROM {v} WHERE job.id = v.id",
        new Rows("v", ("id", jobs.Select(j => j.JobId).ToArray()), ("reuse_key", jobs.Select(j => j.Key).ToArray())));

    /// <summary>Jobs that did more than make outputs: nobody takes over from them.</summary>
    public static Task ClearKeys(Session session, IReadOnlyCollection<long> jobIds) => jobIds.Count == 0
        ? Task.CompletedTask
        : session.Execute("UPDATE job SET reuse_key = NULL WHERE id IN @ids AND reuse_key IS NOT NULL", ("ids", jobIds.ToArray()));

    /// <summary>Marks completed jobs as having taken over; they never were on a node.</summary>
    public static Task SetReused(Session session, IReadOnlyCollection<(long JobId, long FromJobId)> jobs) => session.Execute(
        "UPDATE job SET reused_job_id = v.from_id, node_id = NULL FROM {v} WHERE job.id = v.id",
        new Rows("v", ("id", jobs.Select(j => j.JobId).ToArray()), ("from_id", jobs.Select(j => j.FromJobId).ToArray())));

    /// <summary>Gives products of jobs without an execution that execution which made their bytes.</summary>
    public static async Task SetMakers(Session session, IReadOnlyCollection<(long JobId, long WorkspaceId, string FilePath, long? ExecutionId)> files)
    {
        var rows = new Rows("v",
            ("job_id", files.Select(f => f.JobId).ToArray()),
            ("workspace_id", files.Select(f => f.WorkspaceId).ToArray()),
            ("file_path", files.Select(f => f.FilePath).ToArray()),
            ("execution_id", files.Select(f => f.ExecutionId).ToArray()));
        await session.Execute(
            "UPDATE file SET job_exe_id = v.execution_id FROM {v} WHERE file.job_id = v.job_id AND file.workspace_id = v.workspace_id AND file.file_path = v.file_path", rows);
        await session.Execute(
            "UPDATE file_ancestry SET job_exe_id = f.job_exe_id FROM file f WHERE file_ancestry.job_id IN @jobs AND f.id = file_ancestry.descendant_id",
            ("jobs", files.Select(f => f.JobId).Distinct().ToArray()));
    }

    /// <summary>What the products of jobs need to know of their jobs and recipes, as for an execution that ends.</summary>
    public static async Task<Dictionary<long, EndingExecution>> AsEnding(Session session, IReadOnlyCollection<(long JobId, long ExecutionId, string ClusterId)> jobs, DateTime now)
    {
        var ids = jobs.ToDictionary(j => j.JobId);
        var found = await session.Query(
            """
            SELECT j.id, j.num_exes, j.max_tries, j.is_superseded, j.job_type_id, j.job_type_rev_id, j.recipe_id, r.recipe_type_id, j.recipe_node, j.batch_id, j.input, j.configuration,
                coalesce(j.input_file_size, 0), j.source_started, j.source_ended, j.source_sensor_class, j.source_sensor, j.source_collection, j.source_task, j.root_superseded_job_id
            FROM job j LEFT JOIN recipe r ON r.id = j.recipe_id WHERE j.id IN @ids
            """,
            r => new EndingExecution(
                ids[r.GetInt64(0)].ExecutionId, r.GetInt64(0), r.GetInt32(1), ids[r.GetInt64(0)].ClusterId, ExecutionStatus.Running, IsSettled: false, ErrorId: null, Ended: null, now,
                JobStatus.Running, r.GetInt32(1), r.GetInt32(2), r.GetBoolean(3), r.GetInt64(4), r.GetInt64(5), r.Long(6), r.Long(7), r.Text(8), r.Long(9), r.Text(10), r.Text(11), r.GetDouble(12),
                new SourceFields(r.MomentOrNull(13), r.MomentOrNull(14), r.Text(15), r.Text(16), r.Text(17), r.Text(18)), r.Long(19)),
            ("ids", ids.Keys.ToArray()));
        return found.ToDictionary(e => e.JobId);
    }
}
