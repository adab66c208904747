using System.Data.Common;
using Scale.Store.Databases;

namespace Scale.Store.JobTypes;

/// <summary>A row of <c>job_type</c> as writers and answers need it.</summary>
/// <param name="Manifest">Normal form of the current revision.</param>
/// <param name="Configuration">Stored document, without secrets.</param>
public sealed record StoredJobType(
    long Id, string Name, string Version, string Title, string Description, bool IsActive, bool IsPaused, bool IsSystem, bool IsPublished, bool IsLongRunning,
    string? IconCode, int? MaxScheduled, int MaxTries, string DockerImage, string Manifest, string Configuration, long RevisionId, int RevisionNum, string? UnmetResources,
    DateTime Created, DateTime? Deprecated, DateTime? Paused, DateTime LastModified)
{
    /// <summary>Columns that <see cref="Read"/> reads, of a table called <c>t</c>.</summary>
    public const string Columns =
        """
        t.id, t.name, t.version, t.title, t.description, t.is_active, t.is_paused, t.is_system, t.is_published, t.is_long_running, t.icon_code, t.max_scheduled, t.max_tries,
        t.docker_image, t.manifest, t.configuration, t.revision_id, t.revision_num, t.unmet_resources, t.created, t.deprecated, t.paused, t.last_modified
        """;

    public static StoredJobType Read(DbDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetBoolean(5), r.GetBoolean(6), r.GetBoolean(7), r.GetBoolean(8), r.GetBoolean(9),
        r.Text(10), r.Int(11), r.GetInt32(12), r.GetString(13), r.GetString(14), r.GetString(15), r.GetInt64(16), r.GetInt32(17), r.Text(18),
        r.Moment(19), r.MomentOrNull(20), r.MomentOrNull(21), r.Moment(22));
}
