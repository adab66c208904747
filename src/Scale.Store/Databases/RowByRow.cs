using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Scale.Store.Databases;

/// <summary>
/// Runs a statement that joins a row set once for each of its rows, on SQLite: binding the values is several times cheaper there than
/// writing them as JSON and taking the JSON apart again for every column. Only for statements in which the rows don't depend on each other.
/// </summary>
internal static class RowByRow
{
    /// <summary>Below, preparing costs more than it saves.</summary>
    public const int FewRows = 8;

    /// <summary>The statement with the row set as a derived table of one row, its values named <c>@set_column</c>.</summary>
    public static string Text(string sql, Rows rows)
    {
        var columns = string.Join(", ", rows.Columns.Select(c => $"@{rows.Name}_{c.Name} AS {c.Name}"));
        return sql.Replace($"{{{rows.Name}}}", $"(SELECT {columns}) AS {rows.Name}", StringComparison.Ordinal);
    }

    /// <param name="text">As <see cref="Text"/> made it.</param>
    /// <returns>How many rows were touched.</returns>
    public static int Execute(SqliteConnection connection, string text, Rows rows, IEnumerable<(string Name, object Value)> arguments)
    {
        var handle = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(handle, text, out var statement), handle);
        using (statement)
        {
            foreach (var (name, value) in arguments)
            {
                Bind(statement, raw.sqlite3_bind_parameter_index(statement, "@" + name), value);
            }

            var columns = rows.Columns
                .Select(c => (c.Values, Index: raw.sqlite3_bind_parameter_index(statement, $"@{rows.Name}_{c.Name}")))
                .Where(c => c.Index > 0)
                .Select(c => BulkInsert.BindColumn(statement, c.Index, c.Values))
                .ToArray();
            return Run(handle, statement, columns, rows.Count);
        }
    }

    private static int Run(sqlite3 handle, sqlite3_stmt statement, Action<int>[] columns, int count)
    {
        var changed = 0;
        for (var row = 0; row < count; row++)
        {
            foreach (var column in columns)
            {
                column(row);
            }

            var result = raw.sqlite3_step(statement);
            if (result != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(result, handle);
            }

            // What triggers touch is not in it.
            changed += raw.sqlite3_changes(handle);
            raw.sqlite3_reset(statement);
        }

        return changed;
    }

    private static void Bind(sqlite3_stmt statement, int index, object value)
    {
        _ = value switch
        {
            _ when index == 0 => raw.SQLITE_OK,
            DBNull => raw.sqlite3_bind_null(statement, index),
            string text => raw.sqlite3_bind_text(statement, index, text),
            double number => raw.sqlite3_bind_double(statement, index, number),
            byte[] bytes => raw.sqlite3_bind_blob(statement, index, bytes),
            _ => raw.sqlite3_bind_int64(statement, index, Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        };
    }
}
