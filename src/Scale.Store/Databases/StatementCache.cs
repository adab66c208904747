using Microsoft.Data.Sqlite;

namespace Scale.Store.Databases;

/// <summary>
/// Prepared statements of the one SQLite connection that writes: preparing costs there as much as running. PostgreSQL prepares by itself.
/// For one session at a time.
/// </summary>
internal sealed class StatementCache(SqliteConnection connection) : IDisposable
{
    private const int MaxStatements = 1_000;
    private const int MaxLength = 10_000;

    private readonly Dictionary<string, PreparedStatement> statements = [];

    /// <summary>The statement, until the next one is asked for.</summary>
    public PreparedStatement Get(string text)
    {
        if (!statements.TryGetValue(text, out var statement))
        {
            if (statements.Count >= MaxStatements || text.Length > MaxLength)
            {
                Dispose();
            }

            statements[text] = statement = new PreparedStatement(connection, text);
        }

        return statement;
    }

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }

        statements.Clear();
    }
}
