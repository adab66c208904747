using Scale.Model.Errors;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;

namespace Scale.Store.JobTypes;

/// <summary>Writes of job types, their revisions, tags and errors (job-types-and-seed.md §3.6, §3.7, §7). Decides nothing.</summary>
public static class JobTypeWriter
{
    /// <summary>Reads a job type and keeps others from editing it until the transaction ends; null when there is none.</summary>
    public static Task<StoredJobType?> FindForEdit(Session session, string name, string version) => session.FindForEdit(
        "job_type", "name = @name AND version = @version", () => Find(session, name, version), ("name", name), ("version", version));

    public static Task<StoredJobType?> Find(Session session, string name, string version) => session.QueryFirst(
        $"SELECT {StoredJobType.Columns} FROM job_type t WHERE t.name = @name AND t.version = @version", StoredJobType.Read, ("name", name), ("version", version));

    public static Task<StoredJobType?> Find(Session session, long id) => session.QueryFirst(
        $"SELECT {StoredJobType.Columns} FROM job_type t WHERE t.id = @id", StoredJobType.Read, ("id", id));

    /// <summary>Inserts a job type with its revision 1.</summary>
    /// <param name="configuration">Without secrets.</param>
    /// <returns>Its id, or null when the pair of name and version was taken meanwhile.</returns>
    public static async Task<long?> Insert(Session session, SeedManifest manifest, string image, JobConfiguration configuration, JobTypeFlags flags, DateTime now)
    {
        var revisionId = (await session.AllocateIds("job_type_revision", 1))[0];
        var id = await session.QueryFirst(
            """
            INSERT INTO job_type (name, version, version_order, title, description, is_active, is_paused, is_system, is_published, is_long_running, icon_code, max_scheduled, max_tries,
                docker_image, manifest, configuration, revision_id, revision_num, created, deprecated, paused, last_modified)
            VALUES (@name, @version, @order, @title, @description, @is_active, @is_paused, @is_system, @is_published, @is_long_running, @icon_code, @max_scheduled, @max_tries,
                @image, @manifest, @configuration, @revision, 1, @now, @deprecated, @paused, @now)
            ON CONFLICT (name, version) DO NOTHING RETURNING id
            """,
            r => (long?)r.GetInt64(0),
            ("name", manifest.Name), ("version", manifest.JobVersion), ("order", VersionOrder.Of(manifest.JobVersion)), ("title", manifest.Title), ("description", manifest.Description),
            ("is_active", flags.IsActive), ("is_paused", flags.IsPaused), ("is_system", flags.IsSystem), ("is_published", flags.IsPublished), ("is_long_running", flags.IsLongRunning),
            ("icon_code", flags.IconCode), ("max_scheduled", flags.MaxScheduled), ("max_tries", flags.MaxTries), ("image", image), ("manifest", manifest.NormalForm),
            ("configuration", configuration.ToText()), ("revision", revisionId), ("now", now),
            ("deprecated", flags.IsActive ? null : Time.ToMicroseconds(now)), ("paused", flags.IsPaused ? Time.ToMicroseconds(now) : null));
        if (id is { } known)
        {
            await InsertRevision(session, revisionId, known, 1, manifest, image, now);
            await ReplaceTags(session, known, manifest.Tags);
        }

        return id;
    }

    /// <summary>Adds the next revision and makes it the current one.</summary>
    public static async Task<int> AddRevision(Session session, StoredJobType jobType, SeedManifest manifest, string image, DateTime now)
    {
        var revisionId = (await session.AllocateIds("job_type_revision", 1))[0];
        var number = jobType.RevisionNum + 1;
        await InsertRevision(session, revisionId, jobType.Id, number, manifest, image, now);
        await session.Execute(
            """
            UPDATE job_type SET title = @title, description = @description, docker_image = @image, manifest = @manifest, revision_id = @revision, revision_num = @number, unmet_resources = NULL, unmet_since = NULL
            WHERE id = @id
            """,
            ("title", manifest.Title), ("description", manifest.Description), ("image", image), ("manifest", manifest.NormalForm), ("revision", revisionId), ("number", number), ("id", jobType.Id));
        await ReplaceTags(session, jobType.Id, manifest.Tags);
        return number;
    }

