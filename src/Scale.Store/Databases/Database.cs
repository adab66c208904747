using System.Data;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Scale.Store.Databases;

/// <summary>
/// Where everything is remembered: an SQLite file or a PostgreSQL database. On SQLite one writer at a time is let in,
/// in the order of asking; readers never wait.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    // Statements here are short: compiling one takes longer than running it. And pages of an index are no dearer than those of a table, on any disk of today.
    private const string SessionSettings = "-c jit=off -c random_page_cost=1.1";

    // Readers write nothing but what is taken or made aside for a transaction, whose own commit makes all that was written before it durable.
    private const string ReaderSettings = "-c synchronous_commit=off";

    // Writes find their rows by key, a few thousand at a time. Planned once and for all they look each one up; planned for the values at hand, with statistics
    // that lag behind a table that fills, they start from the guards instead and read the whole table.
    private const string WriterSettings = "-c plan_cache_mode=force_generic_plan";

    private readonly string connectionString;
    private readonly NpgsqlDataSource? postgres;
    private readonly NpgsqlDataSource? postgresWriters;
    private readonly PlanAges? plans;
    private readonly SqliteConnection? writer;
    private readonly StatementCache? writerStatements;
    private readonly SemaphoreSlim writerTurn = new(1, 1);

    private Database(string connectionString, NpgsqlDataSource readers, NpgsqlDataSource writers, PlanAges plans)
    {
        Provider = Provider.Postgres;
        (this.connectionString, postgres, postgresWriters, this.plans) = (connectionString, readers, writers, plans);
    }

    private Database(string connectionString, SqliteConnection writer)
    {
        Provider = Provider.Sqlite;
        (this.connectionString, this.writer, writerStatements) = (connectionString, writer, new StatementCache(writer));
    }

    public Provider Provider { get; }

    /// <summary>Called before every statement and commit; a test throws here to crash the engine between any two of them.</summary>
    public Action? BeforeStatement { get; set; }

    /// <summary>For EF Core reads.</summary>
    public string ConnectionString => connectionString;

    public NpgsqlDataSource? PostgresSource => postgres;

    /// <summary>Opens, and upgrades the schema when it is older than this program.</summary>
    /// <param name="path">File of an SQLite database, created when absent; its folder must exist.</param>
    public static async Task<Database> OpenSqlite(string path, TimeProvider clock)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 30, Pooling = true }.ToString();
        var writer = new SqliteConnection(connectionString);
        await writer.OpenAsync();
        await using (var settings = writer.CreateCommand())
        {
            // With WAL, NORMAL loses nothing when the process dies; only a power failure may undo the last commits, never tear them.
            // The same pages are written over and over while a batch runs, so they are carried from the log into the file rarely: every 32 MiB of log.
            settings.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
                + "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 8192; PRAGMA secure_delete = FAST";
            await settings.ExecuteNonQueryAsync();
        }

        var database = new Database(connectionString, writer);
        await SchemaUpgrade.Run(database, clock);
        return database;
    }

    /// <param name="connectionString">Npgsql form, <c>Host=...;Database=...</c>.</param>
    public static async Task<Database> OpenPostgres(string connectionString, TimeProvider clock)
    {
        var database = new Database(
            connectionString, Source(connectionString, $"{SessionSettings} {ReaderSettings}"), Source(connectionString, $"{SessionSettings} {WriterSettings}"), new PlanAges(clock));
        await SchemaUpgrade.Run(database, clock);
        return database;
    }

    // Nobody leaves anything behind in a session, so that there is nothing to reset before its next use.
    private static NpgsqlDataSource Source(string connectionString, string options)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 200, AutoPrepareMinUsages = 2, NoResetOnClose = true };
        settings.Options = $"{options} {settings.Options}".TrimEnd();
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    /// <summary>A session that only reads.</summary>
    public async Task<Session> Read(CancellationToken cancel = default)
    {
        if (postgres is not null)
        {
            return new Session(await postgres.OpenConnectionAsync(cancel), null, BeforeStatement);
        }

        var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync(cancel);
        return new Session(connection, null, BeforeStatement);
    }

    /// <summary>A session with a transaction; nothing of it is seen by others until <see cref="Session.Commit"/>.</summary>
    /// <param name="isDeferring">See <see cref="Session.Send(string, Rows, ValueTuple{string, object?}[])"/>; nothing else may use its connection then.</param>
    public async Task<Session> Write(CancellationToken cancel = default, bool isDeferring = false)
    {
        if (postgresWriters is not null)
        {
            var connection = await postgresWriters.OpenConnectionAsync(cancel);
            await plans!.Renew(connection, cancel);
            return new Session(connection, await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancel), BeforeStatement, isDeferring, () => Read());
        }

        await writerTurn.WaitAsync(cancel);
        try
        {
            BeforeStatement?.Invoke();
            return new Session(writer!, writer!.BeginTransaction(deferred: false), BeforeStatement, () => writerTurn.Release(), writerStatements, isDeferring);
        }
        catch
        {
            writerTurn.Release();
            throw;
        }
    }

    /// <summary>Empties SQLite's log, which keeps former contents of pages until they are overwritten; does nothing while somebody reads from it.</summary>
    /// <param name="everywhere">Also writes the whole file anew, without what it holds in unused places.</param>
    public void ForgetReplaced(bool everywhere = false)
    {
        if (postgres is null)
        {
            using var connection = new SqliteConnection(connectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = (everywhere ? "VACUUM; " : "") + "PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (postgres is not null)
        {
            await postgres.DisposeAsync();
            await postgresWriters!.DisposeAsync();
        }

        if (writer is not null)
        {
            writerStatements!.Dispose();
            await writer.DisposeAsync();
        }

        writerTurn.Dispose();
    }
}
