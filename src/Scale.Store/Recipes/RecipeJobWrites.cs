using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Store.Recipes;

/// <summary>A job that a recipe makes; PENDING, BLOCKED, with input that does not fit CANCELED, or QUEUED for the first time when nothing is before it.</summary>
public sealed record NewJob(
    long Id,
    long JobTypeId,
    long JobTypeRevisionId,
    JobStatus Status,
    int MaxTries,
    long? EventId,
    long? IngestEventId,
    long RecipeId,
    long RecipeTypeId,
    long RootRecipeId,
    string RecipeNode,
    long? BatchId,
    long? SupersededJobId,
    long? RootSupersededJobId,
    string? Configuration,
    string? Input,
    InputSummary? InputSummary);

/// <summary>A source file that a job works on, before it has products (storage-and-ingest.md §3.5).</summary>
public readonly record struct JobSource(long FileId, long JobId, long? RecipeId, long? BatchId);

/// <summary>What recipes write to their jobs, other than moving them through the queue.</summary>
public static class RecipeJobWrites
{
    public static Task Insert(Session session, IReadOnlyList<NewJob> jobs, DateTime now) => session.BulkInsert("job", new Rows("j",
        ("id", jobs.Column(j => j.Id)),
        ("job_type_id", jobs.Column(j => j.JobTypeId)),
        ("job_type_rev_id", jobs.Column(j => j.JobTypeRevisionId)),
        ("status", jobs.Column(j => (short)j.Status)),
        ("num_exes", jobs.Column(j => j.Status == JobStatus.Queued ? 1 : 0)),
        ("max_tries", jobs.Column(j => j.MaxTries)),
        ("event_id", jobs.Column(j => j.EventId)),
        ("ingest_event_id", jobs.Column(j => j.IngestEventId)),
        ("recipe_id", jobs.Column(j => j.RecipeId)),
        ("recipe_type_id", jobs.Column(j => j.RecipeTypeId)),
        ("root_recipe_id", jobs.Column(j => j.RootRecipeId)),
        ("recipe_node", jobs.Column(j => j.RecipeNode)),
        ("batch_id", jobs.Column(j => j.BatchId)),
        ("superseded_job_id", jobs.Column(j => j.SupersededJobId)),
        ("root_superseded_job_id", jobs.Column(j => j.RootSupersededJobId)),
        ("configuration", jobs.Column(j => j.Configuration)),
        ("input", jobs.Column(j => j.Input)),
        ("input_file_size", jobs.Column(j => j.InputSummary?.SizeMiB)),
        ("source_started", jobs.Column(j => j.InputSummary?.SourceStarted)),
        ("source_ended", jobs.Column(j => j.InputSummary?.SourceEnded)),
        ("source_sensor_class", jobs.Column(j => j.InputSummary?.SensorClass)),
        ("source_sensor", jobs.Column(j => j.InputSummary?.Sensor)),
        ("source_collection", jobs.Column(j => j.InputSummary?.Collection)),
        ("source_task", jobs.Column(j => j.InputSummary?.Task)),
        ("created", jobs.Column(_ => now)),
        ("queued", jobs.Column(j => j.Status == JobStatus.Queued ? now : (DateTime?)null)),
        ("last_status_change", jobs.Column(j => j.Status == JobStatus.Pending ? (DateTime?)null : now)),
        ("last_modified", jobs.Column(_ => now))));

    /// <summary>Stores inputs of jobs that are not queued with them.</summary>
    public static Task SetInputs(Session session, IReadOnlyList<JobInput> inputs, DateTime now) => session.Send(
        $"UPDATE job SET {JobInput.Assignments}, last_modified = @now FROM {{v}} WHERE job.id = v.id AND job.input IS NULL AND job.num_exes = 0",
        JobInput.RowsOf(inputs),
        ("now", now));

    /// <summary>Moves never-queued jobs between PENDING and BLOCKED.</summary>
    public static Task Move(Session session, long[] jobIds, JobStatus from, JobStatus to, DateTime now) => jobIds.Length == 0
        ? Task.CompletedTask
        : session.Send(
            "UPDATE job SET status = @to, last_status_change = @now, last_modified = @now WHERE id IN @ids AND +status = @from AND num_exes = 0",
            ("ids", jobIds), ("from", from), ("to", to), ("now", now));

    /// <summary>Stores why jobs were canceled before they were ever queued.</summary>
    public static Task SetCancelReasons(Session session, IReadOnlyList<(long JobId, string Reason)> reasons) => session.Send(
        "UPDATE job SET cancel_reason = v.reason FROM {v} WHERE job.id = v.id AND +job.status = 6 AND job.num_exes = 0",
        new Rows("v", ("id", reasons.Column(r => r.JobId)), ("reason", reasons.Column(r => r.Reason))));

    public static Task InsertInputs(Session session, IReadOnlyList<InputLink> links) => session.BulkInsert("job_input_file", new Rows("f",
        ("job_id", links.Column(l => l.OwnerId)),
        ("input_name", links.Column(l => l.Input)),
        ("file_id", links.Column(l => l.FileId))));

    /// <summary>Links sources to jobs that have no products yet.</summary>
    public static Task InsertSources(Session session, IReadOnlyList<JobSource> sources, DateTime now) => session.BulkInsert("file_ancestry", new Rows("a",
        ("ancestor_id", sources.Column(s => s.FileId)),
        ("job_id", sources.Column(s => s.JobId)),
        ("recipe_id", sources.Column(s => s.RecipeId)),
        ("batch_id", sources.Column(s => s.BatchId)),
        ("created", sources.Column(_ => now))));

    /// <summary>Marks jobs superseded, once; they can never be queued again.</summary>
    public static Task Supersede(Session session, long[] jobIds, DateTime now) => jobIds.Length == 0
        ? Task.CompletedTask
        : session.Send(
            "UPDATE job SET is_superseded = TRUE, superseded = @now, last_modified = @now WHERE id IN @ids AND is_superseded = FALSE", ("ids", jobIds), ("now", now));

    /// <summary>Withdraws the published products of jobs whose nodes were deleted (storage-and-ingest.md §3.4).</summary>
    public static Task Unpublish(Session session, long[] jobIds, DateTime now) => jobIds.Length == 0
        ? Task.CompletedTask
        : session.Send(
            "UPDATE file SET is_published = FALSE, unpublished = @now, last_modified = @now WHERE job_id IN @ids AND is_published = TRUE", ("ids", jobIds), ("now", now));
}
