using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>What a job inherits to its products: collection times and texts of its inputs.</summary>
public sealed record SourceFields(DateTime? Started, DateTime? Ended, string? SensorClass, string? Sensor, string? Collection, string? Task);

/// <summary>An execution whose end is reported, with its job as it stands.</summary>
/// <param name="RootSupersededJobId">First job of the chain that this one supersedes, null when it supersedes none.</param>
public sealed record EndingExecution(
    long Id, long JobId, int ExeNum, string ClusterId, ExecutionStatus Status, bool IsSettled, long? ErrorId, DateTime? Ended, DateTime Started,
    JobStatus JobStatus, int NumExes, int MaxTries, bool IsSuperseded, long JobTypeId, long RevisionId, long? RecipeId, long? RecipeTypeId, string? RecipeNode, long? BatchId,
    string? Input, string? Configuration, double InputMiB, SourceFields Source, long? RootSupersededJobId)
{
    /// <summary>The one execution whose end decides the job's.</summary>
    public bool IsLive => !IsSettled && JobStatus == JobStatus.Running && NumExes == ExeNum;

    /// <summary>Its end was decided before it was confirmed, such as by a timeout.</summary>
    public bool IsDecided => Status != ExecutionStatus.Running;
}

public static class EndingExecutions
{
    public static async Task<Dictionary<long, EndingExecution>> Load(Session session, IReadOnlyCollection<long> executionIds)
    {
        var found = await session.Query(
            """
            SELECT e.id, e.job_id, e.exe_num, e.cluster_id, e.status, e.is_settled, e.error_id, e.ended, coalesce(e.started, e.created),
                j.status, j.num_exes, j.max_tries, j.is_superseded, j.job_type_id, j.job_type_rev_id, j.recipe_id, r.recipe_type_id, j.recipe_node, j.batch_id,
                j.input, j.configuration, coalesce(j.input_file_size, 0), j.source_started, j.source_ended, j.source_sensor_class, j.source_sensor, j.source_collection,
                j.source_task, j.root_superseded_job_id
            FROM job_exe e JOIN job j ON j.id = e.job_id LEFT JOIN recipe r ON r.id = j.recipe_id
            WHERE e.id IN @ids
            """,
            r => new EndingExecution(
                r.GetInt64(0), r.GetInt64(1), r.GetInt32(2), r.GetString(3), (ExecutionStatus)r.GetInt16(4), r.GetBoolean(5), r.Long(6), r.MomentOrNull(7), r.Moment(8),
                (JobStatus)r.GetInt16(9), r.GetInt32(10), r.GetInt32(11), r.GetBoolean(12), r.GetInt64(13), r.GetInt64(14), r.Long(15), r.Long(16), r.Text(17), r.Long(18),
                r.Text(19), r.Text(20), r.GetDouble(21),
                new SourceFields(r.MomentOrNull(22), r.MomentOrNull(23), r.Text(24), r.Text(25), r.Text(26), r.Text(27)), r.Long(28)),
            ("ids", executionIds.ToArray()));
        return found.ToDictionary(e => e.Id);
    }
}