    /// <summary>Writes the editable members; times of deprecation and pause move only when their flag does.</summary>
    public static Task Update(Session session, long id, JobConfiguration configuration, JobTypeFlags flags, DateTime now) => session.Execute(
        """
        UPDATE job_type SET
            configuration = @configuration, icon_code = @icon_code, is_published = @is_published, max_scheduled = @max_scheduled,
            deprecated = CASE WHEN is_active = @is_active THEN deprecated WHEN @is_active THEN NULL ELSE @now END,
            paused = CASE WHEN is_paused = @is_paused THEN paused WHEN @is_paused THEN @now ELSE NULL END,
            is_active = @is_active, is_paused = @is_paused,
            last_modified = CASE WHEN last_modified >= @now THEN last_modified + 1 ELSE @now END
        WHERE id = @id
        """,
        ("configuration", configuration.ToText()), ("icon_code", flags.IconCode), ("is_published", flags.IsPublished), ("max_scheduled", flags.MaxScheduled),
        ("is_active", flags.IsActive), ("is_paused", flags.IsPaused), ("now", now), ("id", id));

    /// <summary>Inserts or updates the errors a manifest names; all versions of a job type share them (§7.3). Errors it no longer names stay.</summary>
    public static async Task SaveErrors(Session session, SeedManifest manifest, DateTime now)
    {
        foreach (var error in manifest.Errors)
        {
            await session.Execute(
                """
                INSERT INTO error (name, title, description, job_type_name, category, is_builtin, should_be_retried, created, last_modified)
                VALUES (@name, @title, @description, @job_type, @category, @no, @no, @now, @now)
                ON CONFLICT (coalesce(job_type_name, ''), name) DO UPDATE SET
                    title = excluded.title, description = excluded.description, category = excluded.category, last_modified = excluded.last_modified
                """,
                ("name", error.Name), ("title", error.Title), ("description", error.Description), ("job_type", manifest.Name),
                ("category", error.IsDataError ? ErrorCategory.Data : ErrorCategory.Algorithm), ("no", false), ("now", now));
        }
    }

    /// <summary>All workspaces by name, and whether they are active: what configurations are checked against.</summary>
    public static async Task<IReadOnlyDictionary<string, bool>> Workspaces(Session session)
    {
        var rows = await session.Query("SELECT name, is_active FROM workspace", r => KeyValuePair.Create(r.GetString(0), r.GetBoolean(1)));
        return new Dictionary<string, bool>(rows, StringComparer.Ordinal);
    }

    private static Task InsertRevision(Session session, long id, long jobTypeId, int number, SeedManifest manifest, string image, DateTime now) => session.Execute(
        "INSERT INTO job_type_revision (id, job_type_id, revision_num, manifest, docker_image, created) VALUES (@id, @job_type, @number, @manifest, @image, @now)",
        ("id", id), ("job_type", jobTypeId), ("number", number), ("manifest", manifest.NormalForm), ("image", image), ("now", now));

    private static async Task ReplaceTags(Session session, long jobTypeId, IReadOnlyList<string> tags)
    {
        await session.Execute("DELETE FROM job_type_tag WHERE job_type_id = @id", ("id", jobTypeId));
        var distinct = tags.Distinct(StringComparer.Ordinal).ToArray();
        await session.BulkInsert("job_type_tag", new Rows("v", ("job_type_id", Array.ConvertAll(distinct, _ => jobTypeId)), ("tag", distinct)));
    }
}

/// <summary>What of a job type can be set beside manifest and configuration.</summary>
/// <param name="MaxScheduled">How many executions may run at once; null for no limit.</param>
public sealed record JobTypeFlags(
    bool IsActive = true, bool IsPaused = false, bool IsPublished = false, string? IconCode = null, int? MaxScheduled = null,
    bool IsSystem = false, bool IsLongRunning = false, int MaxTries = 3);
