using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.Errors;
using Scale.Api.V6.References;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Store.Databases;
using Scale.Store.JobTypes;

namespace Scale.Api.V6.JobTypes;

/// <summary>Jobs of a type in one status and of one error category.</summary>
/// <param name="Category">Null without error.</param>
public sealed record JobStatusCount(string Status, long Count, DateTime? MostRecent, string? Category);

public sealed record JobTypeStatus(JobTypeReference JobType, IReadOnlyList<JobStatusCount> JobCounts);

public sealed record PendingJobType(JobTypeReference JobType, long Count, DateTime? LongestPending);

public sealed record RunningJobType(JobTypeReference JobType, long Count, DateTime? LongestRunning);

public sealed record SystemFailures(JobTypeReference JobType, ErrorAnswer Error, long Count, DateTime? FirstError, DateTime? LastError);

/// <summary>How the jobs of each type stand (job-types-and-seed.md §3.9), from kept counts: pages ask every few seconds.</summary>
internal static class JobTypeStatistics
{
    private const string Columns =
        "t.id, t.name, t.version, t.title, t.description, t.is_active, t.is_system, t.is_paused, t.is_published, t.icon_code, t.unmet_resources, t.revision_num";

    private static readonly TimeSpan DefaultRange = TimeSpan.FromHours(3);

    public static void MapJobTypeStatistics(this IEndpointRouteBuilder types)
    {
        types.MapGet("/status/", Status).WithName("ListJobTypeStatus").WithSummary("Every job type with counts of its jobs by status and error category.")
            .Query(Parameter.Paging).Query(
                Parameter.Time("started", "Jobs whose status changed since then, and all that run; default PT3H0M0S."),
                Parameter.Time("ended", "Jobs whose status changed until then, and all that run."),
                Parameter.Boolean("is_active", "Only active or only deprecated job types."));
        types.MapGet("/pending/", Pending).WithName("ListPendingJobTypes").WithSummary("Job types with PENDING jobs, the longest pending first.").Query(Parameter.Paging);
        types.MapGet("/running/", Running).WithName("ListRunningJobTypes").WithSummary("Job types with RUNNING jobs, the longest running first.").Query(Parameter.Paging);
        types.MapGet("/system-failures/", Failures).WithName("ListSystemFailures")
            .WithSummary("FAILED jobs with errors of category SYSTEM, by job type and error, the latest first.").Query(Parameter.Paging);
    }

    private static async Task<IResult> Status(RequestParameters request, Database database, CancellationToken cancel)
    {
        var range = request.Range();
        var started = range.Started ?? request.Now - DefaultRange;
        await using var session = await database.Read(cancel);
        var list = new RowList<JobTypeReference>(Columns, "job_type t", Read).Where("t.is_active = @is_active", "is_active", request.OptionalBool("is_active"));
        var order = new ColumnOrdering("t.id", "last_modified").By("last_modified", "t.last_modified");
        return Answer.Ok(await list.Page(session, request, order, types => WithCounts(session, types, started, range.Ended)));
    }

    private static async Task<IResult> Pending(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        var counts = await JobTypeCounts.ByType(session, JobStatus.Pending);
        var since = await Longest(session, counts, JobStatus.Pending);
        foreach (var (id, created) in await JobTypeCounts.OldestUnchanged(session, [.. counts.Select(c => c.JobTypeId)]))
        {
            since[id] = since[id] is { } known && known < created ? known : created;
        }

        return Answer.Ok(await Page(request, session, counts, since, (type, count, moment) => new PendingJobType(type, count, moment)));
    }

    private static async Task<IResult> Running(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        var counts = await JobTypeCounts.ByType(session, JobStatus.Running);
        return Answer.Ok(await Page(request, session, counts, await Longest(session, counts, JobStatus.Running), (type, count, moment) => new RunningJobType(type, count, moment)));
    }

