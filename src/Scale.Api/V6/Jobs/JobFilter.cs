using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Model.Errors;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

/// <summary>Which jobs a request asks for (jobs-and-queue.md §2).</summary>
public static class JobFilter
{
    public static readonly Parameter[] Parameters =
    [
        .. Parameter.Range,
        Parameter.Time("source_started", "Collection starts at or after."), Parameter.Time("source_ended", "Collection ends at or before."),
        Parameter.Text("source_sensor_class", "Exact.", repeatable: true), Parameter.Text("source_sensor", "Exact.", repeatable: true),
        Parameter.Text("source_collection", "Exact.", repeatable: true), Parameter.Text("source_task", "Exact; also as source_tasks.", repeatable: true),
        Parameter.Text("status", "PENDING, BLOCKED, QUEUED, RUNNING, FAILED, COMPLETED or CANCELED.", repeatable: true),
        Parameter.Integer("job_id", "Job.", repeatable: true), Parameter.Integer("job_type_id", "Job type.", repeatable: true),
        Parameter.Text("job_type_name", "Any version of the job type.", repeatable: true), Parameter.Text("job_type_version", "Exact version.", repeatable: true),
        Parameter.Integer("batch_id", "Batch.", repeatable: true), Parameter.Integer("recipe_id", "Recipe that created the job.", repeatable: true),
        Parameter.Integer("error_id", "Current error.", repeatable: true), Parameter.Text("error_category", "SYSTEM, ALGORITHM or DATA.", repeatable: true),
        Parameter.Boolean("is_superseded", "Absent for both."),
    ];

    public static IQueryable<JobRow> Apply(ScaleContext context, RequestParameters request)
    {
        var jobs = context.Jobs
            .Within(request.Range(), j => j.LastModified)
            .Within(request.Range("source_started", "source_ended"), j => j.SourceStarted, j => j.SourceEnded)
            .WhereAny(request.Texts("source_sensor_class"), j => j.SourceSensorClass)
            .WhereAny(request.Texts("source_sensor"), j => j.SourceSensor)
            .WhereAny(request.Texts("source_collection"), j => j.SourceCollection)
            .WhereAny([.. request.Texts("source_task"), .. request.Texts("source_tasks")], j => j.SourceTask)
            .WhereAny(request.Longs("job_id"), j => j.Id)
            .WhereAny(request.Longs("job_type_id"), j => j.JobTypeId)
            .WhereAny(request.Longs("batch_id"), j => j.BatchId)
            .WhereAny(request.Longs("recipe_id"), j => j.RecipeId)
            .WhereAny(request.Longs("error_id"), j => j.ErrorId)
            .WhereFlag(request.OptionalBool("is_superseded"), j => j.IsSuperseded);

        // Types are few: their ids are found first, so that jobs are looked up by index and never joined.
        var (names, versions) = (request.Texts("job_type_name"), request.Texts("job_type_version"));
        if (names.Count + versions.Count > 0)
        {
            var types = context.JobTypes.WhereAny(names, t => t.Name).WhereAny(versions, t => t.Version).Select(t => t.Id);
            jobs = jobs.Where(j => types.Contains(j.JobTypeId));
        }

        var statuses = request.Texts("status");
        if (statuses.Count > 0)
        {
            var known = StatusNames.JobStatuses(statuses);
            jobs = jobs.Where(j => known.Contains(j.Status));
        }

        var categories = request.Texts("error_category");
        if (categories.Count > 0)
        {
            var known = categories.Select(ErrorCategories.FromName).OfType<ErrorCategory>().ToList();
            jobs = jobs.Where(j => j.ErrorId != null && known.Contains(j.Error!.Category));
        }

        return jobs;
    }
}
