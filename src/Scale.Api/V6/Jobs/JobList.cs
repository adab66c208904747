using Microsoft.EntityFrameworkCore;
using Scale.Api.Answers;
using Scale.Api.Requests;
using Scale.Store.Databases;
using Scale.Store.Jobs;

namespace Scale.Api.V6.Jobs;

/// <summary>The list of jobs that a request asks for, page by page: walked by indexes where that is less work than to sort what the filters leave.</summary>
internal sealed class JobList(ScaleContext context, Database database, ApiOptions options, RequestParameters request)
{
    public async Task<Page> Page(CancellationToken cancel)
    {
        var filter = await JobFilter.Read(context, request, cancel);
        var keys = JobOrdering.Fields.Keys(request);
        var jobs = Ordered(filter);
        await using var session = await database.Read(cancel);
        var count = filter.IsTallied ? await JobTallies.Count(session, filter.Tally) : await JobSourceCounts.Count(session, filter) ?? await jobs.LongCountAsync(cancel);
        return await request.Page(count, async (offset, limit) =>
        {
            var ids = await Walk(session, filter, keys, count, offset, limit, cancel) ?? await Paging.Read(await Narrowed(session, jobs, filter, keys, count), count, offset, limit, cancel);
            return await JobAnswers.Read(context, ids, cancel);
        });
    }

    /// <summary>Jobs in the order of their last change begin where sources of the time that is asked for can be.</summary>
    private async Task<IQueryable<long>> Narrowed(Session session, IQueryable<long> jobs, JobListFilter filter, IReadOnlyList<OrderKey> keys, long count)
    {
        if (count <= options.SortedJobs || filter is { SourceStarted: null, SourceEnded: null } || !JobOrderPlan.IsByChange(keys) || await JobTallies.ChangesOfSource(session, filter) is not { } changes)
        {
            return jobs;
        }

        return Ordered(filter with { Started = Later(filter.Started, changes.From), Ended = Earlier(filter.Ended, changes.To) });

        static DateTime Later(DateTime? one, DateTime other) => one > other ? one.Value : other;
        static DateTime Earlier(DateTime? one, DateTime other) => one < other ? one.Value : other;
    }

    private IQueryable<long> Ordered(JobListFilter filter) => JobOrdering.Fields.Apply(JobFilter.Apply(context.Jobs, filter), request).Select(j => j.Id);

    /// <returns>Null when the order can't be walked, or when it would look at more jobs than there are to sort.</returns>
    private async Task<IReadOnlyList<long>?> Walk(
        Session session, JobListFilter filter, IReadOnlyList<OrderKey> keys, long count, int offset, int limit, CancellationToken cancel)
    {
        if (count <= options.SortedJobs || !JobOrderPlan.CanWalk(keys))
        {
            return null;
        }

        var skipped = Math.Max(0, Math.Min(offset, count - offset - limit));
        if (JobOrderPlan.IsByChange(keys) && (skipped > options.SortedJobs || !filter.HasAlternatives))
        {
            // The index of a filter has its jobs in this order.
            return skipped > options.SortedJobs && filter.IsTallied ? await Walk(session, filter, JobOrder.ByChange(keys[0].Descending, filter.Tally), count, offset, limit) : null;
        }

        // Matches are taken to lie evenly among all jobs.
        var all = filter.IsEmpty ? count : await JobTallies.Count(session, JobTallyFilter.Everything);
        if ((double)(skipped + limit) * all / count > count)
        {
            return null;
        }

        var order = await new JobOrderPlan(context, session, filter).Read(keys[0], cancel);
        return order is null ? null : await Walk(session, filter, order, count, offset, limit);
    }

    private Task<IReadOnlyList<long>?> Walk(Session session, JobListFilter filter, JobOrder order, long count, int offset, int limit) =>
        new JobWalk(session, filter, order) { FarOffset = options.SortedJobs }.Page(count, offset, limit);
}
