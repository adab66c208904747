using System.Collections.Concurrent;
using Npgsql;
using Scale.Store.Databases;

namespace Scale.Tests.Databases;

/// <summary>A fresh database for one test, dropped with it. PostgreSQL comes from SCALE_TEST_POSTGRES, which <c>./scale test</c> sets.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private const string ServerVariable = "SCALE_TEST_POSTGRES";

    /// <summary>By server: a database with the schema and nothing else, made once.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Template = new();

    private readonly Func<ValueTask> drop;

    private TestDatabase(Database database, string connection, Func<ValueTask> drop)
    {
        Database = database;
        Connection = connection;
        this.drop = drop;
    }

    public Database Database { get; }

    /// <summary>File path or connection string.</summary>
    public string Connection { get; }

    /// <summary>Both providers, for theories: <c>[MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]</c>.</summary>
    public static TheoryData<Provider> Providers => [Provider.Sqlite, Provider.Postgres];

    public static Task<TestDatabase> Create(Provider provider, TimeProvider? clock = null) =>
        provider == Provider.Sqlite ? CreateSqlite(clock ?? TimeProvider.System) : CreatePostgres(clock ?? TimeProvider.System);

    private static async Task<TestDatabase> CreateSqlite(TimeProvider clock)
    {
        var folder = Directory.CreateTempSubdirectory("scale-test-");
        var path = Path.Combine(folder.FullName, "scale.db");
        var database = await Database.OpenSqlite(path, clock);
        return new TestDatabase(database, path, () =>
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearPool(new Microsoft.Data.Sqlite.SqliteConnection(database.ConnectionString));
            folder.Delete(recursive: true);
            return ValueTask.CompletedTask;
        });
    }

    private static async Task<TestDatabase> CreatePostgres(TimeProvider clock)
    {
        var server = Environment.GetEnvironmentVariable(ServerVariable)
            ?? throw new InvalidOperationException($"{ServerVariable} is not set: run ./scale test, or set it to the connection string of a PostgreSQL server for tests.");
        var template = await Template.GetOrAdd(server, s => new(() => CreateTemplate(s))).Value;
        var name = "scale_test_" + Guid.NewGuid().ToString("N");
        await Run(server, $"CREATE DATABASE {name} TEMPLATE {template}");
        var connection = new NpgsqlConnectionStringBuilder(server) { Database = name, MaxPoolSize = 10 }.ConnectionString;
        var database = await Database.OpenPostgres(connection, clock);
        return new TestDatabase(database, connection, async () => await Run(server, $"DROP DATABASE {name} WITH (FORCE)"));
    }

    /// <summary>Copying a database is several times quicker than running the schema's scripts in it.</summary>
    private static async Task<string> CreateTemplate(string server)
    {
        var name = "scale_test_template_" + Guid.NewGuid().ToString("N");
        await Run(server, $"CREATE DATABASE {name}");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Run(server, $"DROP DATABASE IF EXISTS {name}").Wait();
        await using var database = await Database.OpenPostgres(new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false }.ConnectionString, TimeProvider.System);
        return name;
    }

    private static async Task Run(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await drop();
    }
}
