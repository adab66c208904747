using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>What jobs of one class have in common.</summary>
/// <param name="Resources">Canonical text of what one of them takes from a node.</param>
public readonly record struct QueueClassKey(long JobTypeId, int Priority, string Resources);

/// <param name="ClassId">Negative while its batch is paused, so that nothing which serves classes ever meets it.</param>
/// <param name="Timeout">Seconds that main may run, pinned when it was queued.</param>
public readonly record struct QueueEntry(long JobId, int ExeNum, long ClassId, int Timeout, DateTime Queued);

/// <summary>The queue's rows: one per QUEUED job, found by class and order of service (jobs-and-queue.md §13.3).</summary>
public static class QueueStore
{
    /// <summary>Ids of classes, made where they are new.</summary>
    public static async Task<Dictionary<QueueClassKey, long>> UpsertClasses(Session session, IReadOnlyCollection<QueueClassKey> keys)
    {
        var rows = new Rows("v",
            ("job_type_id", keys.Select(k => k.JobTypeId).ToArray()),
            ("priority", keys.Select(k => k.Priority).ToArray()),
            ("resources", keys.Select(k => k.Resources).ToArray()));
        await session.Execute(
            "INSERT INTO queue_class (job_type_id, priority, resources) SELECT job_type_id, priority, resources FROM {v} WHERE TRUE ON CONFLICT (job_type_id, priority, resources) DO NOTHING",
            rows);
        var found = await session.Query(
            "SELECT c.id, c.job_type_id, c.priority, c.resources FROM {v} JOIN queue_class c ON c.job_type_id = v.job_type_id AND c.priority = v.priority AND c.resources = v.resources",
            rows,
            r => (Id: r.GetInt64(0), Key: new QueueClassKey(r.GetInt64(1), r.GetInt32(2), r.GetString(3))));
        return found.ToDictionary(c => c.Key, c => c.Id);
    }

    /// <summary>Every class that has jobs, and how many: read once when a leader starts.</summary>
    public static Task<List<(long ClassId, QueueClassKey Key, long Waiting)>> Classes(Session session) => session.Query(
        """
        SELECT c.id, c.job_type_id, c.priority, c.resources, n.waiting
        FROM (SELECT class_id, count(*) AS waiting FROM queue GROUP BY class_id) n JOIN queue_class c ON c.id = n.class_id
        """,
        r => (r.GetInt64(0), new QueueClassKey(r.GetInt64(1), r.GetInt32(2), r.GetString(3)), r.GetInt64(4)));

    /// <summary>How many jobs these classes have now; those without any too.</summary>
    public static Task<List<(long ClassId, QueueClassKey Key, long Waiting)>> Recount(Session session, IReadOnlyCollection<long> classIds) => session.Query(
        """
        SELECT c.id, c.job_type_id, c.priority, c.resources, (SELECT count(*) FROM queue q WHERE q.class_id = c.id)
        FROM queue_class c WHERE c.id IN @ids
        """,
        r => (r.GetInt64(0), new QueueClassKey(r.GetInt64(1), r.GetInt32(2), r.GetString(3)), r.GetInt64(4)),
        ("ids", classIds.ToArray()));

    /// <summary>The first <paramref name="limit"/> entries of each class in order of service.</summary>
    /// <param name="newestFirst">LIFO instead of FIFO.</param>
    public static async Task<List<QueueEntry>> Heads(Session session, IReadOnlyCollection<long> classIds, int limit, bool newestFirst)
    {
        var order = newestFirst ? "queued DESC, job_id DESC" : "queued, job_id";
        if (session.Provider == Provider.Postgres)
        {
            return await session.Query(
                $"""
                SELECT q.job_id, q.exe_num, q.class_id, q.timeout, q.queued FROM unnest(@ids) AS c (id)
                CROSS JOIN LATERAL (SELECT * FROM queue WHERE class_id = c.id ORDER BY {order} LIMIT @limit) AS q
                """,
                Read, ("ids", classIds.ToArray()), ("limit", limit));
        }

        // SQLite has no lateral joins; a statement per class costs no round trip there.
        var entries = new List<QueueEntry>();
        foreach (var id in classIds)
        {
            entries.AddRange(await session.Query(
                $"SELECT job_id, exe_num, class_id, timeout, queued FROM queue WHERE class_id = @id ORDER BY {order} LIMIT @limit",
                Read, ("id", id), ("limit", limit)));
        }

        return entries;
    }

