using Scale.Model.Documents;
using Scale.Model.Jobs;

namespace Scale.Model.JobTypes.Seed;

/// <summary>What a well-formed manifest must also keep to (job-types-and-seed.md §4.3).</summary>
internal static class SeedRules
{
    private const string Interface = "/job/interface";

    public static (IReadOnlyList<Problem> Errors, IReadOnlyList<Problem> Warnings) Check(SeedManifest manifest)
    {
        var errors = new List<Problem>();
        var warnings = new List<Problem>();
        CheckEnvironment(manifest, errors, warnings);
        CheckOutputs(manifest, errors);
        CheckMounts(manifest, errors);
        ReportRepeated(Named(manifest.Errors.Select(e => e.Name), "/job/errors"), SeedProblems.DuplicateErrorNames, "error", errors);
        if (manifest.Timeout <= 0)
        {
            warnings.Add(new Problem(SeedProblems.InvalidTimeout, "/job/timeout", $"of {manifest.Timeout} seconds ends every execution at once"));
        }

        if (!CommandLine.IsBalanced(manifest.Command))
        {
            warnings.Add(new Problem(SeedProblems.UnbalancedCommand, Interface + "/command", "has a quote or a '${' that is not closed; that text stays as it is"));
        }

        CheckCommandNames(manifest, warnings);
        CheckErrorCodes(manifest, warnings);
        return (errors, warnings);
    }

    private static void CheckCommandNames(SeedManifest manifest, List<Problem> warnings)
    {
        var secrets = manifest.Settings.Where(s => s.IsSecret).SelectMany(s => new[] { s.Name, SeedNames.Environment(s.Name) }).ToHashSet(StringComparer.Ordinal);
        var known = manifest.Settings.Select(s => s.Name).Concat(manifest.FileInputs.Select(f => f.Name)).Concat(manifest.JsonInputs.Select(j => j.Name)).Select(SeedNames.Environment)
            .Concat(manifest.Settings.Select(s => s.Name))
            .Concat(manifest.Resources.Select(r => "ALLOCATED_" + SeedNames.Environment(r.Name)))
            .Concat(SeedNames.Expanded)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var name in CommandLine.NamesIn(manifest.Command))
        {
            if (!known.Contains(name))
            {
                warnings.Add(new Problem(SeedProblems.UndefinedVariable, Interface + "/command", $"names {name}, which is no input, setting or variable of the system; that text stays as it is"));
            }
            else if (secrets.Contains(name))
            {
                warnings.Add(new Problem(SeedProblems.SecretInCommand, Interface + "/command", $"puts secret {name} into an argument, which everybody on the node can see; read it from the environment instead"));
            }
        }
    }

    private static void CheckErrorCodes(SeedManifest manifest, List<Problem> warnings)
    {
        for (var i = 0; i < manifest.Errors.Count; i++)
        {
            var error = manifest.Errors[i];
            if (manifest.Errors.Skip(i + 1).LastOrDefault(e => e.Code == error.Code) is { } used)
            {
                warnings.Add(new Problem(SeedProblems.DuplicateErrorCodes, $"/job/errors/{i}/code", $"{error.Code} is also that of error {used.Name}, which is used for it"));
            }
        }
    }

    private static void CheckEnvironment(SeedManifest manifest, List<Problem> errors, List<Problem> warnings)
    {
        var named = Named(manifest.Settings.Select(s => s.Name), Interface + "/settings")
            .Concat(Named(manifest.FileInputs.Select(f => f.Name), Interface + "/inputs/files"))
            .Concat(Named(manifest.JsonInputs.Select(j => j.Name), Interface + "/inputs/json"))
            .ToList();
        var resources = Named(manifest.Resources.Select(r => "ALLOCATED_" + r.Name), "/job/resources/scalar");
        var taken = new Dictionary<string, string>(StringComparer.Ordinal) { ["OUTPUT_DIR"] = "the output directory" };
        foreach (var (name, path) in named.Concat(resources))
        {
            var variable = SeedNames.Environment(name);
            if (!taken.TryAdd(variable, path))
            {
                errors.Add(new Problem(SeedProblems.NameCollision, path, $"uses the environment variable {variable}, which is already used by {taken[variable]}"));
            }
        }

        foreach (var (name, path) in named.Where(n => SeedNames.RunTime.Contains(SeedNames.Environment(n.Name))))
        {
            warnings.Add(new Problem(SeedProblems.ReservedName, path, $"the environment variable {SeedNames.Environment(name)} is set by the system and hides this value"));
        }
    }

    private static void CheckOutputs(SeedManifest manifest, List<Problem> errors) => ReportRepeated(
        Named(manifest.FileOutputs.Select(f => f.Name), Interface + "/outputs/files")
            .Concat(Named(manifest.JsonOutputs.Select(j => j.Name), Interface + "/outputs/json")),
        SeedProblems.NameCollision, "output", errors);

    private static void CheckMounts(SeedManifest manifest, List<Problem> errors)
    {
        ReportRepeated(Named(manifest.Mounts.Select(m => m.Name), Interface + "/mounts"), SeedProblems.DuplicateMountNames, "mount", errors);
        for (var i = 0; i < manifest.Mounts.Count; i++)
        {
            var path = manifest.Mounts[i].Path;
            if (!path.StartsWith('/'))
            {
                errors.Add(new Problem(SeedProblems.InvalidMountPath, $"{Interface}/mounts/{i}/path", $"must be absolute, not '{path}'"));
            }
        }
    }

    private static void ReportRepeated(IEnumerable<(string Name, string Path)> named, string problem, string what, List<Problem> errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, path) in named)
        {
            if (!seen.Add(name))
            {
                errors.Add(new Problem(problem, path, $"is the second {what} named {name}"));
            }
        }
    }

    private static IEnumerable<(string Name, string Path)> Named(IEnumerable<string> names, string array) =>
        names.Select((name, index) => (name, $"{array}/{index}/name"));
}
