using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Documentation;
using Scale.Api.Requests;
using Scale.Api.V6.References;
using Scale.Store.Databases;

namespace Scale.Api.V6.Jobs;

/// <summary>The queue by job type (jobs-and-queue.md §9).</summary>
internal static class QueueEndpoints
{
    public static void MapQueue(this IEndpointRouteBuilder v6)
    {
        var queue = v6.MapGroup("/queue").WithTags("Queue");
        queue.MapGet("/status/", Status).WithName("GetQueueStatus").WithSummary("What waits in the queue, by job type: unpaused, then most urgent, then longest waiting first.")
            .WithDescription("Addition to Scale v6: `waiting_reasons` counts the jobs by what keeps them from starting.")
            .Query(Parameter.Paging);
    }

    private static async Task<IResult> Status(RequestParameters request, Database database, CancellationToken cancel)
    {
        await using var context = database.Context();

        // The queue is grouped by its few classes first, so that no job is joined to anything.
        var counted = await context.Queue.GroupBy(q => q.ClassId)
            .Select(g => new { ClassId = g.Key, Count = g.Count(), Longest = g.Min(q => q.Queued) })
            .ToListAsync(cancel);
        var waiting = counted.ConvertAll(w => new Waiting(Math.Abs(w.ClassId), QueueObstacles.IsHeld(w.ClassId), w.Count, w.Longest));
        var classIds = waiting.Select(w => w.ClassId).Distinct().ToList();
        var classes = await context.QueueClasses.Where(c => classIds.Contains(c.Id)).Select(c => new { Class = c, c.JobType }).ToDictionaryAsync(c => c.Class.Id, cancel);
        var types = await new Related(context, cancel).JobTypes(classes.Values.Select(c => (long?)c.Class.JobTypeId));
        var obstacles = await QueueObstacles.Read(context, cancel);
        string ReasonOf(Waiting w) => w.IsHeld ? QueueObstacles.BatchPaused : QueueObstacles.NameOf(obstacles.Of(classes[w.ClassId].Class, classes[w.ClassId].JobType)?.Reason);

        var rows = waiting.Where(w => classes.ContainsKey(w.ClassId)).GroupBy(w => classes[w.ClassId].Class.JobTypeId)
            .Select(g => new QueueAnswer(
                types.Named(g.Key), g.Sum(w => w.Count), g.Min(w => w.Longest), g.Min(w => classes[w.ClassId].Class.Priority),
                g.GroupBy(ReasonOf).ToDictionary(r => r.Key, r => r.Sum(w => w.Count))))
            .OrderBy(r => r.JobType?.IsPaused).ThenBy(r => r.HighestPriority).ThenBy(r => r.LongestQueued).ThenBy(r => r.JobType?.Id)
            .ToList();
        return Answer.Ok(await request.Page(rows, r => r));
    }

    private sealed record Waiting(long ClassId, bool IsHeld, int Count, DateTime Longest);

    /// <param name="WaitingReasons">Addition: jobs by what keeps them from starting.</param>
    private sealed record QueueAnswer(JobTypeReference? JobType, int Count, DateTime LongestQueued, int HighestPriority, IReadOnlyDictionary<string, int> WaitingReasons);
}
