using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Scale.Store.Databases;

/// <summary>
/// One connection and, for writers, one transaction. Statements are written once for both databases (see <see cref="StatementText"/>).
/// What is not committed when the session is disposed is rolled back.
/// </summary>
/// <remarks>
/// What brings nothing back (<see cref="BulkInsert"/>, <see cref="Send(string, Rows, ValueTuple{string, object}[])"/>) is on its way when the call returns, and the caller
/// goes on meanwhile. Everything else waits for it first, so statements take effect in their order; if one failed, that shows at the next one or at the commit.
/// </remarks>
public sealed class Session : IAsyncDisposable
{
    /// <summary>Rows from which on a write is sent ahead.</summary>
    private const int WorthSending = 50;

    private static readonly ConcurrentDictionary<(string Sql, string Shape), string> PreparedTexts = new();

    private readonly DbConnection connection;
    private readonly DbTransaction? transaction;
    private readonly Action? release;
    private readonly Action? beforeStatement;
    private readonly StatementCache? statements;
    private readonly Func<Task<Session>>? aside;
    private Task onTheWay = Task.CompletedTask;

    internal Session(Provider provider, DbConnection connection, DbTransaction? transaction, Action? beforeStatement, Action? release, StatementCache? statements = null, Func<Task<Session>>? aside = null)
    {
        Provider = provider;
        this.connection = connection;
        this.transaction = transaction;
        this.beforeStatement = beforeStatement;
        this.release = release;
        this.statements = statements;
        this.aside = aside;
    }

    public Provider Provider { get; }

    /// <summary>For EF Core over the same connection and transaction.</summary>
    public DbConnection Connection
    {
        get
        {
            onTheWay.GetAwaiter().GetResult();
            return connection;
        }
    }

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

