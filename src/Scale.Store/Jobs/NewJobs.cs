using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Recipes;

namespace Scale.Store.Jobs;

/// <summary>A job that a request makes; its queue row is inserted with it.</summary>
public sealed record QueuedNewJob(
    long Id, long JobTypeId, long JobTypeRevisionId, int MaxTries, long EventId, string Input, string? Configuration, InputSummary InputSummary);

/// <summary>Jobs that no recipe makes.</summary>
public static class NewJobs
{
    /// <summary>Execution number of a job that was queued once.</summary>
    public const int FirstExecution = 1;

    public static Task InsertQueued(Session session, QueuedNewJob job, DateTime now) => session.Insert("job",
        ("id", job.Id),
        ("job_type_id", job.JobTypeId),
        ("job_type_rev_id", job.JobTypeRevisionId),
        ("status", JobStatus.Queued),
        ("num_exes", FirstExecution),
        ("max_tries", job.MaxTries),
        ("event_id", job.EventId),
        ("input", job.Input),
        ("configuration", job.Configuration),
        ("input_file_size", job.InputSummary.SizeMiB),
        ("source_started", job.InputSummary.SourceStarted),
        ("source_ended", job.InputSummary.SourceEnded),
        ("source_sensor_class", job.InputSummary.SensorClass),
        ("source_sensor", job.InputSummary.Sensor),
        ("source_collection", job.InputSummary.Collection),
        ("source_task", job.InputSummary.Task),
        ("created", now),
        ("queued", now),
        ("last_status_change", now),
        ("last_modified", now));
}
