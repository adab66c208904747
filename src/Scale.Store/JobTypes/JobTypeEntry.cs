using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;

namespace Scale.Store.JobTypes;

/// <summary>A job type as it is now (job-types-and-seed.md §7.1): what applies to every queueing and launch from here on.</summary>
/// <param name="MaxScheduled">How many executions may run at once; null for no limit.</param>
/// <param name="Manifest">Of the current revision: resources and timeout of jobs that are queued now.</param>
/// <param name="Configuration">For jobs without one of their own.</param>
public sealed record JobTypeEntry(
    long Id,
    string Name,
    string Version,
    bool IsActive,
    bool IsPaused,
    bool IsSystem,
    bool IsLongRunning,
    int? MaxScheduled,
    int MaxTries,
    long RevisionId,
    int RevisionNum,
    SeedManifest Manifest,
    JobConfiguration Configuration,
    string? UnmetResources);

/// <summary>A revision never changes: what jobs that pin it run, and how their outputs and exit codes are read.</summary>
public sealed record JobTypeRevision(long Id, long JobTypeId, int RevisionNum, SeedManifest Manifest, string Image);
