using System.Data.Common;
using Scale.Store.Databases;

namespace Scale.Store.JobTypes;

/// <param name="Value">Encrypted, but for rows that <see cref="SecretStore.Plain"/> gives.</param>
public sealed record StoredSecret(string Owner, string Name, string Value);

/// <summary>Rows of secrets. Encrypting is the engine's work: what comes here is encrypted already.</summary>
public static class SecretStore
{
    public static string OwnerOf(long jobTypeId) => $"job_type/{jobTypeId}";

    /// <summary>Inserts or replaces by owner and name.</summary>
    public static async Task Save(Session session, IReadOnlyCollection<StoredSecret> secrets, DateTime now)
    {
        foreach (var secret in secrets)
        {
            await session.Execute(
                """
                INSERT INTO secret (owner, name, value, is_encrypted, last_modified) VALUES (@owner, @name, @value, @yes, @now)
                ON CONFLICT (owner, name) DO UPDATE SET value = excluded.value, is_encrypted = excluded.is_encrypted, last_modified = excluded.last_modified
                """,
                ("owner", secret.Owner), ("name", secret.Name), ("value", secret.Value), ("yes", true), ("now", now));
        }
    }

    public static Task Remove(Session session, string owner, IReadOnlyCollection<string> names) => names.Count == 0
        ? Task.CompletedTask
        : session.Execute("DELETE FROM secret WHERE owner = @owner AND name IN @names", ("owner", owner), ("names", names.ToArray()));

    /// <summary>Names of the secrets of an owner that have a value.</summary>
    public static Task<List<string>> Names(Session session, string owner) =>
        session.Query("SELECT name FROM secret WHERE owner = @owner", r => r.GetString(0), ("owner", owner));

    public static Task<List<StoredSecret>> Of(Session session, IReadOnlyCollection<string> owners) => owners.Count == 0 ? Task.FromResult(new List<StoredSecret>()) : session.Query(
        "SELECT owner, name, value FROM secret WHERE owner IN @owners AND is_encrypted = TRUE", Read, ("owners", owners.ToArray()));

    /// <summary>The one that was written last.</summary>
    public static Task<StoredSecret?> Latest(Session session) =>
        session.QueryFirst("SELECT owner, name, value FROM secret WHERE is_encrypted = TRUE ORDER BY last_modified DESC, owner, name LIMIT 1", Read);

    /// <summary>Those that were stored before values were encrypted.</summary>
    public static Task<List<StoredSecret>> Plain(Session session) => session.Query("SELECT owner, name, value FROM secret WHERE is_encrypted = FALSE", Read);

    /// <summary>Has SQLite overwrite, from here on, also pages that this program's writes make free; otherwise only what is replaced inside of a page is.</summary>
    public static Task OverwriteWhatIsReplaced(Session session) =>
        session.Provider == Provider.Sqlite ? session.QueryFirst("PRAGMA secure_delete = ON", r => r.GetValue(0)) : Task.CompletedTask;

    private static StoredSecret Read(DbDataReader r) => new(r.GetString(0), r.GetString(1), r.GetString(2));
}
