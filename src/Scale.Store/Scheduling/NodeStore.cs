using Scale.Store.Databases;

namespace Scale.Store.Scheduling;

/// <param name="Resources">Canonical text of its totals.</param>
/// <param name="IsPresent">The cluster has it now.</param>
/// <param name="IsActive">What the administrator wants; presence never changes it.</param>
public sealed record StoredNode(long Id, string Hostname, string Resources, bool IsPresent, bool IsActive, bool IsPaused);

/// <param name="NewestFirst">LIFO inside one priority.</param>
public sealed record SchedulerSettings(bool IsPaused, bool NewestFirst);

/// <summary>Nodes and the scheduler's settings (scheduler-and-system.md §3, §4, §8).</summary>
public static class NodeStore
{
    /// <summary>Adds new nodes, and notes which of all nodes the cluster has; a pause or deactivation stays.</summary>
    public static async Task Discovered(Session session, string cluster, IReadOnlyCollection<(string Hostname, string Resources)> nodes, DateTime now)
    {
        await session.Execute(
            """
            INSERT INTO node (hostname, cluster, resources, is_present, created, last_modified)
            SELECT v.hostname, @cluster, v.resources, TRUE, @now, @now FROM {v} WHERE TRUE
            ON CONFLICT (hostname) DO UPDATE SET cluster = excluded.cluster, resources = excluded.resources, is_present = TRUE, last_modified = excluded.last_modified
            WHERE node.is_present = FALSE OR node.cluster <> excluded.cluster OR node.resources <> excluded.resources
            """,
            new Rows("v", ("hostname", nodes.Select(n => n.Hostname).ToArray()), ("resources", nodes.Select(n => n.Resources).ToArray())),
            ("cluster", cluster), ("now", now));
        await session.Execute(
            "UPDATE node SET is_present = FALSE, last_modified = @now WHERE is_present = TRUE AND NOT (hostname IN @names)",
            ("names", nodes.Select(n => n.Hostname).ToArray()), ("now", now));
    }

    public static Reply<List<StoredNode>> All(Session session) => session.Ask(
        "SELECT id, hostname, resources, is_present, is_active, is_paused FROM node",
        r => new StoredNode(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5)));

    public static async Task<SchedulerSettings> Settings(Session session) =>
        await session.QueryFirst("SELECT is_paused, queue_mode FROM scheduler WHERE id = 1", r => new SchedulerSettings(r.GetBoolean(0), r.GetString(1) == "LIFO"))
            ?? new SchedulerSettings(IsPaused: false, NewestFirst: false);

    public static Task<List<long>> JobTypesWithUnmetResources(Session session) => session.Query("SELECT id FROM job_type WHERE unmet_resources IS NOT NULL", r => r.GetInt64(0));

    /// <summary>Which resources of job types no node could ever give; null clears. Not an edit of the job type.</summary>
    public static Task SetUnmetResources(Session session, IReadOnlyCollection<(long JobTypeId, string? Names)> jobTypes, DateTime now) => session.Send(
        """
        UPDATE job_type SET unmet_resources = v.names, unmet_since = CASE WHEN v.names IS NULL THEN NULL ELSE coalesce(job_type.unmet_since, @now) END
        FROM {v} WHERE job_type.id = v.id
        """,
        new Rows("v", ("id", jobTypes.Select(t => t.JobTypeId).ToArray()), ("names", jobTypes.Select(t => t.Names).ToArray())),
        ("now", now));
}
