using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Scale.Store.Databases;

/// <summary>A statement of SQLite that is run for many rows, bound by position through the native library: the provider looks up every parameter by name for every row.</summary>
internal sealed class PreparedStatement : IDisposable
{
    private readonly sqlite3 connection;
    private readonly sqlite3_stmt statement;
    private readonly StatementReader reader;
    private readonly Dictionary<string, int> places = [];

    public PreparedStatement(SqliteConnection connection, string text)
    {
        this.connection = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(this.connection, text, out statement), this.connection);
        reader = new StatementReader(statement);
    }

    /// <summary>Binds values by name, for all rows there are; those that the statement does not name are left out.</summary>
    public void Bind(IEnumerable<(string Name, object Value)> values)
    {
        foreach (var (name, value) in values)
        {
            if (PlaceOf("@" + name) is > 0 and var place)
            {
                Bind(place, value);
            }
        }
    }

    /// <summary>Runs it once for each row.</summary>
    /// <param name="columns">The columns, each with the name of its value in the statement.</param>
    /// <returns>How many rows it touched; those that triggers touch are not counted.</returns>
    public int Run(IEnumerable<(string Name, Array Values)> columns, int count, Action<DbDataReader>? read = null)
    {
        var binds = columns.Select(c => (c.Values, Place: PlaceOf(c.Name))).Where(c => c.Place > 0).Select(c => Binding(c.Place, c.Values)).ToArray();
        var changed = 0;
        try
        {
            for (var row = 0; row < count; row++)
            {
                foreach (var bind in binds)
                {
                    bind(row);
                }

                changed += Step(read);
            }
        }
        finally
        {
            raw.sqlite3_clear_bindings(statement);
        }

        return changed;
    }

    /// <summary>Runs it with the values that are bound, and forgets them: they may be large, and are never those of the next run.</summary>
    public int Run(Action<DbDataReader>? read)
    {
        try
        {
            return Step(read);
        }
        finally
        {
            raw.sqlite3_clear_bindings(statement);
        }
    }

    public void Dispose() => statement.Dispose();

    private int Step(Action<DbDataReader>? read)
    {
        try
        {
            int result;
            while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
                read?.Invoke(reader);
            }

            if (result != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(result, connection);
            }

            return raw.sqlite3_changes(connection);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }
    }

    private void Bind(int place, object value) => _ = value switch
    {
        DBNull => raw.sqlite3_bind_null(statement, place),
        string text => raw.sqlite3_bind_text(statement, place, text),
        double number => raw.sqlite3_bind_double(statement, place, number),
        byte[] bytes => raw.sqlite3_bind_blob(statement, place, bytes),
        _ => raw.sqlite3_bind_int64(statement, place, Convert.ToInt64(value, CultureInfo.InvariantCulture)),
    };

    private int PlaceOf(string name)
    {
        if (!places.TryGetValue(name, out var place))
        {
            places[name] = place = raw.sqlite3_bind_parameter_index(statement, name);
        }

        return place;
    }

    private Action<int> Binding(int place, Array values) => values switch
    {
        long[] v => row => raw.sqlite3_bind_int64(statement, place, v[row]),
        long?[] v => row => BindOrNull(place, v[row]),
        int[] v => row => raw.sqlite3_bind_int64(statement, place, v[row]),
        int?[] v => row => BindOrNull(place, v[row]),
        short[] v => row => raw.sqlite3_bind_int64(statement, place, v[row]),
        short?[] v => row => BindOrNull(place, v[row]),
        bool[] v => row => raw.sqlite3_bind_int64(statement, place, v[row] ? 1 : 0),
        bool?[] v => row => BindOrNull(place, v[row] is { } flag ? flag ? 1 : 0 : null),
        double[] v => row => raw.sqlite3_bind_double(statement, place, v[row]),
        double?[] v => row =>
        {
            if (v[row] is { } number)
            {
                raw.sqlite3_bind_double(statement, place, number);
            }
            else
            {
                raw.sqlite3_bind_null(statement, place);
            }
        }
        ,
        string?[] v => row =>
        {
            if (v[row] is { } text)
            {
                raw.sqlite3_bind_text(statement, place, text);
            }
            else
            {
                raw.sqlite3_bind_null(statement, place);
            }
        }
        ,
        _ => throw BulkInsert.Unsupported(values),
    };

    private void BindOrNull(int place, long? value)
    {
        if (value is { } known)
        {
            raw.sqlite3_bind_int64(statement, place, known);
        }
        else
        {
            raw.sqlite3_bind_null(statement, place);
        }
    }
}
