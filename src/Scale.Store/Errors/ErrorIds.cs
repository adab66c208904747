using Scale.Model.Errors;
using Scale.Store.Databases;

namespace Scale.Store.Errors;

/// <summary>Names an error: builtin ones have no job type name.</summary>
public readonly record struct ErrorKey(string Name, string? JobTypeName);

/// <summary>What the engine needs of a stored error.</summary>
public readonly record struct StoredError(long Id, bool ShouldBeRetried);

public static class ErrorIds
{
    /// <summary>Writes the builtin errors that are missing (jobs-and-queue.md §13.10); existing rows stay as they are.</summary>
    public static Task SeedBuiltin(Session session, DateTime now) => session.Execute(
        """
        INSERT INTO error (name, title, description, job_type_name, category, is_builtin, should_be_retried, created, last_modified)
        SELECT v.name, v.title, v.description, NULL, v.category, TRUE, v.should_be_retried, @now, @now FROM {v}
        WHERE NOT EXISTS (SELECT 1 FROM error e WHERE e.name = v.name AND coalesce(e.job_type_name, '') = '')
        """,
        new Rows("v",
            ("name", BuiltinErrors.All.Select(e => e.Name).ToArray()),
            ("title", BuiltinErrors.All.Select(e => e.Title).ToArray()),
            ("description", BuiltinErrors.All.Select(e => e.Description).ToArray()),
            ("category", BuiltinErrors.All.Select(e => (short)e.Category).ToArray()),
            ("should_be_retried", BuiltinErrors.All.Select(e => e.ShouldBeRetried).ToArray())),
        ("now", now));

    /// <summary>Stored errors by key; unknown ones are left out.</summary>
    public static async Task<Dictionary<ErrorKey, StoredError>> Find(Session session, IEnumerable<ErrorKey> keys)
    {
        var wanted = keys.Distinct().ToList();
        var found = await session.Query(
            """
            SELECT e.name, e.job_type_name, e.id, e.should_be_retried FROM {v}
            JOIN error e ON coalesce(e.job_type_name, '') = v.job_type_name AND e.name = v.name
            """,
            new Rows("v", ("name", wanted.Select(k => k.Name).ToArray()), ("job_type_name", wanted.Select(k => k.JobTypeName ?? "").ToArray())),
            r => (Key: new ErrorKey(r.GetString(0), r.Text(1)), Error: new StoredError(r.GetInt64(2), r.GetBoolean(3))));
        return found.ToDictionary(e => e.Key, e => e.Error);
    }

    /// <summary>Stored errors by id.</summary>
    public static async Task<Dictionary<long, StoredError>> Find(Session session, long[] ids)
    {
        var found = await session.Query("SELECT id, should_be_retried FROM error WHERE id IN @ids", r => new StoredError(r.GetInt64(0), r.GetBoolean(1)), ("ids", ids));
        return found.ToDictionary(e => e.Id);
    }
}
