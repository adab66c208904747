using System.Linq.Expressions;
using Scale.Model.Jobs;

namespace Scale.Api.Requests;

/// <summary>Filters of lists: what is not asked for filters nothing, values of one filter are alternatives, filters add up.</summary>
public static class RowFilters
{
    /// <summary>Rows whose key is one of the values; all rows when there are none.</summary>
    public static IQueryable<T> WhereAny<T>(this IQueryable<T> rows, IReadOnlyCollection<long> values, Expression<Func<T, long>> key) => rows.WhereAny<T, long>(values, key);

    /// <inheritdoc cref="WhereAny{T}(IQueryable{T}, IReadOnlyCollection{long}, Expression{Func{T, long}})"/>
    public static IQueryable<T> WhereAny<T>(this IQueryable<T> rows, IReadOnlyCollection<string> values, Expression<Func<T, string?>> key) => rows.WhereAny<T, string?>(values, key);

    /// <inheritdoc cref="WhereAny{T}(IQueryable{T}, IReadOnlyCollection{long}, Expression{Func{T, long}})"/>
    public static IQueryable<T> WhereAny<T>(this IQueryable<T> rows, IReadOnlyCollection<JobStatus> values, Expression<Func<T, JobStatus>> key) => rows.WhereAny<T, JobStatus>(values, key);

    /// <summary>The same for a key that may be null; the explicit test lets partial indexes serve it.</summary>
    public static IQueryable<T> WhereAny<T>(this IQueryable<T> rows, IReadOnlyCollection<long> values, Expression<Func<T, long?>> key)
    {
        if (values.Count == 0)
        {
            return rows;
        }

        if (values.Count == 1)
        {
            long? only = values.First();
            Expression<Func<long?, bool>> equals = k => k == only;
            return rows.Where(On(key, equals));
        }

        var list = values.ToList();
        Expression<Func<long?, bool>> test = k => k != null && list.Contains(k.Value);
        return rows.Where(On(key, test));
    }

    /// <summary>Rows from and to moments, both inclusive; rows without the moment match only where no bound is given.</summary>
    public static IQueryable<T> Within<T>(this IQueryable<T> rows, TimeRange range, Expression<Func<T, DateTime?>> from, Expression<Func<T, DateTime?>> to)
    {
        if (range.Started is { } started)
        {
            Expression<Func<DateTime?, bool>> test = moment => moment >= started;
            rows = rows.Where(On(from, test));
        }

        if (range.Ended is { } ended)
        {
            Expression<Func<DateTime?, bool>> test = moment => moment <= ended;
            rows = rows.Where(On(to, test));
        }

        return rows;
    }

    public static IQueryable<T> Within<T>(this IQueryable<T> rows, TimeRange range, Expression<Func<T, DateTime?>> moment) => rows.Within(range, moment, moment);

    /// <summary>Rows with the flag as asked for; all rows when it is not.</summary>
    public static IQueryable<T> WhereFlag<T>(this IQueryable<T> rows, bool? asked, Expression<Func<T, bool>> flag)
    {
        if (asked is not { } value)
        {
            return rows;
        }

        Expression<Func<bool, bool>> test = f => f == value;
        return rows.Where(On(flag, test));
    }

    private static IQueryable<T> WhereAny<T, TKey>(this IQueryable<T> rows, IReadOnlyCollection<TKey> values, Expression<Func<T, TKey>> key)
    {
        if (values.Count == 0)
        {
            return rows;
        }

        if (values.Count == 1)
        {
            // Rows of one value come out of an index in their order; rows of a list of values are sorted first, even if the list has one.
            var only = values.First();
            Expression<Func<TKey>> value = () => only;
            return rows.Where(Expression.Lambda<Func<T, bool>>(Expression.Equal(key.Body, value.Body), key.Parameters));
        }

        var list = values.ToList();
        Expression<Func<TKey, bool>> test = k => list.Contains(k);
        return rows.Where(On(key, test));
    }

    /// <summary>A test of a key as a test of the row. The values stay captured variables, which become parameters, not text of the statement.</summary>
    private static Expression<Func<T, bool>> On<T, TKey>(Expression<Func<T, TKey>> key, Expression<Func<TKey, bool>> test) =>
        Expression.Lambda<Func<T, bool>>(new Substitution(test.Parameters[0], key.Body).Visit(test.Body), key.Parameters);

    private sealed class Substitution(ParameterExpression parameter, Expression replacement) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == parameter ? replacement : node;
    }
}
