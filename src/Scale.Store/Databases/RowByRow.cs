using System.Data.Common;
using System.Text.RegularExpressions;

namespace Scale.Store.Databases;

/// <summary>
/// Runs a statement that joins a row set once for each of its rows, on SQLite: binding the values is several times cheaper there than
/// writing them as JSON and taking the JSON apart again for every column. Only for statements in which the rows don't depend on each other.
/// </summary>
internal static class RowByRow
{
    public static bool IsUpdate(string sql) => sql.StartsWith("UPDATE ", StringComparison.Ordinal);

    /// <summary>The statement for one row, whose values are named <c>@set_column</c>.</summary>
    public static string Text(string sql, Rows rows)
    {
        // What an update joins is first collected into a table of its own, which costs more than the update of one row.
        var from = $@"\bFROM \{{{rows.Name}\}}\s+WHERE\b";
        if (IsUpdate(sql) && Regex.IsMatch(sql, from))
        {
            return Regex.Replace(Regex.Replace(sql, from, "WHERE"), $@"\b{rows.Name}\.(\w+)", $"@{rows.Name}_$1");
        }

        var columns = string.Join(", ", rows.Columns.Select(c => $"@{rows.Name}_{c.Name} AS {c.Name}"));
        return sql.Replace($"{{{rows.Name}}}", $"(SELECT {columns}) AS {rows.Name}", StringComparison.Ordinal);
    }

    /// <param name="statement">Of a text that <see cref="Text"/> made.</param>
    /// <returns>How many rows were touched.</returns>
    public static int Execute(PreparedStatement statement, Rows rows, IEnumerable<(string Name, object Value)> arguments, Action<DbDataReader>? read)
    {
        statement.Bind(arguments);
        return statement.Run(rows.Columns.Select(c => ($"@{rows.Name}_{c.Name}", c.Values)), rows.Count, read);
    }
}
