using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Scale.Store.Databases;

/// <summary>
/// Turns the one text a statement is written in into what each database runs.
/// <c>IN @ids</c> and <c>NOT IN @ids</c> take an array (<c>= ANY(@ids)</c> or <c>IN (SELECT value FROM json_each(@ids))</c>);
/// <c>{v}</c> takes <see cref="Rows"/> as a derived table named <c>v</c> (<c>unnest</c> or <c>json_each</c>).
/// Only names written in the program reach the text; every value is bound.
/// </summary>
internal static class StatementText
{
    public static string ForPostgres(string sql, IReadOnlyList<Rows> rowSets, ReadOnlySpan<(string Name, object? Value)> arguments)
    {
        foreach (var (name, value) in arguments)
        {
            if (value is Array and not byte[])
            {
                sql = Regex.Replace(sql, $@"\bNOT IN @{name}\b", $"<> ALL(@{name})");
                sql = Regex.Replace(sql, $@"\bIN @{name}\b", $"= ANY(@{name})");
            }
        }

        foreach (var rows in rowSets)
        {
            var parameters = string.Join(", ", rows.Columns.Select(c => $"@{rows.Name}_{c.Name}"));
            var names = string.Join(", ", rows.Columns.Select(c => c.Name));
            sql = sql.Replace($"{{{rows.Name}}}", $"unnest({parameters}) AS {rows.Name} ({names})", StringComparison.Ordinal);
        }

        return sql;
    }

    public static string ForSqlite(string sql, IReadOnlyList<Rows> rowSets, ReadOnlySpan<(string Name, object? Value)> arguments)
    {
        foreach (var (name, value) in arguments)
        {
            if (value is Array and not byte[])
            {
                sql = Regex.Replace(sql, $@"\bIN @{name}\b", $"IN (SELECT value FROM json_each(@{name}))");
            }
        }

        foreach (var rows in rowSets)
        {
            var columns = string.Join(", ", rows.Columns.Select((c, i) => $"json_extract(value, '$[{i.ToString(CultureInfo.InvariantCulture)}]') AS {c.Name}"));
            sql = sql.Replace($"{{{rows.Name}}}", $"(SELECT {columns} FROM json_each(@{rows.Name})) AS {rows.Name}", StringComparison.Ordinal);
        }

        return sql;
    }

    public static string Json(Array values) => JsonSerializer.Serialize((object)values);

    public static string Json(Rows rows)
    {
        var text = new StringBuilder("[");
        for (var row = 0; row < rows.Count; row++)
        {
            text.Append(row == 0 ? "[" : ",[");
            for (var column = 0; column < rows.Columns.Count; column++)
            {
                if (column > 0)
                {
                    text.Append(',');
                }

                Append(text, ((IList)rows.Columns[column].Values)[row]);
            }

            text.Append(']');
        }

        return text.Append(']').ToString();
    }

    private static void Append(StringBuilder text, object? value)
    {
        _ = value switch
        {
            null => text.Append("null"),
            bool flag => text.Append(flag ? '1' : '0'),
            string words => text.Append(JsonSerializer.Serialize(words)),
            double number => text.Append(number.ToString("R", CultureInfo.InvariantCulture)),
            IFormattable number => text.Append(number.ToString(null, CultureInfo.InvariantCulture)),
            _ => throw new NotSupportedException($"Rows can't hold a {value.GetType().Name}."),
        };
    }
}
