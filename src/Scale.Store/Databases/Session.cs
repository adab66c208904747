using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Scale.Store.Databases;

/// <summary>
/// One connection and, for writers, one transaction. Statements are written once for both databases (see <see cref="StatementText"/>).
/// What is not committed when the session is disposed is rolled back.
/// </summary>
public sealed class Session : IAsyncDisposable
{
    /// <summary>Rows from which on COPY is cheaper than a statement that waits to be sent with others.</summary>
    private const int ManyRows = 50;

    private static readonly ConcurrentDictionary<(string Sql, string Shape), string> PreparedTexts = new();

    private readonly DbConnection connection;
    private readonly DbTransaction? transaction;
    private readonly Action? release;
    private readonly Action? beforeStatement;
    private readonly StatementCache? statements;
    private readonly Pipeline? pipeline;
    private readonly bool isDeferring;

    /// <param name="isDeferring">What is sent waits for the next statement whose answer is needed.</param>
    internal Session(NpgsqlConnection connection, NpgsqlTransaction? transaction, Action? beforeStatement, bool isDeferring = false)
    {
        Provider = Provider.Postgres;
        this.connection = connection;
        this.transaction = transaction;
        this.beforeStatement = beforeStatement;
        this.isDeferring = isDeferring;
        pipeline = new Pipeline(connection, transaction);
    }

    internal Session(SqliteConnection connection, SqliteTransaction? transaction, Action? beforeStatement, Action? release = null, StatementCache? statements = null)
    {
        Provider = Provider.Sqlite;
        this.connection = connection;
        this.transaction = transaction;
        this.beforeStatement = beforeStatement;
        this.release = release;
        this.statements = statements;
    }

    public Provider Provider { get; }

    /// <summary>For EF Core over the same connection and transaction.</summary>
    public DbConnection Connection => connection;

    public DbTransaction? Transaction => transaction;

    /// <summary>Runs a statement; returns the number of rows it touched.</summary>
    public Task<int> Execute(string sql, params (string Name, object? Value)[] arguments) => Execute(sql, [], arguments);

    /// <summary>Runs a statement that joins row sets; an empty row set runs nothing.</summary>
    public async Task<int> Execute(string sql, Rows rows, params (string Name, object? Value)[] arguments) =>
        rows.Count == 0 ? 0
        : connection is SqliteConnection sqlite && rows.Count >= RowByRow.FewRows ? ExecuteRowByRow(sqlite, sql, rows, arguments)
        : await Execute(sql, [rows], arguments);

    public async Task<int> Execute(string sql, IReadOnlyList<Rows> rowSets, params (string Name, object? Value)[] arguments)
    {
        if (pipeline is not null)
        {
            var added = Add(pipeline, sql, rowSets, arguments, null);
            await pipeline.Run();
            return (int)added.RecordsAffected;
        }

        await using var use = Use(sql, rowSets, arguments);
        return await use.Command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Runs a statement of which nobody needs to know how many rows it touched. A transaction of the leader sends it together with the next one whose answer
    /// is needed, at the latest with the commit, which fails if it fails.
    /// </summary>
    public Task Send(string sql, Rows rows, params (string Name, object? Value)[] arguments) => rows.Count == 0 ? Task.CompletedTask
        : isDeferring ? Defer(sql, [rows], arguments)
        : Execute(sql, rows, arguments);

    public Task Send(string sql, params (string Name, object? Value)[] arguments) => isDeferring ? Defer(sql, [], arguments) : Execute(sql, arguments);

    public Task<List<T>> Query<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments) => Query(sql, [], read, arguments);

    public Task<List<T>> Query<T>(string sql, Rows rows, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments) =>
        rows.Count == 0 ? Task.FromResult(new List<T>()) : Query(sql, [rows], read, arguments);

    public async Task<List<T>> Query<T>(string sql, IReadOnlyList<Rows> rowSets, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments)
    {
        var results = new List<T>();
        await Run(sql, rowSets, arguments, r => results.Add(read(r)));
        return results;
    }

