using Scale.Api.Answers;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

public static class JobOrdering
{
    /// <summary>Every field of a job and what people click on (jobs-and-queue.md §2, existing-clients.md).</summary>
    public static readonly Ordering<JobRow> Fields = new Ordering<JobRow>(j => j.Id, "last_modified") { Ties = ["last_modified"] }
        // Statuses and categories sort by their names, which are not stored.
        .By("status", j => j.Status == JobStatus.Blocked ? 0 : j.Status == JobStatus.Canceled ? 1 : j.Status == JobStatus.Completed ? 2
            : j.Status == JobStatus.Failed ? 3 : j.Status == JobStatus.Pending ? 4 : j.Status == JobStatus.Queued ? 5 : 6)
        .By("error.category", j => j.ErrorId == null ? (int?)null : j.Error!.Category == ErrorCategory.Algorithm ? 0 : j.Error.Category == ErrorCategory.Data ? 1 : 2)
        .By("duration", j => j.Ended == null || j.Started == null ? (long?)null : Time.ToMicroseconds(j.Ended.Value) - Time.ToMicroseconds(j.Started.Value))
        .By("job_type", j => j.JobType.Name)
        .By("job_type.id", j => j.JobTypeId)
        .By("job_type.name", j => j.JobType.Name)
        .By("job_type.title", j => j.JobType.Title)
        .By("job_type.version", j => j.JobType.VersionOrder)
        .By("job_type_rev", j => j.JobTypeRevId)
        .By("recipe", j => j.RecipeType!.Name, nullable: true)
        .By("recipe.id", j => j.RecipeId)
        .By("recipe.recipe_type.name", j => j.RecipeType!.Name, nullable: true)
        .By("recipe.recipe_type.title", j => j.RecipeType!.Title, nullable: true)
        .By("node", j => j.Node!.Hostname, nullable: true)
        .By("node.id", j => j.NodeId)
        .By("node.hostname", j => j.Node!.Hostname, nullable: true)
        .By("batch", j => j.BatchId)
        .By("batch.id", j => j.BatchId)
        .By("batch.title", j => j.Batch!.Title, nullable: true)
        .By("error", j => j.Error!.Name, nullable: true)
        .By("error.id", j => j.ErrorId)
        .By("error.name", j => j.Error!.Name, nullable: true)
        .By("error.title", j => j.Error!.Title, nullable: true)
        .By("event", j => j.EventId)
        .By("ingest_event", j => j.IngestEventId)
        .By("superseded_job", j => j.SupersededJobId)
        .By("is_superseded", j => j.IsSuperseded)
        .By("superseded", j => j.Superseded)
        .By("max_tries", j => j.MaxTries)
        .By("num_exes", j => j.NumExes)
        .By("input_file_size", j => j.InputFileSize)
        .By("source_started", j => j.SourceStarted)
        .By("source_ended", j => j.SourceEnded)
        .By("source_sensor_class", j => j.SourceSensorClass, nullable: true)
        .By("source_sensor", j => j.SourceSensor, nullable: true)
        .By("source_collection", j => j.SourceCollection, nullable: true)
        .By("source_task", j => j.SourceTask, nullable: true)
        .By("created", j => j.Created)
        .By("queued", j => j.Queued)
        .By("started", j => j.Started)
        .By("ended", j => j.Ended)
        .By("last_status_change", j => j.LastStatusChange)
        .By("last_modified", j => j.LastModified);
}
