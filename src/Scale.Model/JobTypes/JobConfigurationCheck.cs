using System.Collections.Immutable;
using Scale.Model.Documents;
using Scale.Model.JobTypes.Seed;

namespace Scale.Model.JobTypes;

/// <summary>Holds a configuration against a manifest and the workspaces there are (job-types-and-seed.md §3.8), in the order warnings are shown.</summary>
internal static class JobConfigurationCheck
{
    private static readonly HashSet<string> StandardResources = new(StringComparer.Ordinal) { "cpus", "mem", "disk", "gpus", "sharedmem" };

    public static (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Run(
        JobConfiguration configuration, SeedManifest manifest, IReadOnlyDictionary<string, bool> workspaces)
    {
        var errors = new List<Problem>();
        var warnings = new List<Problem>();
        CompareNames(
            configuration.Mounts?.Keys ?? [], manifest.Mounts.Select(m => m.Name), "/mounts", "mount",
            ConfigurationProblems.UnknownMount, ConfigurationProblems.MissingMount, warnings);
        CheckWorkspaces(configuration, manifest, workspaces, errors, warnings);
        CheckSettings(configuration, manifest, errors, warnings);
        foreach (var resource in manifest.Resources.Where(r => !StandardResources.Contains(r.Name)))
        {
            warnings.Add(new Problem(
                ConfigurationProblems.NonstandardResource, "", $"resource {resource.Name} of the manifest is not standard; only nodes that offer it can run the job"));
        }

        return (errors, warnings);
    }

    private static void CheckWorkspaces(
        JobConfiguration configuration, SeedManifest manifest, IReadOnlyDictionary<string, bool> workspaces, List<Problem> errors, List<Problem> warnings)
    {
        var configured = new List<(string Path, string Workspace)>();
        if (configuration.DefaultWorkspace is { } fallback)
        {
            configured.Add(("/output_workspaces/default", fallback));
        }

        configured.AddRange((configuration.OutputWorkspaces ?? ImmutableSortedDictionary<string, string>.Empty)
            .Where(o => o.Value.Length > 0)
            .Select(o => ("/output_workspaces/outputs/" + DocumentReader.Escape(o.Key), o.Value)));
        foreach (var (path, workspace) in configured)
        {
            if (!workspaces.TryGetValue(workspace, out var isActive))
            {
                errors.Add(new Problem(ConfigurationProblems.InvalidWorkspace, path, $"there is no workspace named {workspace}"));
            }
            else if (!isActive)
            {
                warnings.Add(new Problem(ConfigurationProblems.DeprecatedWorkspace, path, $"workspace {workspace} is not active"));
            }
        }

        foreach (var name in (configuration.OutputWorkspaces?.Keys ?? []).Where(name => !manifest.FileOutputs.Any(o => o.Name == name)))
        {
            warnings.Add(new Problem(
                ConfigurationProblems.UnknownOutput, "/output_workspaces/outputs/" + DocumentReader.Escape(name), $"output {name} is no file output of the manifest and is ignored"));
        }

        foreach (var output in manifest.FileOutputs.Where(o => configuration.WorkspaceOf(o.Name) is null))
        {
            errors.Add(new Problem(
                ConfigurationProblems.MissingWorkspace, "/output_workspaces", $"file output {output.Name} has no workspace of its own and there is no default"));
        }
    }

    private static void CheckSettings(JobConfiguration configuration, SeedManifest manifest, List<Problem> errors, List<Problem> warnings)
    {
        foreach (var name in configuration.ClearedSettings.Where(n => !manifest.Settings.Any(s => s.Name == n && s.IsSecret)))
        {
            errors.Add(new Problem(
                ConfigurationProblems.InvalidSetting, "/settings/" + DocumentReader.Escape(name), "must be a string; only a secret can be deleted with null"));
        }

        CompareNames(
            configuration.Settings?.Keys ?? [], manifest.Settings.Select(s => s.Name), "/settings", "setting",
            ConfigurationProblems.UnknownSetting, ConfigurationProblems.MissingSetting, warnings);
    }

    private static void CompareNames(
        IEnumerable<string> configured, IEnumerable<string> declared, string path, string what, string unknown, string missing, List<Problem> warnings)
    {
        var configuredNames = configured.ToHashSet(StringComparer.Ordinal);
        var declaredNames = declared.ToList();
        warnings.AddRange(configuredNames.Except(declaredNames).Order(StringComparer.Ordinal)
            .Select(n => new Problem(unknown, path + "/" + DocumentReader.Escape(n), $"{what} {n} is not in the manifest and is ignored")));
        warnings.AddRange(declaredNames.Where(n => !configuredNames.Contains(n))
            .Select(n => new Problem(missing, path, $"{what} {n} of the manifest is not configured")));
    }
}
