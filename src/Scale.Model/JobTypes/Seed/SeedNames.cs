using System.Text.RegularExpressions;

namespace Scale.Model.JobTypes.Seed;

/// <summary>The grammar of names in a manifest (job-types-and-seed.md §4.1, §4.3).</summary>
public static partial class SeedNames
{
    /// <summary>The environment variable of a name: upper case, <c>-</c> becomes <c>_</c>.</summary>
    public static string Environment(string name) => name.ToUpperInvariant().Replace('-', '_');

    /// <summary>Variables that every execution sets, whatever the manifest says.</summary>
    public static readonly IReadOnlySet<string> RunTime = new HashSet<string>(StringComparer.Ordinal)
    {
        "INPUT_METADATA", "SCALE_JOB_ID", "SCALE_EXE_NUM", "SCALE_RECIPE_ID", "SCALE_BATCH_ID",
        "ALLOCATED_CPUS", "ALLOCATED_MEM", "ALLOCATED_DISK", "ALLOCATED_GPUS",
    };

    /// <summary>Variables of the system that a command may name in every job type.</summary>
    public static readonly IReadOnlyList<string> Expanded = ["OUTPUT_DIR", "INPUT_METADATA", "ALLOCATED_CPUS", "ALLOCATED_MEM", "ALLOCATED_DISK", "ALLOCATED_GPUS"];

    public static bool IsName(string text) => Name().IsMatch(text);

    public static bool IsJobName(string text) => JobName().IsMatch(text);

    // \z and not $, which would let a trailing line break pass.
    [GeneratedRegex(@"\A[a-zA-Z0-9_-]+\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"\A[a-zA-Z0-9-]+\z")]
    private static partial Regex JobName();
}
