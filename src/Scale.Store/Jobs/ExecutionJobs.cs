using System.Data.Common;
using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>What is stored of a job that its execution is made of.</summary>
public sealed record ExecutionJob(
    long JobId, int NumExes, long JobTypeId, long RevisionId, long? RecipeId, long? BatchId, string? Input, string? Configuration, double InputMiB, DateTime? SourceStarted);

/// <summary>An execution that is not settled, as a new leader finds it.</summary>
/// <param name="Status">RUNNING, or FAILED when its end is decided but its processes may still be there.</param>
public sealed record UnsettledExecution(
    long Id, int ExeNum, string ClusterId, long NodeId, string Hostname, ExecutionStatus Status, int Timeout, string Resources, DateTime Started, JobStatus JobStatus, ExecutionJob Job);

public sealed record ExecutionFile(
    long Id, string FileName, string FilePath, string MediaType, long FileSize, short FileType, bool IsDeleted, long WorkspaceId, ExecutionFileDetails Details);

/// <summary>What an execution is told of a file beside where it is.</summary>
/// <param name="Checksum">Null when nobody computed one.</param>
/// <param name="DataTypeTags">JSON array text, as is <paramref name="Countries"/>; <paramref name="MetaData"/> is JSON object text.</param>
public sealed record ExecutionFileDetails(
    string Uuid, string? Checksum, string DataTypeTags, string Countries, string MetaData, DateTime? DataStarted, DateTime? DataEnded, DateTime? SourceStarted, DateTime? SourceEnded,
    string? SourceSensorClass, string? SourceSensor, string? SourceCollection, string? SourceTask, DateTime Created, DateTime LastModified);

/// <summary>What a job of a recipe knows of it.</summary>
/// <param name="Input">Its input data as stored; null before it has any.</param>
public sealed record ExecutionRecipe(string TypeName, int TypeRevision, string? Input);

/// <summary>Moves jobs onto nodes, and reads what executions need; a fixed number of statements for any number of jobs.</summary>
public static class ExecutionJobs
{
    private const string Columns =
        "job.id, job.num_exes, job.job_type_id, job.job_type_rev_id, job.recipe_id, job.batch_id, job.input, job.configuration, coalesce(job.input_file_size, 0), job.source_started";

    /// <summary>QUEUED to RUNNING, for the execution number that was taken from the queue.</summary>
    public static Task<List<ExecutionJob>> ToRunning(Session session, IReadOnlyCollection<(long JobId, int ExeNum, long NodeId)> jobs, DateTime now) => session.Query(
        $$"""
        UPDATE job SET status = 3, node_id = v.node_id, started = @now, last_status_change = @now, last_modified = @now
        FROM {v} WHERE job.id = v.id AND +job.status = 2 AND job.num_exes = v.exe_num
        RETURNING {{Columns}}
        """,
        new Rows("v",
            ("id", jobs.Select(j => j.JobId).ToArray()),
            ("exe_num", jobs.Select(j => j.ExeNum).ToArray()),
            ("node_id", jobs.Select(j => j.NodeId).ToArray())),
        r => ReadJob(r, 0),
        ("now", now));

    public static Task<List<UnsettledExecution>> Unsettled(Session session) => session.Query(
        $"""
        SELECT e.id, e.exe_num, e.cluster_id, e.node_id, coalesce(n.hostname, ''), e.status, e.timeout, e.resources, e.started, job.status, {Columns}
        FROM job_exe e JOIN job ON job.id = e.job_id LEFT JOIN node n ON n.id = e.node_id
        WHERE e.is_settled = FALSE ORDER BY e.id
        """,
        r => new UnsettledExecution(
            r.GetInt64(0), r.GetInt32(1), r.GetString(2), r.GetInt64(3), r.GetString(4), (ExecutionStatus)r.GetInt16(5), r.GetInt32(6), r.GetString(7), r.Moment(8),
            (JobStatus)r.GetInt16(9), ReadJob(r, 10)));

    public static Task<List<ExecutionFile>> Files(Session session, IReadOnlyCollection<long> fileIds) => fileIds.Count == 0 ? Task.FromResult(new List<ExecutionFile>()) : session.Query(
        """
        SELECT id, file_name, file_path, media_type, file_size, file_type, is_deleted, workspace_id, uuid, checksum, data_type_tags, countries, meta_data, data_started, data_ended,
            source_started, source_ended, source_sensor_class, source_sensor, source_collection, source_task, created, last_modified
        FROM file WHERE id IN @ids
        """,
        r => new ExecutionFile(
            r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt64(4), r.GetInt16(5), r.GetBoolean(6), r.GetInt64(7),
            new ExecutionFileDetails(
                r.GetString(8), r.Text(9), r.GetString(10), r.GetString(11), r.GetString(12), r.MomentOrNull(13), r.MomentOrNull(14), r.MomentOrNull(15), r.MomentOrNull(16),
                r.Text(17), r.Text(18), r.Text(19), r.Text(20), r.Moment(21), r.Moment(22))),
        ("ids", fileIds.ToArray()));

    /// <summary>Earliest data start over the source ancestors of each job, where one is known.</summary>
    public static Reply<List<(long JobId, DateTime Started)>> EarliestSources(Session session, IReadOnlyCollection<long> jobIds) => jobIds.Count == 0 ? new([]) : session.Ask(
        "SELECT a.job_id, min(f.data_started) FROM file_ancestry a JOIN file f ON f.id = a.ancestor_id WHERE a.job_id IN @ids AND f.data_started IS NOT NULL GROUP BY a.job_id",
        r => (JobId: r.GetInt64(0), Started: r.Moment(1)),
        ("ids", jobIds.ToArray()));

    /// <summary>By recipe id.</summary>
    public static async Task<Dictionary<long, ExecutionRecipe>> Recipes(Session session, IReadOnlyCollection<long> recipeIds)
    {
        if (recipeIds.Count == 0)
        {
            return [];
        }

        var found = await session.Query(
            """
            SELECT r.id, t.name, v.revision_num, r.input FROM recipe r JOIN recipe_type t ON t.id = r.recipe_type_id JOIN recipe_type_revision v ON v.id = r.recipe_type_rev_id
            WHERE r.id IN @ids
            """,
            r => (Id: r.GetInt64(0), Recipe: new ExecutionRecipe(r.GetString(1), r.GetInt32(2), r.Text(3))),
            ("ids", recipeIds.ToArray()));
        return found.ToDictionary(r => r.Id, r => r.Recipe);
    }

    private static ExecutionJob ReadJob(DbDataReader r, int at) => new(
        r.GetInt64(at), r.GetInt32(at + 1), r.GetInt64(at + 2), r.GetInt64(at + 3), r.Long(at + 4), r.Long(at + 5), r.Text(at + 6), r.Text(at + 7), r.GetDouble(at + 8), r.MomentOrNull(at + 9));
}
