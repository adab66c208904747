using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Store.Databases;

namespace Scale.Store.JobTypes;

/// <summary>
/// Parsed job types and revisions, read once and again only when they changed. For one thread. Ask with the session of the
/// transaction that uses the answer, after <see cref="Refresh"/> with stamps of the same transaction.
/// </summary>
public sealed class JobTypeCatalog
{
    private readonly Dictionary<long, (long Stamp, JobTypeEntry Entry)> types = [];
    private readonly Dictionary<long, JobTypeRevision> revisions = [];

    /// <summary>When each job type was edited last.</summary>
    public static Reply<List<(long Id, long Stamp)>> Stamps(Session session) => session.Ask("SELECT id, last_modified FROM job_type", r => (Id: r.GetInt64(0), Stamp: r.GetInt64(1)));

    /// <summary>Forgets job types that were edited since they were read.</summary>
    public void Refresh(List<(long Id, long Stamp)> stamps)
    {
        foreach (var (id, stamp) in stamps)
        {
            if (types.TryGetValue(id, out var known) && known.Stamp != stamp)
            {
                types.Remove(id);
            }
        }
    }

    /// <summary>Job types by id; unknown ids are left out.</summary>
    public async Task<IReadOnlyDictionary<long, JobTypeEntry>> Types(Session session, IEnumerable<long> ids)
    {
        var wanted = ids.Distinct().ToArray();
        var missing = Array.FindAll(wanted, id => !types.ContainsKey(id));
        if (missing.Length > 0)
        {
            await LoadTypes(session, missing);
        }

        return wanted.Where(types.ContainsKey).ToDictionary(id => id, id => types[id].Entry);
    }

    /// <summary>Revisions by id; unknown ids are left out.</summary>
    public async Task<IReadOnlyDictionary<long, JobTypeRevision>> Revisions(Session session, IEnumerable<long> ids)
    {
        var wanted = ids.Distinct().ToArray();
        var missing = Array.FindAll(wanted, id => !revisions.ContainsKey(id));
        if (missing.Length > 0)
        {
            var loaded = await session.Query(
                "SELECT id, job_type_id, revision_num, manifest, docker_image FROM job_type_revision WHERE id IN @ids",
                r => new JobTypeRevision(r.GetInt64(0), r.GetInt64(1), r.GetInt32(2), SeedManifest.FromText(r.GetString(3)), r.GetString(4)),
                ("ids", missing));
            foreach (var revision in loaded)
            {
                revisions[revision.Id] = revision;
            }
        }

        return wanted.Where(revisions.ContainsKey).ToDictionary(id => id, id => revisions[id]);
    }

    private async Task LoadTypes(Session session, long[] ids)
    {
        const string sql = """
            SELECT id, name, version, is_active, is_paused, is_system, is_long_running, max_scheduled, max_tries, revision_id, revision_num,
                manifest, configuration, unmet_resources, last_modified
            FROM job_type WHERE id IN @ids
            """;
        var loaded = await session.Query(
            sql,
            r => (Stamp: r.GetInt64(14), Entry: new JobTypeEntry(
                r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5), r.GetBoolean(6),
                r.Int(7) is > 0 and var limit ? limit : null, r.GetInt32(8), r.GetInt64(9), r.GetInt32(10),
                SeedManifest.FromText(r.GetString(11)), JobConfiguration.FromText(r.GetString(12)), r.Text(13))),
            ("ids", ids));
        foreach (var (stamp, entry) in loaded)
        {
            types[entry.Id] = (stamp, entry);
        }
    }
}
