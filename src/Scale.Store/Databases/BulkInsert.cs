using Npgsql;

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

    /// <summary>One prepared statement.</summary>
    public static void Into(StatementCache statements, string table, Rows rows)
    {
        var filled = Filled(rows);
        var sql = $"INSERT INTO {table} ({string.Join(", ", filled.Select(c => c.Name))}) VALUES ({string.Join(", ", filled.Select(c => "@" + c.Name))})";
        statements.Get(sql).Run(filled.Select(c => ("@" + c.Name, c.Values)), rows.Count);
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

    internal static NotSupportedException Unsupported(Array values) => new($"Arrays of {values.GetType().GetElementType()!.Name} can't be inserted in bulk.");
}
