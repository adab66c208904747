namespace Scale.Model.Errors;

/// <param name="ExitCode">Exit code of pre, post and system programs that stands for the error, or null.</param>
public sealed record BuiltinError(string Name, string Title, string Description, ErrorCategory Category, bool ShouldBeRetried, int? ExitCode);

/// <summary>The errors every installation knows (jobs-and-queue.md §13.10): names and codes are stable.</summary>
public static class BuiltinErrors
{
    public const string Unknown = "unknown";
    public const string Database = "database";
    public const string DatabaseOperation = "database-operation";
    public const string FilesystemIo = "filesystem-io";
    public const string TaskLaunch = "task-launch";
    public const string DockerTaskLaunch = "docker-task-launch";
    public const string DockerTerminated = "docker-terminated";
    public const string NodeLost = "node-lost";
    public const string ResourceStarvation = "resource-starvation";
    public const string LaunchTimeout = "launch-timeout";
    public const string PullTimeout = "pull-timeout";
    public const string PreTimeout = "pre-timeout";
    public const string PostTimeout = "post-timeout";
    public const string SystemTimeout = "system-timeout";
    public const string IngestTimeout = "ingest-timeout";
    public const string Pull = "pull";
    public const string SchedulerLost = "scheduler-lost";
    public const string MissingSetting = "missing-setting";
    public const string MissingMount = "missing-mount";
    public const string DeletedFile = "deleted-file";
    public const string MissingFile = "missing-file";
    public const string Test = "test";
    public const string Timeout = "timeout";
    public const string OutOfMemory = "out-of-memory";
    public const string AlgorithmUnknown = "algorithm-unknown";
    public const string InvalidResultsManifest = "invalid-results-manifest";
    public const string MissingRequiredOutput = "missing-required-output";
    public const string UnexpectedMultipleOutputs = "unexpected-multiple-outputs";
    public const string OutputCaptureError = "output-capture-error";

    public static readonly IReadOnlyList<BuiltinError> All =
    [
        Retried(Unknown, "Unknown", "The error that caused the failure is unknown.", 1),
        Retried(Database, "Database", "The database could not be reached.", 2),
        Retried(DatabaseOperation, "Database Operation", "The database refused an operation.", 3),
        Retried(FilesystemIo, "Filesystem I/O", "A file could not be read or written.", 4),
        Retried(TaskLaunch, "Task Launch", "A step of the execution could not be launched."),
        Retried(DockerTaskLaunch, "Docker Launch", "The container of a step could not be launched."),
        Retried(DockerTerminated, "Docker Terminated", "The container of a step was ended from outside."),
        Retried(NodeLost, "Node Lost", "The node that ran the execution was lost."),
        Retried(ResourceStarvation, "Resource Starvation", "The next step did not get its resources in time."),
        Retried(LaunchTimeout, "Launch Timeout", "A step was launched but did not start in time."),
        Retried(PullTimeout, "Pull-task Timeout", "The image was not fetched in time."),
        Retried(PreTimeout, "Pre-task Timeout", "The inputs were not prepared in time."),
        Retried(PostTimeout, "Post-task Timeout", "The outputs were not captured in time."),
        Retried(SystemTimeout, "Timeout", "The system job did not end in time."),
        Retried(IngestTimeout, "Ingest Timeout", "The file was not ingested in time."),
        Retried(Pull, "Docker Pull Failed", "The image could not be fetched."),
        Retried(SchedulerLost, "Scheduler Restarted", "The execution was lost while the scheduler restarted."),
        Final(MissingSetting, "Missing Setting", "A required setting has no value.", ErrorCategory.System, 6),
        Final(MissingMount, "Missing Mount", "A mount of the manifest is not configured.", ErrorCategory.System, 10),
        Final(DeletedFile, "Deleted File", "An input file was deleted.", ErrorCategory.System, 8),
        Final(MissingFile, "Missing File", "An input file is not where it should be.", ErrorCategory.System, 9),
        Final(Test, "Test Error", "An error used by tests.", ErrorCategory.System, 11),
        Final(Timeout, "Timeout", "The algorithm did not end in time.", ErrorCategory.Algorithm),
        Final(OutOfMemory, "Out of Memory", "The algorithm used more memory than it was given.", ErrorCategory.Algorithm),
        Final(AlgorithmUnknown, "Algorithm Failure", "The algorithm failed with an exit code that its manifest does not name.", ErrorCategory.Algorithm),
        Final(InvalidResultsManifest, "Invalid Results Manifest", "The algorithm described its results in a way that cannot be read.", ErrorCategory.Algorithm, 5),
        Final(MissingRequiredOutput, "Missing Required Output", "The algorithm did not make a required output.", ErrorCategory.Algorithm, 7),
        Final(UnexpectedMultipleOutputs, "Unexpected Multiple Outputs", "The algorithm made several files for an output of one file.", ErrorCategory.Algorithm, 26),
        Final(OutputCaptureError, "Output Capture Error", "The outputs of the algorithm could not be captured.", ErrorCategory.Algorithm, 20),
    ];

    private static readonly Dictionary<string, BuiltinError> ByName = All.ToDictionary(e => e.Name, StringComparer.Ordinal);

    private static readonly Dictionary<int, BuiltinError> ByExitCode =
        All.Where(e => e.ExitCode is not null).ToDictionary(e => e.ExitCode!.Value);

    /// <summary>The error of a name, or null when it is not builtin.</summary>
    public static BuiltinError? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The error of a name; throws <see cref="KeyNotFoundException"/> when it is not builtin.</summary>
    public static BuiltinError Get(string name) =>
        Find(name) ?? throw new KeyNotFoundException($"'{name}' is no builtin error; see BuiltinErrors.All");

    /// <summary>The error that a non-zero exit code of a pre, post or system program stands for; <c>unknown</c> for any other code.</summary>
    public static BuiltinError OfExitCode(int exitCode) => ByExitCode.GetValueOrDefault(exitCode) ?? Get(Unknown);

    private static BuiltinError Retried(string name, string title, string description, int? exitCode = null) =>
        new(name, title, description, ErrorCategory.System, ShouldBeRetried: true, exitCode);

    private static BuiltinError Final(string name, string title, string description, ErrorCategory category, int? exitCode = null) =>
        new(name, title, description, category, ShouldBeRetried: false, exitCode);
}
