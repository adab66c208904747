using System.Collections.Immutable;
using System.Text.Json;
using Scale.Model.Files;
using Scale.Model.Jobs;

namespace Scale.Engine.Executions;

public enum ExecutionOutcome
{
    /// <summary>Main ended well and its outputs are in their workspaces.</summary>
    Completed,

    /// <summary>An error was decided, named in <see cref="ExecutionReport.ErrorName"/>.</summary>
    Failed,

    /// <summary>Ended because it was told to; the process is gone.</summary>
    Killed,

    /// <summary>The cluster knows nothing of it and it does not run.</summary>
    Lost,

    /// <summary>Its node had no room for it, so that main was not started and can't start any more.</summary>
    NotStarted,
}

/// <summary>A file that was put into its workspace.</summary>
public sealed record CapturedFile(string Output, string FileName, long WorkspaceId, string FilePath, long FileSize, string MediaType, string? Checksum, FileMetadata? Metadata);

/// <param name="Json">Values of JSON outputs by output name.</param>
/// <param name="InputMetadata">Side-cars that describe single-file inputs, by input name.</param>
public sealed record CapturedOutputs(
    ImmutableArray<CapturedFile> Files,
    ImmutableSortedDictionary<string, JsonElement> Json,
    ImmutableSortedDictionary<string, FileMetadata> InputMetadata)
{
    public static readonly CapturedOutputs None = new([], ImmutableSortedDictionary<string, JsonElement>.Empty, ImmutableSortedDictionary<string, FileMetadata>.Empty);
}

/// <summary>One step of an execution for its task results (jobs-and-queue.md §12.3): <c>pull</c>, <c>pre</c>, <c>main</c> or <c>post</c>.</summary>
public sealed record ExecutionStep(string Type, DateTime? Launched, DateTime? Started, DateTime? Ended, bool TimedOut, string? Status, int? ExitCode);

/// <summary>How an execution ended. Reports may come late, twice or never; <see cref="Key"/> tells which one it is about.</summary>
public sealed record ExecutionReport
{
    public required ExecutionKey Key { get; init; }
    public required ExecutionOutcome Outcome { get; init; }

    /// <summary>For <see cref="ExecutionOutcome.Failed"/>: the error, builtin or of the manifest.</summary>
    public string? ErrorName { get; init; }
    public bool IsBuiltinError { get; init; } = true;

    public required DateTime Ended { get; init; }
    public ImmutableArray<ExecutionStep> Steps { get; init; } = [];

    /// <summary>What its processes used; null when nothing ran or nobody knows.</summary>
    public ResourceUsage? Usage { get; init; }

    public CapturedOutputs Outputs { get; init; } = CapturedOutputs.None;
}
