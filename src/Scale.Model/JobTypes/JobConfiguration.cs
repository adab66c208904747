using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.JobTypes;

public abstract record MountConfiguration
{
    public sealed record Host(string HostPath) : MountConfiguration
    {
        public override void WriteMembersTo(Utf8JsonWriter json)
        {
            json.WriteString("type", "host");
            json.WriteString("host_path", HostPath);
        }
    }

    public sealed record Volume(string Driver, ImmutableSortedDictionary<string, string> DriverOptions) : MountConfiguration
    {
        public override void WriteMembersTo(Utf8JsonWriter json)
        {
            json.WriteString("type", "volume");
            json.WriteString("driver", Driver);
            JobConfigurationDocument.Write(json, "driver_opts", DriverOptions);
        }
    }

    /// <summary>Writes what says of which kind it is and where it leads.</summary>
    public abstract void WriteMembersTo(Utf8JsonWriter json);
}

/// <summary>A job configuration document (job-types-and-seed.md §5). A null member was absent.</summary>
/// <param name="DefaultWorkspace">Null when none is set, also when <paramref name="OutputWorkspaces"/> is there.</param>
/// <param name="OutputWorkspaces">Workspace name by output name; there, maybe empty, whenever <c>output_workspaces</c> was.</param>
/// <param name="Priority">At least 1; lower runs first.</param>
public sealed record JobConfiguration(
    ImmutableSortedDictionary<string, MountConfiguration>? Mounts,
    string? DefaultWorkspace,
    ImmutableSortedDictionary<string, string>? OutputWorkspaces,
    int? Priority,
    ImmutableSortedDictionary<string, string>? Settings)
{
    public const int DefaultPriority = 100;

    public static readonly JobConfiguration Empty = new(null, null, null, null, null);

    /// <summary>Settings given as null, which deletes the stored value of a secret (§6) and is an error for any other setting.</summary>
    public ImmutableSortedSet<string> ClearedSettings { get; init; } = ImmutableSortedSet<string>.Empty;

    /// <summary>Whether a job may take over the outputs of an equal one instead of running (an addition to the contract); null when not said, which is no.</summary>
    public bool? Reuse { get; init; }

    private bool HasOutputWorkspaces => DefaultWorkspace is not null || OutputWorkspaces is not null;

    /// <summary>Reads a document of version 6, 7 or 2.0; JSON null and an undefined element are <see cref="Empty"/>.</summary>
    public static Parsed<JobConfiguration> Parse(JsonElement json) => JobConfigurationDocument.Parse(json);

    /// <summary>Reads what <see cref="ToText"/> wrote. Null, empty and unreadable text is <see cref="Empty"/>: a broken row shows the defaults (§3.4).</summary>
    public static JobConfiguration FromText(string? text) => JobConfigurationDocument.FromText(text);

    /// <summary>The stored form, which keeps absent members absent.</summary>
    public string ToText() => JobConfigurationDocument.ToText(this);

    /// <summary>All four members filled, as every response shows it; <c>reuse</c> only where it is on.</summary>
    public JsonObject ToJson() => JobConfigurationDocument.ToJson(this);

    /// <summary>Writes what <see cref="ToJson"/> gives.</summary>
    public void WriteTo(Utf8JsonWriter json) => JobConfigurationDocument.Write(json, this, fill: true);

    /// <summary>Workspace name of a file output: its own, else the default, else null.</summary>
    public string? WorkspaceOf(string output) =>
        OutputWorkspaces?.GetValueOrDefault(output) is { Length: > 0 } own ? own : DefaultWorkspace;

    /// <summary>Checks against a manifest and the known workspaces (name to is-active); errors and warnings of §3.8.</summary>
    public (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Check(SeedManifest manifest, IReadOnlyDictionary<string, bool> workspaces) =>
        JobConfigurationCheck.Run(this, manifest, workspaces);

    /// <summary>Missing top-level members taken from <paramref name="jobType"/> (§5 "Levels").</summary>
    public JobConfiguration CompletedBy(JobConfiguration jobType) => this with
    {
        Mounts = Mounts ?? jobType.Mounts,
        DefaultWorkspace = HasOutputWorkspaces ? DefaultWorkspace : jobType.DefaultWorkspace,
        OutputWorkspaces = HasOutputWorkspaces ? OutputWorkspaces : jobType.OutputWorkspaces,
        Priority = Priority ?? jobType.Priority,
        Reuse = Reuse ?? jobType.Reuse,
        Settings = Settings ?? jobType.Settings,
    };

    /// <summary>This (job type's) configuration overlaid by a recipe's, name by name (recipes.md §8).</summary>
    public JobConfiguration OverlaidBy(JobConfiguration recipe) => this with
    {
        Mounts = Overlay(Mounts, recipe.Mounts),
        DefaultWorkspace = recipe.DefaultWorkspace ?? DefaultWorkspace,
        OutputWorkspaces = Overlay(OutputWorkspaces, recipe.OutputWorkspaces),
        Priority = recipe.Priority ?? Priority,
        Reuse = recipe.Reuse ?? Reuse,
        Settings = Overlay(Settings, recipe.Settings),
    };

    /// <summary>Without the values of settings that <paramref name="manifest"/> declares secret.</summary>
    public JobConfiguration WithoutSecrets(SeedManifest manifest) => WithoutSettings(manifest.SecretSettings);

    /// <summary>Without the values of settings, and without those that were given to be cleared.</summary>
    public JobConfiguration WithoutSettings(IEnumerable<string> names)
    {
        var others = Settings?.RemoveRange(names);
        return ReferenceEquals(others, Settings) && ClearedSettings.IsEmpty ? this : this with { Settings = others, ClearedSettings = ImmutableSortedSet<string>.Empty };
    }

    /// <summary>A warning for each value given here for one of those settings, where secrets of job types apply instead (job-types-and-seed.md §6).</summary>
    public IReadOnlyList<Problem> IgnoredSecrets(IEnumerable<string> secretSettings) =>
    [
        .. secretSettings.Where(n => Settings?.ContainsKey(n) == true).Order(StringComparer.Ordinal).Select(n => new Problem(
            ConfigurationProblems.SecretSetting, "/settings/" + DocumentReader.Escape(n), $"setting {n} is secret: it is taken from the job type, and what is given here is dropped")),
    ];

    /// <summary>The values given here for settings that <paramref name="manifest"/> declares secret, by name.</summary>
    public ImmutableSortedDictionary<string, string> SecretsOf(SeedManifest manifest) =>
        manifest.SecretSettings.Where(n => Settings?.ContainsKey(n) == true)
            .ToImmutableSortedDictionary(n => n, n => Settings![n], StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, T>? Overlay<T>(ImmutableSortedDictionary<string, T>? below, ImmutableSortedDictionary<string, T>? above) =>
        below is null ? above : above is null ? below : below.SetItems(above);
}