    /// <summary>The first row, or <c>default</c> when there is none.</summary>
    public async Task<T?> QueryFirst<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments)
    {
        var (isRead, result) = (false, default(T));
        await Run(sql, [], arguments, r => (isRead, result) = (true, isRead ? result : read(r)));
        return result;
    }

    /// <summary>Asks now, and gets the answer when it is awaited: what is asked one after the other before is sent together.</summary>
    public Reply<List<T>> Ask<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments)
    {
        if (pipeline is null)
        {
            return new Reply<List<T>>(Query(sql, read, arguments));
        }

        var results = new List<T>();
        Add(pipeline, sql, [], arguments, r => results.Add(read(r)));
        return new Reply<List<T>>(pipeline, results);
    }

    /// <summary>Inserts one row and returns its id.</summary>
    public async Task<long> Insert(string table, params (string Name, object? Value)[] values)
    {
        var sql = $"INSERT INTO {table} ({string.Join(", ", values.Select(v => v.Name))}) VALUES ({string.Join(", ", values.Select(v => "@" + v.Name))}) RETURNING id";
        return await QueryFirst(sql, reader => reader.GetInt64(0), values);
    }

    /// <summary>Inserts many rows: COPY on PostgreSQL, one prepared statement on SQLite.</summary>
    public async Task BulkInsert(string table, Rows rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        if (isDeferring && rows.Count < ManyRows)
        {
            var columns = string.Join(", ", rows.Columns.Select(c => c.Name));
            await Defer($"INSERT INTO {table} ({columns}) SELECT {columns} FROM {{{rows.Name}}}", [rows], []);
            return;
        }

        beforeStatement?.Invoke();
        if (pipeline is not null)
        {
            await pipeline.Run();
            await Databases.BulkInsert.Into((NpgsqlConnection)connection, table, rows);
        }
        else
        {
            Databases.BulkInsert.Into((SqliteConnection)connection, table, rows);
        }
    }

    /// <summary>Reserves <paramref name="count"/> ids of a table, ascending, for rows that this transaction inserts.</summary>
    public async Task<long[]> AllocateIds(string table, int count)
    {
        if (count == 0)
        {
            return [];
        }

        if (Provider == Provider.Postgres)
        {
            // Mostly nobody else takes ids at the same time, so that two numbers tell them all.
            var next = $"SELECT nextval('{table}_id_seq') AS id FROM generate_series(1, @count)";
            var (lowest, highest) = await QueryFirst($"SELECT min(id), max(id) FROM ({next}) ids", r => (r.GetInt64(0), r.GetInt64(1)), ("count", count));
            return highest - lowest == count - 1
                ? [.. Enumerable.Range(0, count).Select(i => lowest + i)]
                : [.. await Query(next, r => r.GetInt64(0), ("count", count))];
        }

        var last = await QueryFirst("SELECT seq FROM sqlite_sequence WHERE name = @table", r => r.GetInt64(0), ("table", table));
        var updated = await Execute("UPDATE sqlite_sequence SET seq = seq + @count WHERE name = @table", ("table", table), ("count", count));
        if (updated == 0)
        {
            await Execute("INSERT INTO sqlite_sequence (name, seq) VALUES (@table, @count)", ("table", table), ("count", count));
        }

        var first = last + 1;
        return [.. Enumerable.Range(0, count).Select(i => first + i)];
    }

    /// <summary>Runs what was sent and still waits.</summary>
    public Task Flush() => pipeline?.Run() ?? Task.CompletedTask;

    public async Task Commit()
    {
        beforeStatement?.Invoke();
        await Flush();
        await (transaction ?? throw new InvalidOperationException("A read session has nothing to commit.")).CommitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (transaction is not null)
            {
                await transaction.DisposeAsync();
            }

            if (release is null)
            {
                await connection.DisposeAsync();
            }
        }
        finally
        {
            release?.Invoke();
        }
    }

    private int ExecuteRowByRow(SqliteConnection sqlite, string sql, Rows rows, (string Name, object? Value)[] arguments)
    {
        beforeStatement?.Invoke();
        var shape = string.Concat(arguments.Select(a => a.Value is Array ? a.Name : "").Append(rows.Name)) + rows.Columns.Count;
        var text = PreparedTexts.GetOrAdd((sql, "row by row " + shape), _ => StatementText.ForSqlite(RowByRow.Text(sql, rows), [], arguments));
        return RowByRow.Execute(sqlite, text, rows, arguments.Select(a => (a.Name, Parameters.Sqlite(a.Name, a.Value).Value!)));
    }

    private async Task Run(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments, Action<DbDataReader> read)
    {
        if (pipeline is not null)
        {
            Add(pipeline, sql, rowSets, arguments, read);
            await pipeline.Run();
            return;
        }

        await using var use = Use(sql, rowSets, arguments);
        await using var reader = await use.Command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            read(reader);
        }
    }

    private Task Defer(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments)
    {
        Add(pipeline!, sql, rowSets, arguments, null);
        return Task.CompletedTask;
    }

    private NpgsqlBatchCommand Add(Pipeline waiting, string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments, Action<DbDataReader>? read)
    {
        beforeStatement?.Invoke();
        var command = new NpgsqlBatchCommand(Text(sql, rowSets, arguments));
        foreach (var (name, value) in arguments)
        {
            command.Parameters.Add(Parameters.Postgres(name, value));
        }

        foreach (var rows in rowSets)
        {
            foreach (var (name, values) in rows.Columns)
            {
                command.Parameters.Add(Parameters.Postgres($"{rows.Name}_{name}", values));
            }
        }

        waiting.Add(command, read);
        return command;
    }

    /// <summary>A command on SQLite.</summary>
    private CommandUse Use(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments)
    {
        beforeStatement?.Invoke();
        var text = Text(sql, rowSets, arguments);
        var (command, isOwned) = statements?.Get(text) ?? (New(text), true);
        command.Transaction = transaction;
        foreach (var (name, value) in arguments)
        {
            command.Parameters.Add(Parameters.Sqlite(name, value));
        }

        foreach (var rows in rowSets)
        {
            command.Parameters.Add(new SqliteParameter(rows.Name, StatementText.Json(rows)));
        }

        return new CommandUse(command, isOwned);
    }

    private DbCommand New(string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    private string Text(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments)
    {
        // The same text always comes with the same names and kinds, so provider and the text are the whole key but for arrays.
        var shape = $"{(int)Provider}{string.Concat(arguments.Select(a => a.Value is Array ? a.Name : ""))}{string.Concat(rowSets.Select(r => r.Name + r.Columns.Count))}";
        return PreparedTexts.GetOrAdd((sql, shape), _ => Provider == Provider.Postgres
            ? StatementText.ForPostgres(sql, rowSets, arguments)
            : StatementText.ForSqlite(sql, rowSets, arguments));
    }
}
