using System.Diagnostics;
using Scale.Store.Databases;

namespace Scale.Bench.Machine;

/// <summary>The rows that creation made, inserted into an empty database by COPY or a prepared statement: what no creation can be faster than.</summary>
internal static class BareInsert
{
    /// <summary>Tables with the column that tells which of their rows belong to the first recipes.</summary>
    private static readonly (string Table, string Rows)[] Tables =
    [
        ("recipe", "id <= @last"), ("job", "recipe_id <= @last"), ("recipe_node", "recipe_id <= @last"), ("recipe_input_file", "recipe_id <= @last"),
        ("job_input_file", "job_id IN (SELECT id FROM job WHERE recipe_id <= @last)"), ("file_ancestry", "recipe_id <= @last"), ("batch_item", "recipe_id <= @last"),
        ("queue", "job_id IN (SELECT id FROM job WHERE recipe_id <= @last)"),
    ];

    /// <summary>Inserts the rows of the first <paramref name="recipes"/> recipes, those of a thousand recipes a transaction.</summary>
    public static async Task<TimeSpan> Measure(BenchDatabase source, string? server, int recipes)
    {
        var transactions = Math.Max(1, recipes / 1000);
        var slices = Enumerable.Range(0, transactions).Select(_ => new List<(string Table, Rows Rows)>()).ToList();
        await using (var store = await source.Open())
        await using (var session = await store.Read())
        {
            var last = await session.QueryFirst("SELECT id FROM recipe ORDER BY id LIMIT 1 OFFSET @skip", r => r.GetInt64(0), ("skip", (long)recipes - 1));
            foreach (var (table, condition) in Tables)
            {
                var rows = await ReadAll(session, $"SELECT * FROM {table} WHERE {condition}", last);
                var size = (rows.Count + transactions - 1) / transactions;
                for (var i = 0; i < transactions; i++)
                {
                    slices[i].Add((table, Cut(rows, i * size, size)));
                }
            }
        }

        await using var empty = await BenchDatabase.Create(source.Provider, server);
        await using var target = await empty.Open();
        var watch = Stopwatch.StartNew();
        foreach (var slice in slices)
        {
            await using var session = await target.Write();
            foreach (var (table, rows) in slice)
            {
                await session.BulkInsert(table, rows);
            }

            await session.Commit();
        }

        return watch.Elapsed;
    }

    private static Rows Cut(Rows rows, int start, int size) => new(rows.Name, [.. rows.Columns.Select(c =>
    {
        var length = Math.Clamp(c.Values.Length - start, 0, size);
        var values = Array.CreateInstance(c.Values.GetType().GetElementType()!, length);
        Array.Copy(c.Values, Math.Min(start, c.Values.Length), values, 0, length);
        return (c.Name, values);
    })]);

    private static async Task<Rows> ReadAll(Session session, string sql, long last)
    {
        string[] names = [];
        Type[] types = [];
        var records = await session.Query(sql, r =>
        {
            if (names.Length == 0)
            {
                names = [.. Enumerable.Range(0, r.FieldCount).Select(r.GetName)];
                types = [.. Enumerable.Range(0, r.FieldCount).Select(r.GetFieldType)];
            }

            var values = new object?[r.FieldCount];
            r.GetValues(values!);
            return values;
        }, ("last", last));
        return new Rows("r", [.. names.Select((name, i) => (name, ColumnOf(types[i], records.Column(v => v[i] is DBNull ? null : v[i]))))]);
    }

    private static Array ColumnOf(Type type, object?[] values) =>
        type == typeof(string) || values.Any(v => v is string) ? values.Column(v => v as string)
        : type == typeof(double) || values.Any(v => v is double) ? values.Column(v => v is null ? (double?)null : Convert.ToDouble(v))
        : type == typeof(int) ? values.Column(v => v is null ? (int?)null : Convert.ToInt32(v))
        : type == typeof(short) ? values.Column(v => v is null ? (short?)null : Convert.ToInt16(v))
        : type == typeof(bool) ? values.Column(v => v is null ? (bool?)null : Convert.ToBoolean(v))
        : values.Column(v => v is null ? (long?)null : Convert.ToInt64(v));
}
