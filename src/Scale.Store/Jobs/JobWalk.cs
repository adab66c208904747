using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>Pages of jobs in an order that is walked by indexes.</summary>
public sealed class JobWalk(Session session, JobListFilter filter, JobOrder order)
{
    /// <summary>Open jobs that are merged in at most; with more, a sort of all costs no more.</summary>
    private const int MaxOpen = 20_000;

    private readonly (string Sql, List<(string Name, object? Value)> Arguments) filters = filter.Conditions();

    /// <summary>With more to skip inside a stretch, kept counts tell where to begin.</summary>
    public required long FarOffset { get; init; }

    /// <summary>Read from the nearer end of the list.</summary>
    /// <param name="count">All jobs of the filter.</param>
    /// <returns>Ids of the page; null when too many jobs are open to merge them in.</returns>
    public async Task<IReadOnlyList<long>?> Page(long count, long offset, int limit)
    {
        var size = (int)Math.Min(limit, count - offset);
        var isBackward = offset > count - offset - size;
        var skip = isBackward ? count - offset - size : offset;
        var open = await Open(skip + size, isBackward);
        if (open.Count > MaxOpen)
        {
            return null;
        }

        // At worst all these open jobs stand before the page, so this is where its first held job may be.
        var from = Math.Max(0, skip - open.Count);
        var held = await Walk(from, (int)(skip + size - from), isBackward);
        var before = from == 0 || held.Count == 0 ? 0 : open.TakeWhile(place => Compare(place, held[0], isBackward) < 0).Count();
        var page = Merge(held, open, before, isBackward).Skip((int)(skip - from - before)).Take(size).Select(place => place.Id);
        return isBackward ? [.. page.Reverse()] : [.. page];
    }

    private IEnumerable<Place> Merge(List<Place> held, List<Place> open, int next, bool isBackward)
    {
        foreach (var place in held)
        {
            for (; next < open.Count && Compare(open[next], place, isBackward) < 0; next++)
            {
                yield return open[next];
            }

            yield return place;
        }

        for (; next < open.Count; next++)
        {
            yield return open[next];
        }
    }

    /// <summary>The first jobs that no stretch holds; one more than can be merged when there are too many.</summary>
    private async Task<List<Place>> Open(long limit, bool isBackward)
    {
        if (order.OpenValue is not { } value || (filter.Statuses.Count > 0 && filter.Statuses.All(status => status >= JobStatus.Failed)))
        {
            return [];
        }

        // Groups are in no order that the database knows.
        var isSorted = order.Stretches.Any(stretch => stretch.IsSorted);
        var (direction, down) = (isBackward ? " DESC" : "", order.IsDescending == isBackward ? "" : " DESC");
        var sort = isSorted ? $"ORDER BY ({value} IS NULL){down}, {value}{down}, last_modified{direction}, id{direction} " : "";
        var places = await session.Query(
            $"SELECT id, last_modified, {value} FROM job{Index("job_by_status")} WHERE status < 4 {filters.Sql} {sort}LIMIT @limit",
            r => At(r.Long(2), r.GetInt64(1), r.GetInt64(0)),
            [("limit", isSorted ? Math.Min(limit, MaxOpen + 1) : MaxOpen + 1), .. filters.Arguments]);
        if (!isSorted)
        {
            places.Sort((one, other) => Compare(one, other, isBackward));
        }

        return places;
    }

    /// <summary>Jobs of the stretches in the direction of reading, from an offset over them all.</summary>
    private async Task<List<Place>> Walk(long offset, int limit, bool isBackward)
    {
        var places = new List<Place>();
        for (var i = 0; i < order.Stretches.Count && places.Count < limit; i++)
        {
            var at = isBackward ? order.Stretches.Count - 1 - i : i;
            var stretch = order.Stretches[at];
            if (offset >= stretch.Count)
            {
                offset -= stretch.Count.Value;
                continue;
            }

            var wanted = limit - places.Count;
            var read = await Read(at, offset, wanted, isBackward);
            places.AddRange(read);
            if (read.Count < wanted)
            {
                offset = read.Count > 0 || offset == 0 ? 0 : Math.Max(0, offset - (stretch.Count ?? await Count(stretch)));
            }
        }

        return places;
    }

