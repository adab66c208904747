using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Scale.Store.Databases;

/// <summary>
/// One connection and, for writers, one transaction. Statements are written once for both databases (see <see cref="StatementText"/>).
/// What is not committed when the session is disposed is rolled back.
/// </summary>
/// <remarks>
/// A transaction of the leader defers: what brings nothing back (<see cref="BulkInsert"/>, <see cref="Send(string, Rows, ValueTuple{string, object}[])"/>) is on its way when the call
/// returns if it is many rows, so that the database writes while the leader goes on, and waits for the next statement that is asked if it is few, so that they share
/// one way there and back. Statements take effect in their order; if one failed, that shows at the next that is asked or at the commit.
/// </remarks>
public sealed class Session : IAsyncDisposable
{
    /// <summary>Rows from which on a write is worth a way of its own to the database.</summary>
    private const int ManyRows = 50;

    private static readonly ConcurrentDictionary<(string Sql, string Shape), string> PreparedTexts = new();

    private readonly DbConnection connection;
    private readonly DbTransaction? transaction;
    private readonly Action? release;
    private readonly Action? beforeStatement;
    private readonly StatementCache? statements;
    private readonly Pipeline? pipeline;
    private readonly bool isDeferring;
    private readonly Func<Task<Session>>? aside;
    private Task onTheWay = Task.CompletedTask;

    /// <param name="aside">Opens a session beside this one.</param>
    internal Session(NpgsqlConnection connection, NpgsqlTransaction? transaction, Action? beforeStatement, bool isDeferring = false, Func<Task<Session>>? aside = null)
    {
        Provider = Provider.Postgres;
        this.connection = connection;
        this.transaction = transaction;
        this.beforeStatement = beforeStatement;
        this.isDeferring = isDeferring;
        this.aside = aside;
        pipeline = new Pipeline(connection, transaction);
    }

    internal Session(SqliteConnection connection, SqliteTransaction? transaction, Action? beforeStatement, Action? release = null, StatementCache? statements = null, bool isDeferring = false)
    {
        Provider = Provider.Sqlite;
        this.isDeferring = isDeferring;
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
    public async Task<int> Execute(string sql, Rows rows, params (string Name, object? Value)[] arguments)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        if (statements is not null)
        {
            beforeStatement?.Invoke();
            await onTheWay;
            return ExecuteRowByRow(statements, sql, rows, arguments);
        }

        return await Execute(sql, [rows], arguments);
    }

    public async Task<int> Execute(string sql, IReadOnlyList<Rows> rowSets, params (string Name, object? Value)[] arguments)
    {
        if (pipeline is not null)
        {
            var added = Add(pipeline, sql, rowSets, arguments, null);
            await Flush();
            return (int)added.RecordsAffected;
        }

        return await RunOnSqlite(sql, rowSets, arguments, null);
    }

    /// <summary>Runs a statement of which nobody needs to know how many rows it touched; an empty row set runs nothing.</summary>
    /// <param name="rows">Not to be changed any more.</param>
    public async Task Send(string sql, Rows rows, params (string Name, object? Value)[] arguments)
    {
        if (!isDeferring || rows.Count == 0 || (pipeline is null && rows.Count < ManyRows))
        {
            await Execute(sql, rows, arguments);
        }
        else if (pipeline is null)
        {
            beforeStatement?.Invoke();
            Follow(() => Task.FromResult(ExecuteRowByRow(statements!, sql, rows, arguments)));
        }
        else
        {
            Add(pipeline, sql, [rows], arguments, null);
            if (rows.Count >= ManyRows)
            {
                Follow(pipeline.Take().Run);
            }
        }
    }

    public async Task Send(string sql, params (string Name, object? Value)[] arguments)
    {
        if (isDeferring && pipeline is not null)
        {
            Add(pipeline, sql, [], arguments, null);
        }
        else
        {
            await Execute(sql, arguments);
        }
    }

