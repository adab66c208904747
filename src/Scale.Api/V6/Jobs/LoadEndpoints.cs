using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Store.Databases;

namespace Scale.Api.V6.Jobs;

/// <summary>Jobs that waited and ran, hour by hour (jobs-and-queue.md §10).</summary>
internal static class LoadEndpoints
{
    private const int DefaultDays = 7;
    private const int MostDays = 31;

    public static void MapLoad(this IEndpointRouteBuilder v6) => v6.MapGroup("/load").WithTags("Queue")
        .MapGet("/", List).WithName("GetLoad").WithSummary("How many jobs were pending, queued and running on each full hour.")
        .Query(
            Parameter.Time("started", "Earliest hour, inclusive; by default 00:00 UTC seven days ago."), Parameter.Time("ended", "Latest hour, inclusive, at most 31 days after started."),
            Parameter.Integer("job_type_id", "Jobs of this job type.", repeatable: true), Parameter.Text("job_type_name", "Jobs of any version of this job type.", repeatable: true))
        .Query(Parameter.Paging);

    private static async Task<IResult> List(RequestParameters request, Database database, CancellationToken cancel)
    {
        var range = request.Range();
        if (range is { Started: { } from, Ended: { } to } && to - from > TimeSpan.FromDays(MostDays))
        {
            throw RequestParameters.Bad("started", $"must not be more than {MostDays} days before 'ended'");
        }

        var conditions = new List<string> { "l.measured >= @started" };
        var arguments = new List<(string, object?)> { ("started", range.Started ?? request.Now.Date.AddDays(-DefaultDays)) };
        void Add(string condition, string name, object? value)
        {
            if (value is not (null or Array { Length: 0 }))
            {
                conditions.Add(condition);
                arguments.Add((name, value));
            }
        }

        Add("l.measured <= @ended", "ended", range.Ended);
        Add("l.job_type_id IN @job_type_ids", "job_type_ids", request.Longs("job_type_id"));
        Add("l.job_type_id IN (SELECT t.id FROM job_type t WHERE t.name IN @job_type_names)", "job_type_names", request.Texts("job_type_name").ToArray());
        var where = string.Join(" AND ", conditions);

        await using var session = await database.Read(cancel);
        var count = await session.QueryFirst($"SELECT count(DISTINCT l.measured) FROM job_load l WHERE {where}", r => r.GetInt64(0), [.. arguments]);
        return Answer.Ok(await request.Page(count, async (offset, limit) => [.. await session.Query(
            $"""
            SELECT l.measured, sum(l.pending), sum(l.queued), sum(l.running) FROM job_load l WHERE {where}
            GROUP BY l.measured ORDER BY l.measured LIMIT @limit OFFSET @offset
            """,
            r => new LoadAnswer(r.Moment(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3)),
            [.. arguments, ("limit", limit), ("offset", offset)])]));
    }

    private sealed record LoadAnswer(DateTime Time, long PendingCount, long QueuedCount, long RunningCount);
}