    private async Task<List<Place>> Read(int at, long offset, int limit, bool isBackward)
    {
        var stretch = order.Stretches[at];
        var begin = offset > FarOffset && stretch.Tally is not null ? await Begin(stretch, offset, isBackward) : null;
        var direction = isBackward ? " DESC" : "";
        var isKeyBackward = stretch.IsSorted ? order.IsDescending != isBackward : isBackward;

        // A key that all have sorts nothing, but says to PostgreSQL which index has the rows in their order.
        var (column, sort) = (stretch.IsSorted ? ", " + stretch.Key : "", stretch.Key is { } key ? $"{key}{(isKeyBackward ? " DESC" : "")}, " : "");
        var (where, bound) = begin is { } place ? ("AND " + place.Condition, new (string, object?)[] { ("begin", place.Moment) }) : ("", []);
        return await session.Query(
            $"""
            SELECT id, last_modified{column} FROM job{Index(stretch.Index)} WHERE {stretch.Condition} {filters.Sql} {where}
            ORDER BY {sort}last_modified{direction}, id{direction} LIMIT @limit OFFSET @offset
            """,
            r => new Place(at, stretch.IsSorted ? r.GetInt64(2) : 0, r.GetInt64(1), r.GetInt64(0)),
            [.. Arguments(stretch), .. bound, ("limit", limit), ("offset", offset - (begin?.Skipped ?? 0))]);
    }

    /// <summary>The step of time that an offset of a stretch lies in, and how many jobs stand before it.</summary>
    /// <returns>Null when kept counts know of no job there.</returns>
    private async Task<(string Condition, long Moment, long Skipped)?> Begin(JobStretch stretch, long offset, bool isBackward)
    {
        var isLatestFirst = stretch.Key == JobStretch.Change ? order.IsDescending != isBackward : isBackward;
        var steps = await JobTallies.CountByChange(session, stretch.Tally!);
        if (isLatestFirst)
        {
            steps.Reverse();
        }

        var skipped = 0L;
        foreach (var step in steps)
        {
            if (offset < skipped + step.Jobs)
            {
                return isLatestFirst ? ("last_modified < @begin", step.Next, skipped) : ("last_modified >= @begin", step.From, skipped);
            }

            skipped += step.Jobs;
        }

        return null;
    }

    private Task<long> Count(JobStretch stretch) => session.QueryFirst(
        $"SELECT count(*) FROM job{Index(stretch.Index)} WHERE {stretch.Condition} {filters.Sql}", r => r.GetInt64(0), Arguments(stretch));

    private (string Name, object? Value)[] Arguments(JobStretch stretch) => stretch.Value is { } value ? [("value", value), .. filters.Arguments] : [.. filters.Arguments];

    private Place At(long? value, long lastModified, long id)
    {
        var stretch = order.StretchOf(value);
        return new Place(stretch, order.Stretches[stretch].IsSorted ? value ?? 0 : 0, lastModified, id);
    }

    /// <summary>SQLite keeps no statistics that would tell it how far apart the matches of a filter are.</summary>
    private string Index(string? name) => session.Provider != Provider.Sqlite || name is null ? "" : name == JobStretch.NoIndex ? " NOT INDEXED" : " INDEXED BY " + name;

    private int Compare(Place one, Place other, bool isBackward)
    {
        var byStretch = one.Stretch.CompareTo(other.Stretch);
        var byKey = order.IsDescending ? other.Key.CompareTo(one.Key) : one.Key.CompareTo(other.Key);
        var byChange = one.LastModified.CompareTo(other.LastModified);
        var forward = byStretch != 0 ? byStretch : byKey != 0 ? byKey : byChange != 0 ? byChange : one.Id.CompareTo(other.Id);
        return isBackward ? -forward : forward;
    }

    /// <summary>Where a job stands.</summary>
    private readonly record struct Place(int Stretch, long Key, long LastModified, long Id);
}
