using Scale.Store.Databases;

namespace Scale.Store.Consistency;

/// <summary>
/// Recounts everything that is kept and holds against each other what must agree (design.md §7). Reads only; a database at rest between two
/// transactions of the leader has no findings. Recipes that wait in <c>recipe_dirty</c> are excused from what their evaluation will put right.
/// </summary>
public static class ConsistencyCheck
{
    /// <summary>Findings listed of one rule; more are counted only by their number.</summary>
    private const int Shown = 20;

    // Each selects a text per row that breaks the rule. Jobs of system job types only tell what the engine itself does, without queue row and execution.
    private static readonly (string Rule, string Sql)[] Rules =
    [
        ("A job is in the queue exactly when it is QUEUED",
            """
            SELECT 'job ' || j.id || ' is QUEUED as execution ' || j.num_exes || ' without a queue row' FROM job j
            WHERE j.status = 2 AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.job_id = j.id AND q.exe_num = j.num_exes)
                AND j.job_type_id NOT IN (SELECT t.id FROM job_type t WHERE t.is_system = TRUE)
            UNION ALL
            SELECT 'queue row of job ' || q.job_id || ' execution ' || q.exe_num || ' has no QUEUED job' FROM queue q
            WHERE NOT EXISTS (SELECT 1 FROM job j WHERE j.id = q.job_id AND j.status = 2 AND q.exe_num = j.num_exes)
            """),
        ("A job has a live execution exactly when it is RUNNING",
            """
            SELECT 'job ' || j.id || ' is RUNNING as execution ' || j.num_exes || ' without a live execution' FROM job j
            WHERE j.status = 3 AND NOT EXISTS (SELECT 1 FROM job_exe e WHERE e.job_id = j.id AND e.exe_num = j.num_exes AND e.is_settled = FALSE)
                AND j.job_type_id NOT IN (SELECT t.id FROM job_type t WHERE t.is_system = TRUE)
            UNION ALL
            SELECT 'execution ' || e.id || ' of job ' || e.job_id || ' is live, but the job is not RUNNING' FROM job_exe e JOIN job j ON j.id = e.job_id
            WHERE e.is_settled = FALSE AND e.status = 3 AND e.exe_num = j.num_exes AND j.status NOT IN (3, 6)
            """),
        ("A job has at most one execution that is not known to be gone",
            "SELECT 'job ' || job_id || ' has ' || count(*) || ' live executions' FROM job_exe WHERE is_settled = FALSE GROUP BY job_id HAVING count(*) > 1"),
        ("A superseded job does not go on",
            "SELECT 'job ' || id || ' is superseded but has status ' || status FROM job WHERE is_superseded = TRUE AND status NOT IN (5, 6)"),
        ("What was replaced is superseded",
            """
            SELECT 'recipe ' || o.id || ' was replaced by recipe ' || n.id || ' but is not superseded' FROM recipe n JOIN recipe o ON o.id = n.superseded_recipe_id WHERE o.is_superseded = FALSE
            UNION ALL
            SELECT 'job ' || o.id || ' was replaced by job ' || n.id || ' but is not superseded' FROM job n JOIN job o ON o.id = n.superseded_job_id WHERE o.is_superseded = FALSE
            UNION ALL
            SELECT 'batch ' || o.id || ' was replaced by batch ' || n.id || ' but is not superseded' FROM batch n JOIN batch o ON o.id = n.superseded_batch_id WHERE o.is_superseded = FALSE
            """),
        ("A family has at most one current recipe",
            "SELECT 'family ' || family_id || ' has ' || count(*) || ' current recipes' FROM recipe WHERE is_superseded = FALSE GROUP BY family_id HAVING count(*) > 1"),
        ("A node holds something that exists",
            """
            SELECT 'node ' || n.node_name || ' of recipe ' || n.recipe_id || ' points at nothing' FROM recipe_node n
            WHERE NOT EXISTS (SELECT 1 FROM recipe r WHERE r.id = n.recipe_id)
               OR (n.job_id IS NULL AND n.sub_recipe_id IS NULL AND n.condition_id IS NULL)
               OR (n.job_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job j WHERE j.id = n.job_id))
               OR (n.sub_recipe_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM recipe s WHERE s.id = n.sub_recipe_id))
               OR (n.condition_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM recipe_condition c WHERE c.id = n.condition_id))
            """),
        ("A job that a recipe made is at one of its nodes",
            """
            SELECT 'job ' || j.id || ' of recipe ' || j.recipe_id || ' is at none of its nodes' FROM job j
            WHERE j.recipe_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM recipe_node n WHERE n.job_id = j.id AND n.recipe_id = j.recipe_id AND n.node_name = j.recipe_node)
            """),
        ("A batch counts its items",
            """
            SELECT 'batch ' || b.id || ' counts ' || b.items_created || ' items created and ' || b.items_failed || ' failed, there are ' || coalesce(i.created, 0) || ' and ' || coalesce(i.failed, 0)
            FROM batch b LEFT JOIN (
                SELECT batch_id, sum(CASE WHEN state = 1 THEN 1 ELSE 0 END) AS created, sum(CASE WHEN state = 2 THEN 1 ELSE 0 END) AS failed FROM batch_item GROUP BY batch_id
            ) i ON i.batch_id = b.id
            WHERE b.items_created <> coalesce(i.created, 0) OR b.items_failed <> coalesce(i.failed, 0)
            """),
        ("A queued job is held exactly while its batch is paused",
            """
            SELECT 'job ' || j.id || ' of batch ' || coalesce(j.batch_id, 0) || ' has class ' || q.class_id FROM queue q JOIN job j ON j.id = q.job_id LEFT JOIN batch b ON b.id = j.batch_id
            WHERE (q.class_id < 0) <> coalesce(b.is_paused, FALSE) AND NOT EXISTS (SELECT 1 FROM command c WHERE c.state = 0 AND c.kind = 'hold-batch')
            """),
        ("An item that was created has its recipe",
            """
            SELECT 'item ' || i.kind || '/' || i.source_id || ' of batch ' || i.batch_id || ' has no recipe' FROM batch_item i
            WHERE i.state = 1 AND NOT EXISTS (SELECT 1 FROM recipe r WHERE r.id = i.recipe_id AND r.batch_id = i.batch_id)
            """),
        ("A batch counts what its recipes count",
            """
            SELECT 'batch ' || b.id || ' counts ' || b.recipes_total || ' recipes and ' || b.jobs_total || ' jobs, its recipes ' || coalesce(r.recipes, 0) || ' and ' || coalesce(r.jobs, 0)
                || ', or differs in one status'
            FROM batch b LEFT JOIN (
                SELECT batch_id, count(*) + sum(sub_recipes_total) AS recipes, sum(CASE WHEN is_completed THEN 1 ELSE 0 END) + sum(sub_recipes_completed) AS completed,
                    sum(jobs_total) AS jobs, sum(jobs_pending) AS pending, sum(jobs_blocked) AS blocked, sum(jobs_queued) AS queued, sum(jobs_running) AS running,
                    sum(jobs_failed) AS failed, sum(jobs_completed) AS jobs_completed, sum(jobs_canceled) AS canceled
                FROM recipe WHERE batch_id IS NOT NULL AND recipe_id IS NULL GROUP BY batch_id
            ) r ON r.batch_id = b.id
            WHERE b.recipes_total <> coalesce(r.recipes, 0) OR b.recipes_completed <> coalesce(r.completed, 0) OR b.jobs_total <> coalesce(r.jobs, 0)
               OR b.jobs_pending <> coalesce(r.pending, 0) OR b.jobs_blocked <> coalesce(r.blocked, 0) OR b.jobs_queued <> coalesce(r.queued, 0) OR b.jobs_running <> coalesce(r.running, 0)
               OR b.jobs_failed <> coalesce(r.failed, 0) OR b.jobs_completed <> coalesce(r.jobs_completed, 0) OR b.jobs_canceled <> coalesce(r.canceled, 0)
            """),
        ("Kept counts of jobs are right",
            """
            SELECT 'job type ' || job_type_id || ' keeps a count that is off by ' || sum(jobs) || ' in status ' || status FROM (
                SELECT bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, jobs FROM job_count
                UNION ALL
                SELECT coalesce(last_status_change / 600000000, -1), job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, last_modified / 600000000, -1 FROM job
            ) counted GROUP BY bucket, job_type_id, status, error_id, batch_id, is_superseded, changed HAVING sum(jobs) <> 0
            """),
        ("Kept counts of jobs bound the times of their sources",
            """
            SELECT 'job ' || j.id || ' has a source outside of the bounds of its count' FROM job j
            LEFT JOIN (
                SELECT bucket, job_type_id, status, error_id, batch_id, is_superseded, changed, max(latest_source_start) AS latest_start, min(earliest_source_end) AS earliest_end
                FROM job_count GROUP BY bucket, job_type_id, status, error_id, batch_id, is_superseded, changed
            ) c ON c.bucket = coalesce(j.last_status_change / 600000000, -1) AND c.job_type_id = j.job_type_id AND c.status = j.status AND c.error_id = coalesce(j.error_id, 0)
                AND c.batch_id = coalesce(j.batch_id, 0) AND c.is_superseded = j.is_superseded AND c.changed = j.last_modified / 600000000
            WHERE j.source_started IS NOT NULL AND (c.latest_start IS NULL OR c.latest_start < j.source_started)
               OR j.source_ended IS NOT NULL AND (c.earliest_end IS NULL OR c.earliest_end > j.source_ended)
            """),
        ("Kept counts of jobs over all times are right",
            """
            SELECT 'job type ' || job_type_id || ' keeps a total that is off by ' || sum(jobs) || ' in status ' || status FROM (
                SELECT job_type_id, status, error_id, batch_id, is_superseded, jobs FROM job_total
                UNION ALL
                SELECT job_type_id, status, coalesce(error_id, 0), coalesce(batch_id, 0), is_superseded, -1 FROM job
            ) counted GROUP BY job_type_id, status, error_id, batch_id, is_superseded HAVING sum(jobs) <> 0
            """),
        ("Kept counts of jobs by their source are right",
            """
            SELECT 'source text ' || value || ' keeps a count that is off by ' || sum(jobs) FROM (
                SELECT field, value, jobs FROM job_source_count
                UNION ALL SELECT 0, source_sensor_class, -1 FROM job WHERE source_sensor_class IS NOT NULL
                UNION ALL SELECT 1, source_sensor, -1 FROM job WHERE source_sensor IS NOT NULL
                UNION ALL SELECT 2, source_collection, -1 FROM job WHERE source_collection IS NOT NULL
                UNION ALL SELECT 3, source_task, -1 FROM job WHERE source_task IS NOT NULL
            ) counted GROUP BY field, value HAVING sum(jobs) <> 0
            """),
        ("Kept counts of jobs by the time of their source are right",
            """
            SELECT 'hours ' || started || ' to ' || ended || ' keep a count that is off by ' || sum(jobs) FROM (
                SELECT started, ended, jobs FROM job_source_hours
                UNION ALL
                SELECT coalesce((source_started + 62135596800000000) / 3600000000, -1), coalesce((source_ended + 62135596800000000) / 3600000000, -1), -1 FROM job
                WHERE source_started IS NOT NULL OR source_ended IS NOT NULL
            ) counted GROUP BY started, ended HAVING sum(jobs) <> 0
            """),
    ];

    /// <returns>One text per finding, the rule in front; empty when all is well.</returns>
    public static async Task<IReadOnlyList<string>> Run(Session session)
    {
        var findings = new List<string>();
        foreach (var (rule, sql) in Rules)
        {
            Add(findings, rule, await session.Query(sql, r => r.GetString(0)));
        }

        foreach (var group in (await RecipeRecount.Run(session)).GroupBy(f => f.Rule, f => f.Text))
        {
            Add(findings, group.Key, [.. group]);
        }

        return findings;
    }

    private static void Add(List<string> findings, string rule, List<string> broken)
    {
        findings.AddRange(broken.Take(Shown).Select(text => $"{rule}: {text}."));
        if (broken.Count > Shown)
        {
            findings.Add($"{rule}: {broken.Count - Shown} more.");
        }
    }
}
