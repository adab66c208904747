using System.Linq.Expressions;
using Scale.Api.Requests;

namespace Scale.Api.Answers;

/// <summary>One key of an order: a known field and its direction.</summary>
public readonly record struct OrderKey(string Field, bool Descending)
{
    /// <summary>Reads <c>order</c>: repeatable, <c>-</c> for descending, relations by <c>.</c> or <c>__</c>; an unknown field is a 400.</summary>
    /// <param name="known">Field names, relations spelled with <c>.</c>.</param>
    /// <param name="defaults">Taken when nothing is asked for, same spelling.</param>
    /// <param name="ties">Fields that decide where all that is asked for is equal, same spelling.</param>
    /// <returns>Each field once, the id last.</returns>
    public static IReadOnlyList<OrderKey> Read(RequestParameters request, IReadOnlyCollection<string> known, IReadOnlyList<string> defaults, IReadOnlyList<string>? ties = null)
    {
        var asked = request.Texts("order").Where(t => t.Length > 0).ToList();
        var keys = (asked.Count > 0 ? asked : defaults).Select(text => Read(text, known));

        // A field that comes again decides nothing any more; and however often fields are repeated, the statement stays short.
        return [.. keys.Concat((ties ?? []).Select(text => Read(text, known))).Append(new OrderKey("id", false)).DistinctBy(k => k.Field)];
    }

    private static OrderKey Read(string text, IReadOnlyCollection<string> known)
    {
        var descending = text.StartsWith('-');
        var field = (descending ? text[1..] : text).Replace("__", ".", StringComparison.Ordinal);
        return known.Contains(field)
            ? new OrderKey(field, descending)
            : throw RequestParameters.Bad("order", $"can't be '{text}'; fields are {string.Join(", ", known.Order(StringComparer.Ordinal))}");
    }
}

/// <summary>
/// What a list may be ordered by, over EF Core rows. Text compares without case both ways, ascending puts null last and descending first,
/// the id is always the last key (scheduler-and-system.md §1.6).
/// </summary>
public sealed class Ordering<T>(Expression<Func<T, long>> id, params IReadOnlyList<string> defaults)
{
    private readonly Dictionary<string, (LambdaExpression Key, bool IsNullable)> fields = new(StringComparer.Ordinal) { ["id"] = (id, false) };

    /// <summary>Fields that decide before the id where all that is asked for is equal.</summary>
    public IReadOnlyList<string> Ties { get; init; } = [];

    /// <summary>Names for the documentation.</summary>
    public IReadOnlyCollection<string> Names => fields.Keys;

    /// <param name="name">As clients spell it, relations with <c>.</c>.</param>
    /// <param name="nullable">For text that may be null; other types tell it themselves.</param>
    public Ordering<T> By<TKey>(string name, Expression<Func<T, TKey>> key, bool nullable = false)
    {
        fields[name] = typeof(TKey) == typeof(string)
            ? (Expression.Lambda(Expression.Call(key.Body, nameof(string.ToLower), null), key.Parameters), nullable)
            : (key, nullable || Nullable.GetUnderlyingType(typeof(TKey)) is not null);
        return this;
    }

    /// <summary>What the request asks for, complete.</summary>
    public IReadOnlyList<OrderKey> Keys(RequestParameters request) => OrderKey.Read(request, fields.Keys, defaults, Ties);

    public IQueryable<T> Apply(IQueryable<T> query, RequestParameters request)
    {
        var ordered = query;
        var isFirst = true;
        foreach (var (field, descending) in Keys(request))
        {
            var (key, isNullable) = fields[field];
            if (isNullable)
            {
                ordered = Then(ordered, NullLast(key), descending, ref isFirst);
            }

            ordered = Then(ordered, key, descending, ref isFirst);
        }

        return ordered;
    }

    private static LambdaExpression NullLast(LambdaExpression key)
    {
        // Text keys arrive wrapped in lower(); lower of null is null, so the wrapped form tests just as well.
        var test = Expression.Equal(key.Body, Expression.Constant(null, key.ReturnType.IsValueType ? key.ReturnType : typeof(string)));
        return Expression.Lambda(test, key.Parameters);
    }

    private static IQueryable<T> Then(IQueryable<T> query, LambdaExpression key, bool descending, ref bool isFirst)
    {
        var method = (isFirst, descending) switch
        {
            (true, false) => nameof(Queryable.OrderBy),
            (true, true) => nameof(Queryable.OrderByDescending),
            (false, false) => nameof(Queryable.ThenBy),
            (false, true) => nameof(Queryable.ThenByDescending),
        };
        isFirst = false;
        return query.Provider.CreateQuery<T>(Expression.Call(typeof(Queryable), method, [typeof(T), key.ReturnType], query.Expression, Expression.Quote(key)));
    }
}

/// <summary>The same rules as an <c>ORDER BY</c> over columns named in the program.</summary>
/// <param name="id">Column of the last key.</param>
public sealed class ColumnOrdering(string id, params IReadOnlyList<string> defaults)
{
    private readonly Dictionary<string, (string Column, bool IsText, bool IsNullable)> fields = new(StringComparer.Ordinal) { ["id"] = (id, false, false) };

    public IReadOnlyCollection<string> Names => fields.Keys;

    public ColumnOrdering Text(string name, string column, bool nullable = false) => Add(name, (column, true, nullable));

    public ColumnOrdering By(string name, string column, bool nullable = false) => Add(name, (column, false, nullable));

    /// <summary><c>ORDER BY …</c>; only texts of the program are in it.</summary>
    public string Clause(RequestParameters request)
    {
        var keys = OrderKey.Read(request, fields.Keys, defaults).SelectMany(key =>
        {
            var (column, isText, isNullable) = fields[key.Field];
            var direction = key.Descending ? " DESC" : "";
            var value = (isText ? $"lower({column})" : column) + direction;
            return isNullable ? [$"({column} IS NULL)" + direction, value] : new[] { value };
        });
        return "ORDER BY " + string.Join(", ", keys);
    }

    private ColumnOrdering Add(string name, (string, bool, bool) field)
    {
        fields[name] = field;
        return this;
    }
}
