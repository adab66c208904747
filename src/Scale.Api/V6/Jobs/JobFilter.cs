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

    /// <summary>What the kept counts can't be asked for.</summary>
    private static readonly string[] Uncounted =
    [
        "started", "ended", "source_started", "source_ended", "source_sensor_class", "source_sensor", "source_collection", "source_task", "source_tasks",
        "job_id", "recipe_id", "error_category",
    ];

    public static async Task<IQueryable<JobRow>> Apply(ScaleContext context, RequestParameters request, CancellationToken cancel)
    {
        var jobs = context.Jobs
            .Within(request.Range(), j => j.LastModified)
            .Within(request.Range("source_started", "source_ended"), j => j.SourceStarted, j => j.SourceEnded)
            .WhereAny(request.Texts("source_sensor_class"), j => j.SourceSensorClass)
            .WhereAny(request.Texts("source_sensor"), j => j.SourceSensor)
            .WhereAny(request.Texts("source_collection"), j => j.SourceCollection)
            .WhereAny([.. request.Texts("source_task"), .. request.Texts("source_tasks")], j => j.SourceTask)
            .WhereAny(request.Longs("job_id"), j => j.Id)
            .WhereAny(request.Longs("batch_id"), j => j.BatchId)
            .WhereAny(request.Longs("recipe_id"), j => j.RecipeId)
            .WhereAny(request.Longs("error_id"), j => j.ErrorId)
            .WhereFlag(request.OptionalBool("is_superseded"), j => j.IsSuperseded);

        jobs = await JobTypes(context, request, cancel) is { } types ? jobs.WhereAny(types, j => j.JobTypeId) : jobs;
        jobs = Statuses(request) is { } statuses ? jobs.WhereAny(statuses, j => j.Status) : jobs;

        var categories = request.Texts("error_category");
        if (categories.Count > 0)
        {
            var known = categories.Select(ErrorCategories.FromName).OfType<ErrorCategory>().ToList();
            var errors = await context.Errors.Where(e => known.Contains(e.Category)).Select(e => e.Id).ToListAsync(cancel);
            jobs = jobs.WhereAny(errors.Count == 0 ? [-1] : errors, j => j.ErrorId);
        }

        return jobs;
    }

    /// <summary>How many jobs there are of the filters that were given; null when they have to be counted.</summary>
    public static async Task<long?> KeptCount(ScaleContext context, RequestParameters request, Database database, CancellationToken cancel)
    {
        if (Uncounted.Any(filter => request.Texts(filter).Count > 0))
        {
            return null;
        }

        var filter = new JobTallyFilter(
            [.. await JobTypes(context, request, cancel) ?? []],
            [.. (Statuses(request) ?? []).Select(s => (short)s)],
            [.. request.Longs("batch_id")],
            [.. request.Longs("error_id")],
            request.OptionalBool("is_superseded"));
        await using var session = await database.Read(cancel);
        return await JobTallies.Count(session, filter);
    }

    /// <summary>Types are few: their ids are found first, so that jobs are looked up by index and never joined.</summary>
    /// <returns>Null when no filter asks for types; an id that nothing has when none fits.</returns>
    private static async Task<List<long>?> JobTypes(ScaleContext context, RequestParameters request, CancellationToken cancel)
    {
        var (ids, names, versions) = ((IReadOnlyCollection<long>)request.Longs("job_type_id"), request.Texts("job_type_name"), request.Texts("job_type_version"));
        if (names.Count + versions.Count == 0)
        {
            return ids.Count == 0 ? null : [.. ids];
        }

        var types = await context.JobTypes.WhereAny(ids, t => t.Id).WhereAny(names, t => t.Name).WhereAny(versions, t => t.Version).Select(t => t.Id).ToListAsync(cancel);
        return types.Count == 0 ? [-1] : types;
    }

    /// <returns>Null when none is asked for; names of no status match no job.</returns>
    private static List<JobStatus>? Statuses(RequestParameters request)
    {
        var names = request.Texts("status");
        var known = StatusNames.JobStatuses(names);
        return names.Count == 0 ? null : known.Count == 0 ? [(JobStatus)(-1)] : known;
    }
}
