using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Scale.Store.Databases;

/// <summary>Inserts the rows of a set by the quickest way each database has.</summary>
internal static class BulkInsert
{
    /// <summary>COPY, written by <see cref="CopyData"/> into the raw stream.</summary>
    public static async Task Into(NpgsqlConnection connection, string table, Rows rows)
    {
        var filled = Filled(rows);
        await using var copy = await connection.BeginRawBinaryCopyAsync($"COPY {table} ({string.Join(", ", filled.Select(c => c.Name))}) FROM STDIN (FORMAT BINARY)");
        var data = new CopyData([.. filled.Select(c => c.Values)]);
        for (var row = 0; row < rows.Count; row++)
        {
            data.Add(row);
            if (data.IsFull)
            {
                await copy.WriteAsync(data.Take());
            }
        }

        data.End();
        await copy.WriteAsync(data.Take());
    }

    /// <summary>One prepared statement, bound by position through the native library: the provider looks up every parameter by name for every row.</summary>
    public static void Into(SqliteConnection connection, string table, Rows rows)
    {
        var handle = connection.Handle!;
        var filled = Filled(rows);
        var sql = $"INSERT INTO {table} ({string.Join(", ", filled.Select(c => c.Name))}) VALUES ({string.Join(", ", filled.Select((_, i) => "?" + (i + 1)))})";
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(handle, sql, out var statement), handle);
        using (statement)
        {
            var columns = filled.Select((c, i) => BindColumn(statement, i + 1, c.Values)).ToArray();
            for (var row = 0; row < rows.Count; row++)
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

                raw.sqlite3_reset(statement);
            }
        }
    }

    /// <summary>Columns that hold anything. Of a wide table many are null in all rows of a set; no column that may be null has another default.</summary>
    private static List<(string Name, Array Values)> Filled(Rows rows)
    {
        var filled = rows.Columns.Where(c => !IsAllNull(c.Values)).ToList();
        return filled.Count > 0 ? filled : [.. rows.Columns];
    }

    private static bool IsAllNull(Array values) => values switch
    {
        long?[] v => !Array.Exists(v, x => x is not null),
        int?[] v => !Array.Exists(v, x => x is not null),
        double?[] v => !Array.Exists(v, x => x is not null),
        string?[] v => !Array.Exists(v, x => x is not null),
        _ => false,
    };

    internal static Action<int> BindColumn(sqlite3_stmt statement, int index, Array values) => values switch
    {
        long[] v => row => raw.sqlite3_bind_int64(statement, index, v[row]),
        long?[] v => row => BindOrNull(statement, index, v[row]),
        int[] v => row => raw.sqlite3_bind_int64(statement, index, v[row]),
        int?[] v => row => BindOrNull(statement, index, v[row]),
        short[] v => row => raw.sqlite3_bind_int64(statement, index, v[row]),
        short?[] v => row => BindOrNull(statement, index, v[row]),
        bool[] v => row => raw.sqlite3_bind_int64(statement, index, v[row] ? 1 : 0),
        bool?[] v => row => BindOrNull(statement, index, v[row] is { } flag ? flag ? 1 : 0 : null),
        double[] v => row => raw.sqlite3_bind_double(statement, index, v[row]),
        double?[] v => row =>
        {
            if (v[row] is { } number)
            {
                raw.sqlite3_bind_double(statement, index, number);
            }
            else
            {
                raw.sqlite3_bind_null(statement, index);
            }
        }
        ,
        string?[] v => row =>
        {
            if (v[row] is { } text)
            {
                raw.sqlite3_bind_text(statement, index, text);
            }
            else
            {
                raw.sqlite3_bind_null(statement, index);
            }
        }
        ,
        _ => throw Unsupported(values),
    };

    private static void BindOrNull(sqlite3_stmt statement, int index, long? value)
    {
        if (value is { } known)
        {
            raw.sqlite3_bind_int64(statement, index, known);
        }
        else
        {
            raw.sqlite3_bind_null(statement, index);
        }
    }

    internal static NotSupportedException Unsupported(Array values) => new($"Arrays of {values.GetType().GetElementType()!.Name} can't be inserted in bulk.");
}
