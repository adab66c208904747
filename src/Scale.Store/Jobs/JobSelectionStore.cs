using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Store.Jobs;

/// <summary>A job that an operation may move.</summary>
public readonly record struct SelectedJob(long JobId, int NumExes);

/// <param name="From">Lowest id that was looked at; null when there was none left.</param>
/// <param name="Jobs">Jobs that may be moved, ids descending.</param>
/// <param name="Skipped">Jobs that the selection means but that can't be moved.</param>
/// <param name="IsFull">More may be moved in the ids that were to be looked at.</param>
public sealed record SelectedSlice(long? From, IReadOnlyList<SelectedJob> Jobs, int Skipped, bool IsFull);

/// <summary>Walks the jobs of a selection by descending id. A slice looks at a bounded number of rows, however few of them are meant.</summary>
public static class JobSelectionStore
{
    private const string Columns = "id, status, num_exes, job_type_id, batch_id, recipe_id, error_id, is_superseded, last_modified, created, input IS NOT NULL AS has_input";

    /// <summary>Jobs whose work the engine does itself have no executions, so there is nothing to queue again.</summary>
    private const string CanRequeue =
        """
        (j.is_superseded = FALSE AND j.status IN @movable AND ((j.num_exes = 0 AND j.status = 6) OR (j.num_exes > 0 AND j.has_input
            AND j.job_type_id NOT IN (SELECT t.id FROM job_type t WHERE t.is_system = TRUE))))
        """;

    private const string CanCancel = "(j.status IN @movable)";

    /// <param name="below">Ids from here on were looked at before.</param>
    /// <param name="created">Jobs created later are not meant.</param>
    /// <param name="window">How many rows are looked at.</param>
    /// <param name="limit">How many jobs are taken of them.</param>
    public static async Task<SelectedSlice> Next(Session session, JobAction action, JobSelection selection, long below, DateTime created, int window, int limit)
    {
        var named = selection.JobIds.Count == 0 ? null : Below(selection.JobIds, below, window);
        var from = named is null
            ? await session.QueryFirst(
                "SELECT min(id) FROM (SELECT id FROM job WHERE id < @below ORDER BY id DESC LIMIT @window) w", r => r.Long(0), ("below", below), ("window", window))
            : named.Length == 0 ? null : named[^1];
        if (from is null || selection.IsNothing)
        {
            return new SelectedSlice(null, [], 0, false);
        }

        var (where, arguments) = Where(selection, created);
        arguments.Add(("movable", Movable(action, selection)));
        arguments.Add(("below", below));
        arguments.Add(named is null ? ("window", window) : ("job_ids", named));

        var can = action == JobAction.Cancel ? CanCancel : CanRequeue;
        var jobs = await session.Query(
            $"SELECT j.id, j.num_exes FROM {Window(named)} WHERE {where} AND {can} ORDER BY j.id DESC LIMIT @limit",
            r => new SelectedJob(r.GetInt64(0), r.GetInt32(1)),
            [.. arguments, ("from", from), ("limit", limit)]);
        var isFull = jobs.Count == limit;
        from = isFull ? jobs[^1].JobId : from;
        var skipped = await session.QueryFirst($"SELECT count(*) FROM {Window(named)} WHERE {where} AND NOT {can}", r => (int)r.GetInt64(0), [.. arguments, ("from", from)]);
        return new SelectedSlice(from, jobs, skipped, isFull);
    }

    /// <summary>How many jobs would move, and how many that are meant would not.</summary>
    public static async Task<(long Movable, long Skipped)> Count(Session session, JobAction action, JobSelection selection, DateTime created)
    {
        if (selection.IsNothing)
        {
            return (0, 0);
        }

        var (where, arguments) = Where(selection, created);
        arguments.Add(("movable", Movable(action, selection)));
        var ids = "";
        if (selection.JobIds.Count > 0)
        {
            ids = " WHERE id IN @job_ids";
            arguments.Add(("job_ids", selection.JobIds.ToArray()));
        }

        var can = action == JobAction.Cancel ? CanCancel : CanRequeue;
        return await session.QueryFirst(
            $"SELECT coalesce(sum(CASE WHEN {can} THEN 1 ELSE 0 END), 0), count(*) FROM (SELECT {Columns} FROM job{ids}) j WHERE {where}",
            r => (r.GetInt64(0), r.GetInt64(1) - r.GetInt64(0)),
            [.. arguments]);
    }

    /// <summary>The highest id there is; 0 without jobs.</summary>
    public static Task<long> LastId(Session session) => session.QueryFirst("SELECT coalesce(max(id), 0) FROM job", r => r.GetInt64(0));

    /// <summary>The next ids of a descending list.</summary>
    private static long[] Below(IReadOnlyList<long> descending, long below, int count)
    {
        var (low, high) = (0, descending.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = descending[middle] < below ? (low, middle) : (middle + 1, high);
        }

        return [.. descending.Skip(low).Take(count)];
    }

    /// <summary>The range by primary key stands alone, so that no index of a filter is tried that has far more rows.</summary>
    private static string Window(long[]? named) => named is null
        ? $"(SELECT {Columns} FROM job WHERE id >= @from AND id < @below ORDER BY id DESC LIMIT @window) j"
        : $"(SELECT {Columns} FROM job WHERE id IN @job_ids AND id >= @from AND id < @below) j";

    private static short[] Movable(JobAction action, JobSelection selection) => action == JobAction.Cancel
        ? [(short)JobStatus.Pending, (short)JobStatus.Blocked, (short)JobStatus.Queued, (short)JobStatus.Running, (short)JobStatus.Failed]
        : [.. new[] { JobStatus.Failed, JobStatus.Canceled }.Concat(new[] { JobStatus.Queued, JobStatus.Running }.Where(selection.Names)).Select(s => (short)s)];

    private static (string Where, List<(string Name, object? Value)> Arguments) Where(JobSelection selection, DateTime created)
    {
        var conditions = new Conditions()
            .Add("j.created <= @created", "created", created)
            .Add("j.last_modified >= @started", "started", selection.Started)
            .Add("j.last_modified <= @ended", "ended", selection.Ended)
            .Add("j.status IN @statuses", "statuses", selection.Statuses.Select(s => (short)s).ToArray())
            .Add("j.job_type_id IN @job_type_ids", "job_type_ids", selection.JobTypeIds.ToArray())
            .Add("j.batch_id IN @batch_ids", "batch_ids", selection.BatchIds.ToArray())
            .Add("j.recipe_id IN @recipe_ids", "recipe_ids", selection.RecipeIds.ToArray())
            .Add("j.error_id IN @error_ids", "error_ids", selection.ErrorIds.ToArray())
            .Add("j.job_type_id IN (SELECT t.id FROM job_type t WHERE t.name IN @job_type_names)", "job_type_names", selection.JobTypeNames.ToArray())
            .Add("j.error_id IN (SELECT e.id FROM error e WHERE e.category IN @error_categories)", "error_categories", selection.ErrorCategories.Select(c => (short)c).ToArray())
            .Add("j.is_superseded = @is_superseded", "is_superseded", selection.IsSuperseded);
        return (conditions.Sql, conditions.Arguments);
    }
}
