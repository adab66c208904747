using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Scale.Store.Databases;

/// <summary>
/// Prepared statements of the one SQLite connection that writes: preparing costs there as much as running. PostgreSQL prepares by itself.
/// For one session at a time.
/// </summary>
internal sealed class StatementCache(SqliteConnection connection) : IDisposable
{
    private const int MaxStatements = 500;
    private const int MaxLength = 10_000;

    private readonly Dictionary<string, SqliteCommand> commands = [];
    private readonly Dictionary<string, PreparedStatement> prepared = [];

    /// <summary>A command for the text without arguments, and whether the caller has to dispose of it.</summary>
    public (SqliteCommand Command, bool IsOwned) Get(string text)
    {
        if (text.Length > MaxLength)
        {
            return (New(text), true);
        }

        if (!commands.TryGetValue(text, out var command))
        {
            Forget(commands);
            commands[text] = command = New(text);
        }

        command.Parameters.Clear();
        return (command, false);
    }

    /// <summary>The statement to be run for one row after the other.</summary>
    public PreparedStatement ForRows(string text)
    {
        if (!prepared.TryGetValue(text, out var statement))
        {
            Forget(prepared);
            prepared[text] = statement = new PreparedStatement(connection, text);
        }

        return statement;
    }

    public void Dispose()
    {
        Forget(commands, most: 0);
        Forget(prepared, most: 0);
    }

    private static void Forget<T>(Dictionary<string, T> statements, int most = MaxStatements - 1)
        where T : IDisposable
    {
        if (statements.Count > most)
        {
            foreach (var statement in statements.Values)
            {
                statement.Dispose();
            }

            statements.Clear();
        }
    }

    private SqliteCommand New(string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }
}

/// <summary>A command for one execution.</summary>
internal readonly struct CommandUse(DbCommand command, bool isOwned) : IAsyncDisposable
{
    public DbCommand Command => command;

    public ValueTask DisposeAsync() => isOwned ? command.DisposeAsync() : ValueTask.CompletedTask;
}
