using Scale.Store.Consistency;
using Scale.Store.Databases;

namespace Scale.Engine.Tests.Simulation;

/// <summary>Rules 1 to 5 of design §7, asked of the database.</summary>
internal static class Rules
{
    private static readonly (string Rule, string Sql)[] Always =
    [
        ("A product is published once",
            "SELECT uuid FROM file WHERE is_published = TRUE GROUP BY uuid HAVING count(DISTINCT job_id || 'x' || job_exe_id) > 1"),
        ("A product is there only with the execution that made it",
            """
            SELECT 'file ' || f.id FROM file f LEFT JOIN job_exe e ON e.id = f.job_exe_id LEFT JOIN job j ON j.id = f.job_id
            WHERE f.file_type = 1 AND (e.status IS NULL OR e.status <> 5 OR e.is_settled = FALSE OR j.status <> 5 OR (f.job_id <> e.job_id AND j.reused_job_id IS NULL))
            """),
        ("A completed job has all its products, published or replaced",
            """
            SELECT 'job ' || j.id FROM job j JOIN job_exe e ON e.job_id = j.id AND e.exe_num = j.num_exes
            WHERE j.status = 5 AND (j.output IS NULL OR e.output IS NULL OR e.status <> 5 OR (
                SELECT count(*) FROM file f WHERE f.job_exe_id = e.id AND f.job_id = j.id AND (f.is_published = TRUE OR f.is_superseded = TRUE OR f.unpublished IS NOT NULL OR (f.has_been_published = FALSE AND j.is_superseded = TRUE))) <> 1)
            """),
        ("A job that took over outputs is completed, never ran as that try and has products of its own",
            """
            SELECT 'job ' || j.id FROM job j JOIN job o ON o.id = j.reused_job_id
            WHERE j.status <> 5 OR o.status <> 5 OR j.reuse_key <> o.reuse_key OR EXISTS (SELECT 1 FROM job_exe e WHERE e.job_id = j.id AND e.exe_num = j.num_exes)
                OR (SELECT count(*) FROM file f WHERE f.job_id = j.id) <> (SELECT count(*) FROM file f WHERE f.job_id = o.id)
            """),
        ("An error is there only while a job is FAILED, a node only from the start on",
            """
            SELECT 'job ' || id FROM job WHERE (error_id IS NOT NULL) <> (status = 4) OR (node_id IS NOT NULL AND status NOT IN (3, 4, 5))
                OR (status = 3 AND node_id IS NULL AND job_type_id NOT IN (SELECT t.id FROM job_type t WHERE t.is_system = TRUE))
            """),
        ("A settled execution has ended",
            "SELECT 'execution ' || id FROM job_exe WHERE is_settled = TRUE AND (status = 3 OR ended IS NULL OR (status = 4) <> (error_id IS NOT NULL))"),
    ];

    private static readonly (string Rule, string Sql)[] AtRest =
    [
        ("A job that waits for nothing has ended", "SELECT 'job ' || id || ' has status ' || status FROM job WHERE status IN (2, 3)"),
        ("A job outside of recipes that was ever queued has ended", "SELECT 'job ' || id FROM job WHERE recipe_id IS NULL AND num_exes > 0 AND status < 4"),
        ("Nothing is left running", "SELECT 'execution ' || id FROM job_exe WHERE is_settled = FALSE"),
        ("Nothing is left queued", "SELECT 'job ' || job_id FROM queue"),
        ("Every command was carried out", "SELECT 'command ' || id || ' ' || coalesce(error, '') FROM command WHERE state <> 1"),
        ("Every batch has its recipes", "SELECT 'batch ' || id FROM batch WHERE is_creation_done = FALSE"),
        ("Nothing is left to evaluate", "SELECT 'recipe ' || recipe_id FROM recipe_dirty"),
        ("A recipe that is not completed waits for a job that went wrong",
            """
            SELECT 'recipe ' || id || ' ' || node_states FROM recipe
            WHERE is_completed = FALSE AND is_superseded = FALSE AND jobs_failed + jobs_canceled + jobs_blocked = 0
            """),
    ];

    public static async Task<IReadOnlyList<string>> BrokenAlways(Session session) => [.. await Broken(session, Always), .. await ConsistencyCheck.Run(session)];

    public static Task<List<string>> BrokenAtRest(Session session) => Broken(session, AtRest);

    private static async Task<List<string>> Broken(Session session, (string Rule, string Sql)[] rules)
    {
        var broken = new List<string>();
        foreach (var (rule, sql) in rules)
        {
            broken.AddRange((await session.Query(sql, r => r.GetString(0))).Select(found => $"{rule}: {found}"));
        }

        return broken;
    }
}
