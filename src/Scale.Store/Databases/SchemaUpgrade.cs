using System.Reflection;

namespace Scale.Store.Databases;

/// <summary>Applies the numbered scripts of <c>Schema/</c> that a database has not seen yet, each in its own transaction.</summary>
public static class SchemaUpgrade
{
    private const long PostgresLock = 0x5343414C45; // one upgrade at a time over all processes

    public static async Task Run(Database database, TimeProvider clock)
    {
        while (await ApplyNext(database, clock))
        {
        }
    }

    private static async Task<bool> ApplyNext(Database database, TimeProvider clock)
    {
        await using var session = await database.Write();
        if (database.Provider == Provider.Postgres)
        {
            await session.Execute("SELECT pg_advisory_xact_lock(@lock)", ("lock", PostgresLock));
        }

        await session.Execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY, applied BIGINT NOT NULL)");
        var current = await session.QueryFirst("SELECT coalesce(max(version), 0) FROM schema_version", r => r.GetInt32(0));
        var scripts = Scripts(database.Provider);
        if (current > scripts.Count)
        {
            throw new InvalidOperationException($"The database has schema version {current}, this program knows {scripts.Count}. Start a newer program.");
        }

        if (current == scripts.Count)
        {
            await session.Commit();
            return false;
        }

        await Apply(session, scripts[current]);
        await session.Execute("INSERT INTO schema_version (version, applied) VALUES (@version, @now)", ("version", current + 1), ("now", Time.Now(clock)));
        await session.Commit();
        return true;
    }

    /// <summary>However long it takes: rows and indexes of a big database are not rewritten in the time that other statements have.</summary>
    private static async Task Apply(Session session, string script)
    {
        await using var command = session.Connection.CreateCommand();
        command.Transaction = session.Transaction;
        command.CommandText = script;
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Scripts of one provider in order; script n is at index n - 1.</summary>
    public static IReadOnlyList<string> Scripts(Provider provider)
    {
        var suffix = provider == Provider.Postgres ? ".postgres.sql" : ".sqlite.sql";
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(suffix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => new StreamReader(assembly.GetManifestResourceStream(name)!).ReadToEnd())];
    }
}