    private static async Task<IResult> Failures(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var session = await database.Read(cancel);
        var counts = await JobTypeCounts.Failed(session, ErrorCategory.System);
        var changes = await JobTypeCounts.Changes(session, [.. counts.Select(c => c.Key)]);
        var types = await Types(session, counts.Select(c => c.Key.JobTypeId));
        var errors = (await session.Query(
            $"SELECT {ErrorAnswer.Columns} FROM error WHERE id IN @ids", ErrorAnswer.Read, ("ids", counts.Select(c => c.Key.ErrorId).Distinct().ToArray()))).ToDictionary(e => e.Id);
        var rows = counts
            .Select(c => new SystemFailures(types[c.Key.JobTypeId], errors[c.Key.ErrorId], c.Jobs, changes[c.Key].First, changes[c.Key].Last))
            .OrderByDescending(f => f.LastError).ThenBy(f => f.JobType.Id).ThenBy(f => f.Error.Id);
        return Answer.Ok(await request.Page(rows.ToList(), f => f));
    }

    private static async Task<IReadOnlyList<object>> WithCounts(Session session, IReadOnlyList<JobTypeReference> types, DateTime started, DateTime? ended)
    {
        var ids = types.Select(t => t.Id).ToHashSet();
        var counts = (await JobTypeCounts.Changed(session, ids, started, ended)).Where(c => c.Key.Status != JobStatus.Running && c.Value > 0).ToDictionary();
        foreach (var (id, jobs) in (await JobTypeCounts.ByType(session, JobStatus.Running)).Where(c => ids.Contains(c.JobTypeId)))
        {
            counts[new JobCountKey(id, JobStatus.Running, 0)] = jobs;
        }

        var isRunning = counts.Keys.ToLookup(k => k.Status == JobStatus.Running);
        var changes = await JobTypeCounts.Changes(session, [.. isRunning[false]], ended);
        foreach (var (key, change) in await JobTypeCounts.Changes(session, [.. isRunning[true]]))
        {
            changes[key] = change;
        }

        var categories = (await session.Query(
            "SELECT id, category FROM error WHERE id IN @ids", r => (Id: r.GetInt64(0), Category: (ErrorCategory)r.GetInt16(1)), ("ids", counts.Keys.Select(k => k.ErrorId).ToArray())))
            .ToDictionary(e => e.Id, e => e.Category.NameOf());
        var byType = counts.ToLookup(c => c.Key.JobTypeId);
        return [.. types.Select(type => new JobTypeStatus(type, [.. byType[type.Id]
            .GroupBy(c => (c.Key.Status, Category: categories.GetValueOrDefault(c.Key.ErrorId)))
            .OrderBy(g => g.Key.Status).ThenBy(g => g.Key.Category, StringComparer.Ordinal)
            .Select(g => new JobStatusCount(
                g.Key.Status.ToString().ToUpperInvariant(), g.Sum(c => c.Value), g.Max(c => changes.GetValueOrDefault(c.Key).Last), g.Key.Category))]))];
    }

    private static async Task<Dictionary<long, DateTime?>> Longest(Session session, List<(long JobTypeId, long Jobs)> counts, JobStatus status)
    {
        var changes = await JobTypeCounts.Changes(session, counts.ConvertAll(c => new JobCountKey(c.JobTypeId, status, 0)));
        return counts.ToDictionary(c => c.JobTypeId, c => changes.GetValueOrDefault(new JobCountKey(c.JobTypeId, status, 0)).First);
    }

    private static async Task<Page> Page(
        RequestParameters request, Session session, List<(long JobTypeId, long Jobs)> counts, Dictionary<long, DateTime?> since, Func<JobTypeReference, long, DateTime?, object> show)
    {
        var types = await Types(session, counts.Select(c => c.JobTypeId));
        var rows = counts.OrderBy(c => since[c.JobTypeId] is null).ThenBy(c => since[c.JobTypeId]).ThenBy(c => c.JobTypeId).ToList();
        return await request.Page(rows, c => show(types[c.JobTypeId], c.Jobs, since[c.JobTypeId]));
    }

    private static async Task<Dictionary<long, JobTypeReference>> Types(Session session, IEnumerable<long> ids) =>
        (await session.Query($"SELECT {Columns} FROM job_type t WHERE t.id IN @ids", Read, ("ids", ids.Distinct().ToArray()))).ToDictionary(t => t.Id);

    private static JobTypeReference Read(DbDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetBoolean(5), r.GetBoolean(6), r.GetBoolean(7), r.GetBoolean(8), r.Text(9), r.Text(10), r.GetInt32(11));
}
