using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Scale.Api.Requests;

namespace Scale.Api.Answers;

/// <summary>The list envelope (scheduler-and-system.md §1.6).</summary>
/// <param name="Next">Absolute address, null on the last page.</param>
public sealed record Page(long Count, string? Next, string? Previous, IReadOnlyList<object> Results);

/// <summary>Cuts lists into pages: <c>page</c> (1-based or <c>last</c>; 404 outside) and <c>page_size</c> (100, at most 1000, never refused).</summary>
public static class Paging
{
    private const int DefaultSize = 100;
    private const int MaxSize = 1000;

    /// <param name="ordered">Rows in their final order.</param>
    /// <param name="show">Row to answer body; runs on the rows of the page only.</param>
    public static Task<Page> Page<T>(this RequestParameters request, IQueryable<T> ordered, Func<T, object> show, CancellationToken cancel = default) =>
        request.Page(ordered, rows => Task.FromResult<IReadOnlyList<object>>([.. rows.Select(show)]), cancel);

    /// <param name="show">All rows of the page at once, for bodies that need more reading.</param>
    /// <param name="count">All matches, where that is known without counting them.</param>
    public static async Task<Page> Page<T>(
        this RequestParameters request, IQueryable<T> ordered, Func<IReadOnlyList<T>, Task<IReadOnlyList<object>>> show, CancellationToken cancel = default, long? count = null)
    {
        var all = count ?? await ordered.LongCountAsync(cancel);
        return await request.Page(all, async (offset, limit) => await show(await Read(ordered, all, offset, limit, cancel)));
    }

    public static Task<Page> Page<T>(this RequestParameters request, IReadOnlyList<T> all, Func<T, object> show) =>
        request.Page(all.Count, (offset, limit) => Task.FromResult<IReadOnlyList<object>>([.. all.Skip(offset).Take(limit).Select(show)]));

    /// <summary>For any other source.</summary>
    /// <param name="count">All matches.</param>
    /// <param name="read">Rows of one page by offset and limit; not called when there is none.</param>
    public static async Task<Page> Page(this RequestParameters request, long count, Func<int, int, Task<IReadOnlyList<object>>> read)
    {
        var size = Size(request);
        var pages = Math.Max(1, (count + size - 1) / size);
        var number = Number(request, pages);
        var offset = (number - 1) * size;
        var results = count == 0 ? [] : await read((int)offset, size);
        return new Page(
            count,
            number < pages ? request.Links.Page((int)number + 1) : null,
            number > 1 ? request.Links.Page((int)number - 1) : null,
            results);
    }

    /// <summary>Skipped rows are read all the same, so a page behind the middle is read from the end.</summary>
    public static async Task<List<T>> Read<T>(IQueryable<T> ordered, long count, int offset, int limit, CancellationToken cancel)
    {
        var behind = count - offset - limit;
        if (offset <= behind)
        {
            return await ordered.Skip(offset).Take(limit).ToListAsync(cancel);
        }

        var rows = await ordered.Reverse().Skip((int)Math.Max(0, behind)).Take((int)Math.Min(limit, count - offset)).ToListAsync(cancel);
        rows.Reverse();
        return rows;
    }

    private static int Size(RequestParameters request)
    {
        var text = request.QueryText("page_size");
        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0;
        return isNumber ? (int)Math.Min(size, MaxSize) : text is { Length: > 9 } && text.All(char.IsAsciiDigit) ? MaxSize : DefaultSize;
    }

    private static long Number(RequestParameters request, long pages)
    {
        var text = request.QueryText("page");
        if (text is null)
        {
            return 1;
        }

        if (text == "last")
        {
            return pages;
        }

        var isInside = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= pages;
        return isInside ? number : throw new ApiProblem(404, "Invalid page.");
    }
}