    public static Task Insert(Session session, IReadOnlyCollection<QueueEntry> entries) => session.BulkInsert("queue", new Rows("v",
        ("job_id", entries.Select(e => e.JobId).ToArray()),
        ("exe_num", entries.Select(e => e.ExeNum).ToArray()),
        ("class_id", entries.Select(e => e.ClassId).ToArray()),
        ("timeout", entries.Select(e => e.Timeout).ToArray()),
        ("queued", entries.Select(e => e.Queued).ToArray())));

    /// <summary>Takes entries out if they are still those of these execution numbers.</summary>
    /// <returns>What was taken.</returns>
    public static Task<List<QueueEntry>> Take(Session session, IReadOnlyCollection<(long JobId, int ExeNum)> entries) => session.Query(
        // PostgreSQL may search the rows given for each one of the queue when they are a set that IN looks into; SQLite joins nothing to what it deletes from.
        session.Provider == Provider.Postgres
            ? "DELETE FROM queue USING {v} WHERE queue.job_id = v.job_id AND queue.exe_num = v.exe_num RETURNING queue.job_id, queue.exe_num, class_id, timeout, queued"
            : "DELETE FROM queue WHERE (job_id, exe_num) IN (SELECT job_id, exe_num FROM {v}) RETURNING job_id, exe_num, class_id, timeout, queued",
        new Rows("v", ("job_id", entries.Select(e => e.JobId).ToArray()), ("exe_num", entries.Select(e => e.ExeNum).ToArray())),
        Read);

    /// <summary>Takes the entries of these jobs out, whatever their execution number.</summary>
    public static Task<List<QueueEntry>> TakeJobs(Session session, IReadOnlyCollection<long> jobIds) => session.Query(
        "DELETE FROM queue WHERE job_id IN @ids RETURNING job_id, exe_num, class_id, timeout, queued",
        Read, ("ids", jobIds.ToArray()));

    /// <summary>Keeps entries of a batch from being served, or gives them back to their classes; lowest job ids first.</summary>
    /// <param name="after">Only entries of jobs behind this id.</param>
    /// <param name="window">How many entries are looked at.</param>
    /// <returns>Entries whose class was negated, as they are now, and the last job that was looked at; null when there is none left.</returns>
    public static async Task<(List<QueueEntry> Moved, long? Last)> Hold(Session session, long batchId, bool isHeld, long after, int window)
    {
        var last = await session.QueryFirst(
            "SELECT max(job_id) FROM (SELECT job_id FROM queue WHERE job_id > @after ORDER BY job_id LIMIT @window) w", r => r.Long(0), ("after", after), ("window", window));
        return last is null ? ([], null) : (await session.Query(
            """
            UPDATE queue SET class_id = -class_id
            WHERE job_id > @after AND job_id <= @last AND (class_id < 0) <> @held AND EXISTS (SELECT 1 FROM job j WHERE j.id = queue.job_id AND +j.batch_id = @batch)
            RETURNING job_id, exe_num, class_id, timeout, queued
            """,
            Read, ("batch", batchId), ("after", after), ("last", last), ("held", isHeld)), last);
    }

    /// <summary>What the jobs of classes have in common.</summary>
    public static async Task<Dictionary<long, QueueClassKey>> Keys(Session session, IReadOnlyCollection<long> classIds) => (await session.Query(
        "SELECT id, job_type_id, priority, resources FROM queue_class WHERE id IN @ids",
        r => (Id: r.GetInt64(0), Key: new QueueClassKey(r.GetInt64(1), r.GetInt32(2), r.GetString(3))),
        ("ids", classIds.ToArray()))).ToDictionary(c => c.Id, c => c.Key);

    private static QueueEntry Read(System.Data.Common.DbDataReader r) => new(r.GetInt64(0), r.GetInt32(1), r.GetInt64(2), r.GetInt32(3), r.Moment(4));
}
