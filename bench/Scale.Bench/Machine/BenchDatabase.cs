using Npgsql;
using Scale.Store.Databases;

namespace Scale.Bench.Machine;

/// <summary>A database for one run, dropped with it.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly string? server;
    private readonly string? name;

    private BenchDatabase(Provider provider, string folder, string? server, string? name, string? connection)
    {
        Provider = provider;
        Folder = folder;
        this.server = server;
        this.name = name;
        PostgresConnection = connection;
    }

    public Provider Provider { get; }

    /// <summary>A data folder for a server.</summary>
    public string Folder { get; }

    /// <summary>Null for SQLite.</summary>
    public string? PostgresConnection { get; }

    /// <param name="server">Connection string of a PostgreSQL server that databases may be made on.</param>
    public static async Task<BenchDatabase> Create(Provider provider, string? server)
    {
        var folder = Directory.CreateTempSubdirectory("scale-bench-").FullName;
        if (provider == Provider.Sqlite)
        {
            return new BenchDatabase(provider, folder, null, null, null);
        }

        var name = "scale_bench_" + Guid.NewGuid().ToString("N");
        await Run(server!, $"CREATE DATABASE {name}");
        return new BenchDatabase(provider, folder, server, name, new NpgsqlConnectionStringBuilder(server!) { Database = name }.ConnectionString);
    }

    /// <summary>Opens it beside a server that may be using it.</summary>
    public Task<Database> Open() => PostgresConnection is { } connection
        ? Database.OpenPostgres(connection, TimeProvider.System)
        : Database.OpenSqlite(Path.Combine(Folder, "scale.db"), TimeProvider.System);

    /// <summary>Processor time of the database's own processes for this database; zero for SQLite, whose work is the server's.</summary>
    public async Task<TimeSpan> Processor()
    {
        if (server is null)
        {
            return TimeSpan.Zero;
        }

        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SELECT pid FROM pg_stat_activity WHERE datname = '{name}'", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var sum = TimeSpan.Zero;
        while (await reader.ReadAsync())
        {
            sum += ProcessUsage.Processor(reader.GetInt32(0));
        }

        return sum;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await Run(server, $"DROP DATABASE {name} WITH (FORCE)");
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task Run(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
