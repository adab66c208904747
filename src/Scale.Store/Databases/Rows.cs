namespace Scale.Store.Databases;

/// <summary>
/// A set of rows, column by column, to insert in bulk or to join in a statement as <c>{name}</c>.
/// Columns are arrays of equal length: <c>long[]</c>, <c>int[]</c>, <c>short[]</c>, <c>bool[]</c>, <c>double[]</c>,
/// <c>DateTime[]</c> (stored as microseconds), their nullable forms, or <c>string?[]</c>.
/// </summary>
public sealed class Rows
{
    private readonly List<(string Name, Array Values)> columns = [];

    public Rows(string name, params (string Name, Array Values)[] columns)
    {
        Name = name;
        foreach (var (columnName, values) in columns)
        {
            Add(columnName, values);
        }
    }

    public string Name { get; }

    public IReadOnlyList<(string Name, Array Values)> Columns => columns;

    /// <summary>Number of rows.</summary>
    public int Count => columns.Count == 0 ? 0 : columns[0].Values.Length;

    public Rows Add(string column, Array values)
    {
        var stored = values switch
        {
            DateTime[] moments => Array.ConvertAll(moments, Time.ToMicroseconds),
            DateTime?[] moments => Array.ConvertAll(moments, moment => moment is { } known ? Time.ToMicroseconds(known) : (long?)null),
            _ => values,
        };
        if (columns.Count > 0 && stored.Length != Count)
        {
            throw new ArgumentException($"Column {column} of {Name} has {stored.Length} values, the others have {Count}.", nameof(values));
        }

        columns.Add((column, stored));
        return this;
    }

    /// <summary>One column whose every value is taken from an item.</summary>
    public static Rows Of<T>(string name, IReadOnlyCollection<T> items, params (string Name, Func<IReadOnlyCollection<T>, Array> Values)[] columns) =>
        new(name, Array.ConvertAll(columns, column => (column.Name, column.Values(items))));
}

public static class Columns
{
    /// <summary>One value of every item, as a column of <see cref="Rows"/>.</summary>
    public static TValue[] Column<TItem, TValue>(this IReadOnlyList<TItem> items, Func<TItem, TValue> value)
    {
        var column = new TValue[items.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(items[i]);
        }

        return column;
    }
}
