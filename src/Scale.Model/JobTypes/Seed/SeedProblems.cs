namespace Scale.Model.JobTypes.Seed;

/// <summary>Names of what can be wrong with a manifest (job-types-and-seed.md §3.8).</summary>
public static class SeedProblems
{
    public const string Invalid = "JSON_VALIDATION_ERROR";
    public const string NameCollision = "NAME_COLLISION_ERROR";
    public const string DuplicateMountNames = "DUPLICATE_MOUNT_NAMES";
    public const string DuplicateErrorNames = "DUPLICATE_ERROR_NAMES";
    public const string InvalidMountPath = "INVALID_MOUNT_PATH";

    /// <summary>Warning: a name that the environment of every execution already uses.</summary>
    public const string ReservedName = "RESERVED_NAME";

    /// <summary>Warning: the command has a quote or braces that do not close; that text stays literal.</summary>
    public const string UnbalancedCommand = "UNBALANCED_COMMAND";

    /// <summary>Warning: the command names something that is neither input, setting nor set by the system; that text stays as it is.</summary>
    public const string UndefinedVariable = "UNDEFINED_VARIABLE";

    /// <summary>Warning: a secret is put into an argument, where everybody on the node can see it.</summary>
    public const string SecretInCommand = "SECRET_IN_COMMAND";

    /// <summary>Warning: of errors with one exit code only the last is ever used.</summary>
    public const string DuplicateErrorCodes = "DUPLICATE_ERROR_CODES";

    /// <summary>Warning: a timeout that lets nothing run.</summary>
    public const string InvalidTimeout = "INVALID_TIMEOUT";
}
