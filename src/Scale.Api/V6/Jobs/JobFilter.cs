using Microsoft.EntityFrameworkCore;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Model.Errors;
using Scale.Model.Jobs;
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

    /// <summary>Related rows are few: their ids are found first, so that jobs are looked up by index and never joined.</summary>
    public static async Task<JobListFilter> Read(ScaleContext context, RequestParameters request, CancellationToken cancel)
    {
        var (changed, source) = (request.Range(), request.Range("source_started", "source_ended"));
        return new JobListFilter
        {
            Started = changed.Started,
            Ended = changed.Ended,
            SourceStarted = source.Started,
            SourceEnded = source.Ended,
            SourceSensorClasses = request.Texts("source_sensor_class"),
            SourceSensors = request.Texts("source_sensor"),
            SourceCollections = request.Texts("source_collection"),
            SourceTasks = [.. request.Texts("source_task"), .. request.Texts("source_tasks")],
            Statuses = Statuses(request),
            JobIds = await Jobs(context, request, cancel),
            JobTypeIds = await JobTypes(context, request, cancel),
            BatchIds = request.Longs("batch_id"),
            RecipeIds = request.Longs("recipe_id"),
            ErrorIds = await Errors(context, request, cancel),
            IsSuperseded = request.OptionalBool("is_superseded"),
        };
    }

    public static IQueryable<JobRow> Apply(IQueryable<JobRow> jobs, JobListFilter filter) => jobs
        .Within(new TimeRange(filter.Started, filter.Ended), j => j.LastModified)
        .Within(new TimeRange(filter.SourceStarted, filter.SourceEnded), j => j.SourceStarted, j => j.SourceEnded)
        .WhereAny(filter.SourceSensorClasses, j => j.SourceSensorClass)
        .WhereAny(filter.SourceSensors, j => j.SourceSensor)
        .WhereAny(filter.SourceCollections, j => j.SourceCollection)
        .WhereAny(filter.SourceTasks, j => j.SourceTask)
        .WhereAny(filter.JobIds, j => j.Id)
        .WhereAny(filter.BatchIds, j => j.BatchId)
        .WhereAny(filter.RecipeIds, j => j.RecipeId)
        .WhereAny(filter.ErrorIds, j => j.ErrorId)
        .WhereFlag(filter.IsSuperseded, j => j.IsSuperseded)
        .WhereAny(filter.JobTypeIds, j => j.JobTypeId)
        .WhereAny(filter.Statuses, j => j.Status);

    /// <summary>The jobs of a recipe are at its nodes; which of them it created, the filter for recipes tells.</summary>
    private static async Task<IReadOnlyList<long>> Jobs(ScaleContext context, RequestParameters request, CancellationToken cancel)
    {
        var (ids, recipes) = (request.Longs("job_id"), request.Longs("recipe_id"));
        return recipes.Length == 0
            ? ids
            : OrNothing(await context.RecipeNodes.WhereAny(recipes, n => n.RecipeId).WhereAny(ids, n => n.JobId).Where(n => n.JobId != null).Select(n => n.JobId!.Value).Distinct().ToListAsync(cancel));
    }

    /// <returns>Empty when no filter asks for types; an id that nothing has when none fits.</returns>
    private static async Task<IReadOnlyList<long>> JobTypes(ScaleContext context, RequestParameters request, CancellationToken cancel)
    {
        var (ids, names, versions) = (request.Longs("job_type_id"), request.Texts("job_type_name"), request.Texts("job_type_version"));
        return names.Count + versions.Count == 0
            ? ids
            : OrNothing(await context.JobTypes.WhereAny(ids, t => t.Id).WhereAny(names, t => t.Name).WhereAny(versions, t => t.Version).Select(t => t.Id).ToListAsync(cancel));
    }

    /// <returns>As for types.</returns>
    private static async Task<IReadOnlyList<long>> Errors(ScaleContext context, RequestParameters request, CancellationToken cancel)
    {
        var (ids, categories) = (request.Longs("error_id"), request.Texts("error_category"));
        if (categories.Count == 0)
        {
            return ids;
        }

        var known = categories.Select(ErrorCategories.FromName).OfType<ErrorCategory>().ToList();
        return OrNothing(await context.Errors.WhereAny(ids, e => e.Id).Where(e => known.Contains(e.Category)).Select(e => e.Id).ToListAsync(cancel));
    }

    private static IReadOnlyList<long> OrNothing(IReadOnlyList<long> ids) => ids.Count == 0 ? [-1] : ids;

    /// <returns>Empty when none is asked for; names of no status match no job.</returns>
    private static IReadOnlyList<JobStatus> Statuses(RequestParameters request)
    {
        var names = request.Texts("status");
        var known = StatusNames.JobStatuses(names);
        return names.Count > 0 && known.Count == 0 ? [(JobStatus)(-1)] : known;
    }
}