    public Task<List<T>> Query<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments) => Query(sql, [], read, arguments);

    /// <summary>Runs a statement that joins a row set; an empty row set runs nothing. Of an update, answers come in the order of the rows on SQLite only.</summary>
    public async Task<List<T>> Query<T>(string sql, Rows rows, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        if (statements is null || !RowByRow.IsUpdate(sql))
        {
            return await Query(sql, [rows], read, arguments);
        }

        beforeStatement?.Invoke();
        await onTheWay;
        var results = new List<T>();
        ExecuteRowByRow(statements, sql, rows, arguments, r => results.Add(read(r)));
        return results;
    }

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
        return new Reply<List<T>>(this, results);
    }

    /// <summary>Inserts one row and returns its id.</summary>
    public async Task<long> Insert(string table, params (string Name, object? Value)[] values)
    {
        var sql = $"INSERT INTO {table} ({string.Join(", ", values.Select(v => v.Name))}) VALUES ({string.Join(", ", values.Select(v => "@" + v.Name))}) RETURNING id";
        return await QueryFirst(sql, reader => reader.GetInt64(0), values);
    }

    /// <summary>Inserts many rows: COPY on PostgreSQL, one prepared statement on SQLite.</summary>
    /// <param name="rows">Not to be changed any more.</param>
    public async Task BulkInsert(string table, Rows rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        if (isDeferring && pipeline is not null && rows.Count < ManyRows)
        {
            var columns = string.Join(", ", rows.Columns.Select(c => c.Name));
            await Send($"INSERT INTO {table} ({columns}) SELECT {columns} FROM {{{rows.Name}}}", rows);
            return;
        }

        beforeStatement?.Invoke();
        var waiting = pipeline?.Take();
        if (isDeferring && rows.Count >= ManyRows)
        {
            Follow(Write);
        }
        else
        {
            await onTheWay;
            await Write();
        }

        async Task Write()
        {
            if (waiting is null)
            {
                Databases.BulkInsert.Into(statements!, table, rows);
            }
            else
            {
                await waiting.Run();
                await Databases.BulkInsert.Into((NpgsqlConnection)connection, table, rows);
            }
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
            // Taken ids stay taken whatever becomes of this transaction, so they need not wait for what is on its way in it.
            return onTheWay.IsCompleted ? await TakeFromSequence(table, count) : await Aside(session => session.TakeFromSequence(table, count));
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

    /// <summary>
    /// Does something that stays whatever becomes of this transaction, and that no other one has to wait for: on PostgreSQL beside it, committed at once. SQLite, which
    /// has one writer, does it inside.
    /// </summary>
    public async Task<T> Aside<T>(Func<Session, Task<T>> work)
    {
        if (aside is null)
        {
            return await work(this);
        }

        await using var other = await aside();
        return await work(other);
    }

    /// <summary>Runs what was sent and still waits, behind what is on its way.</summary>
    public async Task Flush()
    {
        await onTheWay;
        await (pipeline?.Run() ?? Task.CompletedTask);
    }

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
            await onTheWay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    private static int ExecuteRowByRow(StatementCache statements, string sql, Rows rows, (string Name, object? Value)[] arguments, Action<DbDataReader>? read = null)
    {
        var shape = string.Concat(arguments.Select(a => a.Value is Array ? a.Name : "").Append(rows.Name)) + rows.Columns.Count;
        var text = PreparedTexts.GetOrAdd((sql, "row by row " + shape), _ => StatementText.ForSqlite(RowByRow.Text(sql, rows), [], arguments));
        return RowByRow.Execute(statements.Get(text), rows, arguments.Select(a => (a.Name, Parameters.ForSqlite(a.Value))), read);
    }

    private async Task Run(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments, Action<DbDataReader> read)
    {
        if (pipeline is not null)
        {
            Add(pipeline, sql, rowSets, arguments, read);
            await Flush();
            return;
        }

        await RunOnSqlite(sql, rowSets, arguments, read);
    }

    private async Task<int> RunOnSqlite(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments, Action<DbDataReader>? read)
    {
        await onTheWay;
        beforeStatement?.Invoke();
        var parameters = arguments.Select(a => (a.Name, Value: Parameters.ForSqlite(a.Value))).Concat(rowSets.Select(rows => (rows.Name, Value: (object)StatementText.Json(rows))));
        var text = Text(sql, rowSets, arguments);
        if (statements is not null)
        {
            var statement = statements.Get(text);
            statement.Bind(parameters);
            return statement.Run(read);
        }

        await using var command = connection.CreateCommand();
        command.CommandText = text;
        command.Parameters.AddRange(parameters.Select(p => new SqliteParameter(p.Name, p.Value)).ToArray());
        await using var reader = await command.ExecuteReaderAsync();
        while (read is not null && await reader.ReadAsync())
        {
            read(reader);
        }

        return reader.RecordsAffected;
    }

    private void Follow(Func<Task> write)
    {
        var before = onTheWay;
        onTheWay = Task.Run(async () =>
        {
            await before;
            await write();
        });
    }

    private async Task<long[]> TakeFromSequence(string table, int count)
    {
        // Mostly nobody else takes ids at the same time, so that two numbers tell them all.
        var next = $"SELECT nextval('{table}_id_seq') AS id FROM generate_series(1, @count)";
        var (lowest, highest) = await QueryFirst($"SELECT min(id), max(id) FROM ({next}) ids", r => (r.GetInt64(0), r.GetInt64(1)), ("count", count));
        return highest - lowest == count - 1
            ? [.. Enumerable.Range(0, count).Select(i => lowest + i)]
            : [.. await Query(next, r => r.GetInt64(0), ("count", count))];
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

    private string Text(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments)
    {
        // The same text always comes with the same names and kinds, so provider and the text are the whole key but for arrays.
        var shape = $"{(int)Provider}{string.Concat(arguments.Select(a => a.Value is Array ? a.Name : ""))}{string.Concat(rowSets.Select(r => r.Name + r.Columns.Count))}";
        return PreparedTexts.GetOrAdd((sql, shape), _ => Provider == Provider.Postgres
            ? StatementText.ForPostgres(sql, rowSets, arguments)
            : StatementText.ForSqlite(sql, rowSets, arguments));
    }
}
