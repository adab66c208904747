using System.Data.Common;
using Scale.Api.Requests;
using Scale.Store.Databases;

namespace Scale.Api.Answers;

/// <summary>A list over SQL of the program: conditions of the filters that were given, one page of rows, and their count.</summary>
/// <param name="columns">Columns that <paramref name="read"/> reads.</param>
/// <param name="from">Tables and joins.</param>
public sealed class RowList<T>(string columns, string from, Func<DbDataReader, T> read)
{
    private readonly List<string> conditions = [];
    private readonly List<(string Name, object? Value)> arguments = [];

    /// <summary>Adds a condition when its value was given; <paramref name="condition"/> names it as <c>@name</c>, arrays as <c>IN @name</c>.</summary>
    public RowList<T> Where(string condition, string name, object? value)
    {
        if (value is null or Array { Length: 0 })
        {
            return this;
        }

        conditions.Add($"({condition})");
        arguments.Add((name, value));
        return this;
    }

    /// <summary>Both bounds, inclusive, of a time column.</summary>
    public RowList<T> Where(string column, TimeRange range) =>
        Where($"{column} >= @started", "started", range.Started).Where($"{column} <= @ended", "ended", range.Ended);

    public Task<Page> Page(Session session, RequestParameters request, ColumnOrdering ordering, Func<T, object> show) =>
        Page(session, request, ordering, rows => Task.FromResult<IReadOnlyList<object>>([.. rows.Select(show)]));

    /// <param name="show">All rows of the page at once, for bodies that need more reading.</param>
    public async Task<Page> Page(Session session, RequestParameters request, ColumnOrdering ordering, Func<IReadOnlyList<T>, Task<IReadOnlyList<object>>> show)
    {
        var order = ordering.Clause(request);
        var where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        var count = await session.QueryFirst($"SELECT count(*) FROM {from}{where}", r => r.GetInt64(0), [.. arguments]);
        return await request.Page(count, async (offset, limit) =>
            await show(await session.Query($"SELECT {columns} FROM {from}{where} {order} LIMIT @limit OFFSET @offset", read, [.. arguments, ("limit", limit), ("offset", offset)])));
    }
}