        await Settle();
        return await Run(sql, rows, arguments);
    }

    public async Task<int> Execute(string sql, IReadOnlyList<Rows> rowSets, params (string Name, object? Value)[] arguments)
    {
        await Settle();
        return await Run(sql, rowSets, arguments);
    }

    /// <summary>Runs a statement that joins a row set and of which nobody needs the outcome; an empty row set runs nothing.</summary>
    /// <param name="rows">Not to be changed any more.</param>
    public async Task Send(string sql, Rows rows, params (string Name, object? Value)[] arguments)
    {
        if (rows.Count > 0)
        {
            await Follow(rows.Count, () => Run(sql, rows, arguments));
        }
    }

    public Task<List<T>> Query<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments) => Query(sql, [], read, arguments);

    public Task<List<T>> Query<T>(string sql, Rows rows, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments) =>
        rows.Count == 0 ? Task.FromResult(new List<T>()) : Query(sql, [rows], read, arguments);

    public async Task<List<T>> Query<T>(string sql, IReadOnlyList<Rows> rowSets, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments)
    {
        await Settle();
        await using var use = Use(sql, rowSets, arguments);
        await using var reader = await use.Command.ExecuteReaderAsync();
        var results = new List<T>();
        while (await reader.ReadAsync())
        {
            results.Add(read(reader));
        }

        return results;
    }

    /// <summary>The first row, or <c>default</c> when there is none.</summary>
    public async Task<T?> QueryFirst<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] arguments)
    {
        await Settle();
        await using var use = Use(sql, [], arguments);
        await using var reader = await use.Command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? read(reader) : default;
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
        if (rows.Count > 0)
        {
            await Follow(rows.Count, () => connection is NpgsqlConnection postgres
                ? Databases.BulkInsert.Into(postgres, table, rows)
                : Databases.BulkInsert.Into((SqliteConnection)connection, table, rows));
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

    public async Task Commit()
    {
        await Settle();
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

    private async Task<long[]> TakeFromSequence(string table, int count)
    {
        // Mostly nobody else takes ids at the same time, so that two numbers tell them all.
        var next = $"SELECT nextval('{table}_id_seq') AS id FROM generate_series(1, @count)";
        var (lowest, highest) = await QueryFirst($"SELECT min(id), max(id) FROM ({next}) ids", r => (r.GetInt64(0), r.GetInt64(1)), ("count", count));
        return highest - lowest == count - 1
            ? [.. Enumerable.Range(0, count).Select(i => lowest + i)]
            : [.. await Query(next, r => r.GetInt64(0), ("count", count))];
    }

    /// <summary>Waits for what is on its way, before the next statement.</summary>
    private Task Settle()
    {
        beforeStatement?.Invoke();
        return onTheWay;
    }

    /// <summary>Lets a write follow what is on its way. A small one is not worth the change of threads.</summary>
    private async Task Follow(int rows, Func<Task> write)
    {
        beforeStatement?.Invoke();
        var before = onTheWay;
        if (rows < WorthSending)
        {
            await before;
            await write();
            return;
        }

        onTheWay = Task.Run(async () =>
        {
            await before;
            await write();
        });
    }

    private Task<int> Run(string sql, Rows rows, (string Name, object? Value)[] arguments) => connection is SqliteConnection sqlite && rows.Count >= RowByRow.FewRows
        ? Task.FromResult(ExecuteRowByRow(sqlite, sql, rows, arguments))
        : Run(sql, [rows], arguments);

    private async Task<int> Run(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments)
    {
        await using var use = Use(sql, rowSets, arguments);
        return await use.Command.ExecuteNonQueryAsync();
    }

    private int ExecuteRowByRow(SqliteConnection sqlite, string sql, Rows rows, (string Name, object? Value)[] arguments)
    {
        var shape = string.Concat(arguments.Select(a => a.Value is Array ? a.Name : "").Append(rows.Name)) + rows.Columns.Count;
        var text = PreparedTexts.GetOrAdd((sql, "row by row " + shape), _ => StatementText.ForSqlite(RowByRow.Text(sql, rows), [], arguments));
        return RowByRow.Execute(sqlite, text, rows, arguments.Select(a => (a.Name, SqliteParameter(a.Name, a.Value).Value!)));
    }

    private CommandUse Use(string sql, IReadOnlyList<Rows> rowSets, (string Name, object? Value)[] arguments)
    {
        var text = Text(sql, rowSets, arguments);
        var (command, isOwned) = statements?.Get(text) ?? (New(text), true);
        command.Transaction = transaction;
        foreach (var (name, value) in arguments)
        {
            command.Parameters.Add(Provider == Provider.Postgres ? PostgresParameter(name, value) : SqliteParameter(name, value));
        }

        foreach (var rows in rowSets)
        {
            if (Provider == Provider.Sqlite)
            {
                command.Parameters.Add(new SqliteParameter(rows.Name, StatementText.Json(rows)));
                continue;
            }

            foreach (var (name, values) in rows.Columns)
            {
                command.Parameters.Add(PostgresParameter($"{rows.Name}_{name}", values));
            }
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

    private static SqliteParameter SqliteParameter(string name, object? value) => new(name, value switch
    {
        null => DBNull.Value,
        DateTime moment => Time.ToMicroseconds(moment),
        Enum number => Convert.ToInt64(number),
        Array values and not byte[] => StatementText.Json(values),
        _ => value,
    });

    private static NpgsqlParameter PostgresParameter(string name, object? value) => value switch
    {
        null => new NpgsqlParameter(name, DBNull.Value),
        DateTime moment => new NpgsqlParameter(name, NpgsqlDbType.Bigint) { Value = Time.ToMicroseconds(moment) },
        Enum number => new NpgsqlParameter(name, NpgsqlDbType.Smallint) { Value = Convert.ToInt16(number) },
        Array values => new NpgsqlParameter(name, NpgsqlDbType.Array | ElementType(values)) { Value = values },
        _ => new NpgsqlParameter(name, value),
    };

    private static NpgsqlDbType ElementType(Array values) => values switch
    {
        long[] or long?[] => NpgsqlDbType.Bigint,
        int[] or int?[] => NpgsqlDbType.Integer,
        short[] or short?[] => NpgsqlDbType.Smallint,
        bool[] or bool?[] => NpgsqlDbType.Boolean,
        double[] or double?[] => NpgsqlDbType.Double,
        string?[] => NpgsqlDbType.Text,
        _ => throw new NotSupportedException($"Arrays of {values.GetType().GetElementType()!.Name} can't be bound."),
    };
}
