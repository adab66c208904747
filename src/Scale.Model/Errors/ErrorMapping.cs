using Scale.Model.Jobs;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.Errors;

/// <summary>An error by its key: builtin ones have a name of their own, others belong to a job type name.</summary>
public sealed record MappedError(string Name, bool IsBuiltin)
{
    internal static MappedError Builtin(string name) => new(name, IsBuiltin: true);
}

/// <summary>Which error a failed step stands for (job-types-and-seed.md §10, jobs-and-queue.md §13.10).</summary>
public static class ErrorMapping
{
    private const string IngestJobType = "scale-ingest";

    /// <summary>Error of a user job's main step, or null for success.</summary>
    /// <param name="pinned">The manifest of the revision that the job pins, never the job type's current one.</param>
    /// <param name="exitCode">Also a code above 128 made from a signal is an ordinary code.</param>
    public static MappedError? OfMain(SeedManifest pinned, int exitCode)
    {
        if (exitCode == 0)
        {
            return null;
        }

        // Two errors may share a code; the last one of the manifest wins.
        var own = pinned.Errors.LastOrDefault(e => e.Code == exitCode);
        return own is not null ? new MappedError(own.Name, IsBuiltin: false) : MappedError.Builtin(BuiltinErrors.AlgorithmUnknown);
    }

    /// <summary>Error of a pre, post or system program, or null for success.</summary>
    public static MappedError? OfSystemProgram(int exitCode) => exitCode == 0 ? null : MappedError.Builtin(BuiltinErrors.OfExitCode(exitCode).Name);

    /// <summary>Error of any step by its exit code, or null for success.</summary>
    public static MappedError? OfStep(ExecutionStep step, bool isSystemJob, SeedManifest pinned, int exitCode) => step switch
    {
        ExecutionStep.Main when !isSystemJob => OfMain(pinned, exitCode),
        ExecutionStep.Pull => exitCode == 0 ? null : MappedError.Builtin(BuiltinErrors.Pull),
        _ => OfSystemProgram(exitCode),
    };

    /// <summary>Error of a step that ran longer than it may.</summary>
    public static MappedError OfTimeout(ExecutionStep step, bool isSystemJob, string jobTypeName) => MappedError.Builtin(step switch
    {
        ExecutionStep.Pull => BuiltinErrors.PullTimeout,
        ExecutionStep.Pre => BuiltinErrors.PreTimeout,
        ExecutionStep.Post => BuiltinErrors.PostTimeout,
        _ when !isSystemJob => BuiltinErrors.Timeout,
        _ when jobTypeName == IngestJobType => BuiltinErrors.IngestTimeout,
        _ => BuiltinErrors.SystemTimeout,
    });

    /// <summary>Error of a step that never started.</summary>
    public static MappedError OfFailedLaunch(bool isContainer) =>
        MappedError.Builtin(isContainer ? BuiltinErrors.DockerTaskLaunch : BuiltinErrors.TaskLaunch);

    /// <summary>Error of a step that ended without an exit code.</summary>
    public static MappedError OfMissingExitCode(bool isContainer) =>
        MappedError.Builtin(isContainer ? BuiltinErrors.DockerTerminated : BuiltinErrors.Unknown);
}
