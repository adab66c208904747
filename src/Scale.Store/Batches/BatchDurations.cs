using Scale.Model.Batches;
using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>Which duration of a job is counted. The numbers are stored; never renumber.</summary>
public enum DurationKind : short
{
    /// <summary>Job ended - started.</summary>
    Job = 0,

    /// <summary>Main task of the last execution, end - start.</summary>
    Seed = 1,
}

/// <summary>One kept count: jobs of a batch node whose duration fell into one bucket of <see cref="DurationBuckets"/>.</summary>
public readonly record struct DurationBucket(long BatchId, string Node, DurationKind Kind, short Bucket)
{
    /// <returns>Null when a moment is missing, as it is for what never ran.</returns>
    public static DurationBucket? Of(long batchId, string node, DurationKind kind, DateTime? started, DateTime? ended) =>
        DurationDelta.Microseconds(started, ended) is { } duration ? new DurationBucket(batchId, node, kind, DurationBuckets.Of(duration)) : null;
}

/// <summary>Kept distributions of how long the jobs of batches took; moved by differences in the transaction that completes the jobs.</summary>
public static class BatchDurations
{
    private const string Columns = "batch_id, node_name, kind, bucket, jobs";

    public static Task Add(Session session, IReadOnlyCollection<KeyValuePair<DurationBucket, int>> counts)
    {
        var ordered = counts.OrderBy(c => c.Key.BatchId).ThenBy(c => c.Key.Node, StringComparer.Ordinal).ThenBy(c => c.Key.Kind).ThenBy(c => c.Key.Bucket).ToList();
        return session.Send(
            $$"""
            INSERT INTO batch_duration ({{Columns}}) SELECT {{Columns}} FROM {v} WHERE TRUE
            ON CONFLICT (batch_id, node_name, kind, bucket) DO UPDATE SET jobs = batch_duration.jobs + excluded.jobs
            """,
            new Rows("v",
                ("batch_id", ordered.Column(c => c.Key.BatchId)),
                ("node_name", ordered.Column(c => c.Key.Node)),
                ("kind", ordered.Column(c => (short)c.Key.Kind)),
                ("bucket", ordered.Column(c => c.Key.Bucket)),
                ("jobs", ordered.Column(c => c.Value))));
    }

    public static async Task<ILookup<(long BatchId, string Node, DurationKind Kind), KeyValuePair<short, int>>> Read(Session session, long[] batchIds)
    {
        var rows = await session.Query($"SELECT {Columns} FROM batch_duration WHERE batch_id IN @ids", Read, ("ids", batchIds));
        return rows.ToLookup(r => (r.Key.BatchId, r.Key.Node, r.Key.Kind), r => KeyValuePair.Create(r.Key.Bucket, r.Jobs));
    }

    internal static async Task<Dictionary<DurationBucket, int>> All(Session session) =>
        (await session.Query($"SELECT {Columns} FROM batch_duration", Read)).ToDictionary(r => r.Key, r => r.Jobs);

    private static (DurationBucket Key, int Jobs) Read(System.Data.Common.DbDataReader r) =>
        (new DurationBucket(r.GetInt64(0), r.GetString(1), (DurationKind)r.GetInt16(2), r.GetInt16(3)), r.GetInt32(4));
}
