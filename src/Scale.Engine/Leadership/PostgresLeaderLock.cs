using System.Data.Common;
using Npgsql;

namespace Scale.Engine.Leadership;

/// <summary>The lock for PostgreSQL: an advisory lock that lives as long as its own connection.</summary>
public sealed class PostgresLeaderLock(string connectionString) : ILeaderLock
{
    private const long Key = 0x5343414C454C; // any number that nothing else locks in this database

    private NpgsqlConnection? connection;

    public async Task<bool> TryAcquire(CancellationToken cancel)
    {
        if (await IsHeld(cancel))
        {
            return true;
        }

        await Release();
        var candidate = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = 10 }.ConnectionString);
        try
        {
            await candidate.OpenAsync(cancel);
            if (!await Ask(candidate, $"SELECT pg_try_advisory_lock({Key})", cancel))
            {
                await candidate.DisposeAsync();
                return false;
            }
        }
        catch
        {
            await candidate.DisposeAsync();
            throw;
        }

        connection = candidate;
        return true;
    }

    public async ValueTask Release()
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
            connection = null;
        }
    }

    public ValueTask DisposeAsync() => Release();

    /// <summary>A connection that broke has taken its lock with it.</summary>
    private async Task<bool> IsHeld(CancellationToken cancel)
    {
        try
        {
            return connection is not null && await Ask(connection, "SELECT TRUE", cancel);
        }
        catch (DbException)
        {
            return false;
        }
    }

    private static async Task<bool> Ask(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancel) is true;
    }
}
