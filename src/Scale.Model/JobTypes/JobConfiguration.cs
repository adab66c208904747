using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.JobTypes;

public abstract record MountConfiguration
{
    public sealed record Host(string HostPath) : MountConfiguration;

    public sealed record Volume(string Driver, ImmutableSortedDictionary<string, string> DriverOptions) : MountConfiguration;
}

/// <summary>A job configuration document (job-types-and-seed.md §5). A null member was absent.</summary>
public sealed record JobConfiguration(
    ImmutableSortedDictionary<string, MountConfiguration>? Mounts,
    string? DefaultWorkspace,
    ImmutableSortedDictionary<string, string>? OutputWorkspaces,
    int? Priority,
    ImmutableSortedDictionary<string, string>? Settings)
{
    public const int DefaultPriority = 100;

    public static readonly JobConfiguration Empty = new(null, null, null, null, null);

    public static Parsed<JobConfiguration> Parse(JsonElement json) => throw new NotImplementedException();

    public static JobConfiguration FromText(string? text) => throw new NotImplementedException();

    public string ToText() => throw new NotImplementedException();

    /// <summary>All four members filled, as every response shows it.</summary>
    public JsonObject ToJson() => throw new NotImplementedException();

    /// <summary>Workspace name of a file output: its own, else the default, else null.</summary>
    public string? WorkspaceOf(string output) => throw new NotImplementedException();

    /// <summary>Checks against a manifest and the known workspaces (name to is-active); errors and warnings of §3.8.</summary>
    public (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Check(SeedManifest manifest, IReadOnlyDictionary<string, bool> workspaces) => throw new NotImplementedException();

    /// <summary>Missing top-level members taken from <paramref name="jobType"/> (§5 "Levels").</summary>
    public JobConfiguration CompletedBy(JobConfiguration jobType) => throw new NotImplementedException();

    /// <summary>This (job type's) configuration overlaid by a recipe's, name by name (recipes.md §8).</summary>
    public JobConfiguration OverlaidBy(JobConfiguration recipe) => throw new NotImplementedException();

    /// <summary>Without the values of settings that <paramref name="manifest"/> declares secret.</summary>
    public JobConfiguration WithoutSecrets(SeedManifest manifest) => throw new NotImplementedException();
}
