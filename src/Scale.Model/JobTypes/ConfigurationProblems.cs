namespace Scale.Model.JobTypes;

/// <summary>Names of what can be wrong with a job configuration (job-types-and-seed.md §3.8).</summary>
public static class ConfigurationProblems
{
    public const string Invalid = "INVALID_CONFIGURATION";
    public const string InvalidVersion = "INVALID_VERSION";
    public const string InvalidPriority = "INVALID_PRIORITY";
    public const string HostAbsolutePath = "HOST_ABSOLUTE_PATH";
    public const string InvalidWorkspace = "INVALID_WORKSPACE";
    public const string MissingWorkspace = "MISSING_WORKSPACE";
    public const string InvalidSetting = "INVALID_SETTING";

    public const string UnknownMount = "UNKNOWN_MOUNT";
    public const string MissingMount = "MISSING_MOUNT";
    public const string DeprecatedWorkspace = "DEPRECATED_WORKSPACE";
    public const string UnknownOutput = "UNKNOWN_OUTPUT";
    public const string UnknownSetting = "UNKNOWN_SETTING";
    public const string MissingSetting = "MISSING_SETTING";

    /// <summary>A value for a secret setting in a configuration that keeps none: that of a job or a recipe.</summary>
    public const string SecretSetting = "SECRET_SETTING";
    public const string NonstandardResource = "NONSTANDARD_RESOURCE";
}
