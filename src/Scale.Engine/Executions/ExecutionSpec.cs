using System.Collections.Immutable;
using Scale.Model.Data;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Scheduling;
using Scale.Store.Jobs;

namespace Scale.Engine.Executions;

/// <summary>Names one execution everywhere; <c>ExeNum</c> is its fencing token.</summary>
public readonly record struct ExecutionKey(long ExecutionId, long JobId, int ExeNum);

/// <summary>A workspace as an execution needs it.</summary>
/// <param name="Configuration">Its stored configuration document.</param>
public sealed record ExecutionWorkspace(long Id, string Name, bool IsActive, string Configuration);

public sealed record ExecutionInputFile(long FileId, string FileName, string FilePath, string MediaType, long FileSize, bool IsSource, bool IsDeleted, ExecutionWorkspace Workspace)
{
    /// <summary>What its row says besides, for the metadata document; null where nothing is known.</summary>
    public ExecutionFileDetails? Details { get; init; }
}

/// <summary>Everything a cluster needs to run one execution; written to <c>spec.json</c> (without secrets) in its folder.</summary>
public sealed record ExecutionSpec
{
    public required ExecutionKey Key { get; init; }

    /// <summary>Deterministic external name, <c>scale_job_{instance}_{job}x{exe}</c>.</summary>
    public required string ClusterId { get; init; }

    public required long NodeId { get; init; }
    public required string Hostname { get; init; }
    public required long JobTypeId { get; init; }

    /// <summary>The pinned revision.</summary>
    public long RevisionId { get; init; }

    /// <summary>The pinned revision's image: a reference, or <c>dir:PATH</c> below an image root.</summary>
    public required string Image { get; init; }

    /// <summary>Manifest of the pinned revision.</summary>
    public required SeedManifest Manifest { get; init; }

    /// <summary>Input values; those of file inputs are the ids in <see cref="InputFiles"/>.</summary>
    public required DataValues Input { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<ExecutionInputFile>> InputFiles { get; init; }

    /// <summary>Workspace of every file output, by output name.</summary>
    public required IReadOnlyDictionary<string, ExecutionWorkspace> OutputWorkspaces { get; init; }

    /// <summary>The effective configuration: mounts and settings, secret values left out.</summary>
    public required JobConfiguration Configuration { get; init; }

    /// <summary>Real values of secret settings; in memory only.</summary>
    public required IReadOnlyDictionary<string, string> Secrets { get; init; }

    /// <summary>Secrets that have a value which can't be decrypted: the execution must not run without them.</summary>
    public IReadOnlyList<string> UnreadableSecrets { get; init; } = [];

    /// <summary>Required resources of the job (jobs-and-queue.md §13.9).</summary>
    public required Resources Resources { get; init; }

    /// <summary>Size of all inputs in MiB, rounded up.</summary>
    public required double InputMiB { get; init; }

    /// <summary>Seconds that main may run; null for no limit.</summary>
    public required int? TimeoutSeconds { get; init; }

    public required long? RecipeId { get; init; }
    public required long? BatchId { get; init; }

    /// <summary>Name of the recipe type and number of its revision, for product paths; null outside recipes.</summary>
    public required string? RecipeTypeName { get; init; }
    public required int? RecipeTypeRevision { get; init; }

    /// <summary>Input of the recipe that the job belongs to, for the metadata document; null outside recipes, and before a recipe has input.</summary>
    public DataValues? RecipeInput { get; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<ExecutionInputFile>> RecipeInputFiles { get; init; } = ImmutableDictionary<string, IReadOnlyList<ExecutionInputFile>>.Empty;

    /// <summary>Date part of product paths: the job's source start or its earliest source ancestor's; null when unknown.</summary>
    public required DateTime? SourceStarted { get; init; }

    /// <summary>When the execution was scheduled.</summary>
    public required DateTime Started { get; init; }
}
