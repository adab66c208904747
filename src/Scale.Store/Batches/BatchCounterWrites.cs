using Scale.Model.Recipes;
using Scale.Store.Databases;

namespace Scale.Store.Batches;

/// <summary>By how much the counters of one batch move.</summary>
public readonly record struct BatchDelta(long BatchId, JobCounts Jobs, int RecipesTotal, int RecipesCompleted);

/// <summary>By how much the counters of one node of a batch move, and the durations (microseconds) of jobs that completed there.</summary>
public readonly record struct BatchNodeDelta(long BatchId, string Node, JobCounts Jobs, DurationDelta Job, DurationDelta Seed);

/// <param name="Min">Null when <paramref name="Count"/> is 0.</param>
public readonly record struct DurationDelta(int Count, long Sum, long? Min, long? Max)
{
    public DurationDelta With(DateTime? started, DateTime? ended)
    {
        return Microseconds(started, ended) is { } duration
            ? new DurationDelta(Count + 1, Sum + duration, Math.Min(Min ?? duration, duration), Math.Max(Max ?? duration, duration))
            : this;
    }

    /// <returns>Null when a moment is missing; never negative, however the clock jumped.</returns>
    public static long? Microseconds(DateTime? started, DateTime? ended) =>
        started is null || ended is null ? null : Math.Max(0, (ended.Value - started.Value).Ticks / TimeSpan.TicksPerMicrosecond);
}

/// <summary>Moves the kept counters of batches by differences; nothing is ever counted again.</summary>
public static class BatchCounterWrites
{
    public static Task Add(Session session, IReadOnlyList<BatchDelta> deltas, DateTime now) => session.Send(
        """
        UPDATE batch SET recipes_total = batch.recipes_total + v.recipes_total, recipes_completed = batch.recipes_completed + v.recipes_completed,
            jobs_total = batch.jobs_total + v.jobs_total, jobs_pending = batch.jobs_pending + v.jobs_pending, jobs_blocked = batch.jobs_blocked + v.jobs_blocked,
            jobs_queued = batch.jobs_queued + v.jobs_queued, jobs_running = batch.jobs_running + v.jobs_running, jobs_failed = batch.jobs_failed + v.jobs_failed,
            jobs_completed = batch.jobs_completed + v.jobs_completed, jobs_canceled = batch.jobs_canceled + v.jobs_canceled, last_modified = @now
        FROM {v} WHERE batch.id = v.id
        """,
        Counts(new Rows("v",
            ("id", deltas.Column(d => d.BatchId)),
            ("recipes_total", deltas.Column(d => d.RecipesTotal)),
            ("recipes_completed", deltas.Column(d => d.RecipesCompleted))), deltas.Column(d => d.Jobs)),
        ("now", now));

    public static Task Add(Session session, IReadOnlyList<BatchNodeDelta> deltas) => session.Send(
        """
        UPDATE batch_node SET
            jobs_total = batch_node.jobs_total + v.jobs_total, jobs_pending = batch_node.jobs_pending + v.jobs_pending, jobs_blocked = batch_node.jobs_blocked + v.jobs_blocked,
            jobs_queued = batch_node.jobs_queued + v.jobs_queued, jobs_running = batch_node.jobs_running + v.jobs_running, jobs_failed = batch_node.jobs_failed + v.jobs_failed,
            jobs_completed = batch_node.jobs_completed + v.jobs_completed, jobs_canceled = batch_node.jobs_canceled + v.jobs_canceled,
            job_duration_count = job_duration_count + v.job_count, job_duration_sum = job_duration_sum + v.job_sum,
            job_duration_min = CASE WHEN job_duration_min <= v.job_min OR v.job_min IS NULL THEN job_duration_min ELSE v.job_min END,
            job_duration_max = CASE WHEN job_duration_max >= v.job_max OR v.job_max IS NULL THEN job_duration_max ELSE v.job_max END,
            seed_duration_count = seed_duration_count + v.seed_count, seed_duration_sum = seed_duration_sum + v.seed_sum,
            seed_duration_min = CASE WHEN seed_duration_min <= v.seed_min OR v.seed_min IS NULL THEN seed_duration_min ELSE v.seed_min END,
            seed_duration_max = CASE WHEN seed_duration_max >= v.seed_max OR v.seed_max IS NULL THEN seed_duration_max ELSE v.seed_max END
        FROM {v} WHERE batch_node.batch_id = v.batch_id AND batch_node.node_name = v.node
        """,
        Counts(new Rows("v",
            ("batch_id", deltas.Column(d => d.BatchId)),
            ("node", deltas.Column(d => d.Node)),
            ("job_count", deltas.Column(d => d.Job.Count)),
            ("job_sum", deltas.Column(d => d.Job.Sum)),
            ("job_min", deltas.Column(d => d.Job.Min)),
            ("job_max", deltas.Column(d => d.Job.Max)),
            ("seed_count", deltas.Column(d => d.Seed.Count)),
            ("seed_sum", deltas.Column(d => d.Seed.Sum)),
            ("seed_min", deltas.Column(d => d.Seed.Min)),
            ("seed_max", deltas.Column(d => d.Seed.Max))), deltas.Column(d => d.Jobs)));

    private static Rows Counts(Rows rows, JobCounts[] counts) => rows
        .Add("jobs_total", counts.Column(c => c.Total))
        .Add("jobs_pending", counts.Column(c => c.Pending))
        .Add("jobs_blocked", counts.Column(c => c.Blocked))
        .Add("jobs_queued", counts.Column(c => c.Queued))
        .Add("jobs_running", counts.Column(c => c.Running))
        .Add("jobs_failed", counts.Column(c => c.Failed))
        .Add("jobs_completed", counts.Column(c => c.Completed))
        .Add("jobs_canceled", counts.Column(c => c.Canceled));
}
