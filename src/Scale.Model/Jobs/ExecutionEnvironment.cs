using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.JobTypes.Seed;
using Scale.Model.Scheduling;

namespace Scale.Model.Jobs;

/// <summary>Makes the arguments and variables of main (job-types-and-seed.md §8.2, §8.3).</summary>
public static class ExecutionEnvironment
{
    /// <summary>What replaces secrets in everything stored or shown.</summary>
    public const string Mask = "*****";

    // Whole numbers below this one have no more digits than are shown. They are most, and written much faster as such.
    private const double LargestExactWhole = 1e15;

    private static readonly (string Resource, string Variable)[] AlwaysAllocated = [.. new[] { "cpus", "mem", "disk", "gpus" }.Select(resource => (resource, AllocatedVariable(resource)))];

    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Builds what main is started with.</summary>
    /// <param name="manifest">The manifest of the revision that the job pins.</param>
    /// <param name="values">The job's input; only its JSON values are used here.</param>
    /// <param name="files">The files of each file input in the job's order; an input without files counts as unset.</param>
    /// <param name="settings">Values by setting name as written, secrets included; undeclared ones are ignored.</param>
    /// <param name="allocated">What main may use: see <see cref="RequiredResources.OfMain"/>.</param>
    /// <param name="sharedMemory">MiB, 0 for none.</param>
    /// <param name="gpuIndexes">Assigned GPUs, shown when there are any.</param>
    public static ExecutionCommand Build(
        SeedManifest manifest,
        DataValues values,
        IReadOnlyDictionary<string, IReadOnlyList<LocalFile>> files,
        IReadOnlyDictionary<string, string> settings,
        Resources allocated,
        double sharedMemory,
        ExecutionIds ids,
        ExecutionPaths paths,
        IReadOnlyList<int>? gpuIndexes = null)
    {
        var declared = new Dictionary<string, CommandValue>(StringComparer.Ordinal);
        AddSettings(declared, manifest, settings);
        AddInputs(declared, manifest, values, files, paths);
        AddSystem(declared, manifest, allocated, sharedMemory, paths);

        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in declared)
        {
            if (value.Text is not null)
            {
                environment[name] = value.Text;
            }
        }

        AddIds(environment, ids, gpuIndexes ?? []);
        AddSettingsAsWritten(declared, manifest, settings);
        return new ExecutionCommand(CommandLine.Expand(manifest.Command, declared), environment);
    }

    /// <summary>Names that the files of one input have on disk: later ones of the same name become <c>&lt;file id&gt;.&lt;file name&gt;</c>.</summary>
    /// <returns>One name for each file, in order, all different, none of them a path.</returns>
    public static IReadOnlyList<string> LocalNames(IReadOnlyList<LocalFile> files)
    {
        if (files.Count == 1)
        {
            return [LocalName(files[0])];
        }

        var taken = new HashSet<string>(StringComparer.Ordinal);
        var names = new List<string>(files.Count);
        foreach (var file in files)
        {
            var name = LocalName(file);
            while (!taken.Add(name))
            {
                name = $"{file.Id.ToString(CultureInfo.InvariantCulture)}.{name}";
            }

            names.Add(name);
        }

        return names;
    }

    private static string LocalName(LocalFile file)
    {
        var name = file.FileName.Replace('/', '_').Replace('\0', '_');
        return name is "" or "." or ".." ? $"{file.Id}.file" : name;
    }

    /// <summary>The settings with the values of secret ones replaced, for the stored and shown copy.</summary>
    public static IReadOnlyDictionary<string, string> MaskSecrets(SeedManifest manifest, IReadOnlyDictionary<string, string> settings)
    {
        var secret = manifest.SecretSettings.ToHashSet(StringComparer.Ordinal);
        return settings.ToDictionary(s => s.Key, s => secret.Contains(s.Key) ? Mask : s.Value, StringComparer.Ordinal);
    }

    /// <summary>An amount as executions see it: invariant, at least one decimal, no digit lost (<c>1.0</c>, <c>0.25</c>).</summary>
    public static string Amount(double value) => Math.Abs(value) < LargestExactWhole && value == Math.Floor(value)
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)value}.0")
        : value.ToString("0.0###############", CultureInfo.InvariantCulture);

    private static void AddSettings(Dictionary<string, CommandValue> declared, SeedManifest manifest, IReadOnlyDictionary<string, string> settings)
    {
        foreach (var setting in manifest.Settings)
        {
            declared[SeedNames.Environment(setting.Name)] = new CommandValue(WithoutNul(settings.GetValueOrDefault(setting.Name)), IsSplit: true);
        }
    }

    private static void AddSettingsAsWritten(Dictionary<string, CommandValue> declared, SeedManifest manifest, IReadOnlyDictionary<string, string> settings)
    {
        foreach (var setting in manifest.Settings)
        {
            declared.TryAdd(setting.Name, new CommandValue(WithoutNul(settings.GetValueOrDefault(setting.Name)), IsSplit: true));
        }
    }

    private static void AddInputs(
        Dictionary<string, CommandValue> declared,
        SeedManifest manifest,
        DataValues values,
        IReadOnlyDictionary<string, IReadOnlyList<LocalFile>> files,
        ExecutionPaths paths)
    {
        foreach (var input in manifest.FileInputs)
        {
            string? path = null;
            if (files.TryGetValue(input.Name, out var given) && given.Count > 0)
            {
                var directory = $"{paths.InputDirectory}/{input.Name}";
                path = input.Multiple ? directory : $"{directory}/{LocalNames(given)[0]}";
            }

            declared[SeedNames.Environment(input.Name)] = new CommandValue(path, IsSplit: false);
        }

        foreach (var input in manifest.JsonInputs)
        {
            var text = values.Json.TryGetValue(input.Name, out var value) ? JsonText(value) : null;
            declared[SeedNames.Environment(input.Name)] = new CommandValue(text, IsSplit: input.Type == JsonType.String);
        }
    }

    private static void AddSystem(
        Dictionary<string, CommandValue> declared, SeedManifest manifest, Resources allocated, double sharedMemory, ExecutionPaths paths)
    {
        declared["OUTPUT_DIR"] = new CommandValue(paths.OutputDirectory, IsSplit: false);
        declared["INPUT_METADATA"] = new CommandValue(paths.MetadataFile, IsSplit: false);
        foreach (var (resource, variable) in AlwaysAllocated)
        {
            declared[variable] = new CommandValue(Amount(allocated[resource]), IsSplit: false);
        }

        foreach (var resource in allocated.Amounts.Select(a => a.Key).Concat(manifest.Resources.Select(r => r.Name)).Where(IsAllocatedSometimes))
        {
            declared[AllocatedVariable(resource)] = new CommandValue(Amount(allocated[resource]), IsSplit: false);
        }

        var shared = sharedMemory > 0 ? Amount(Math.Ceiling(sharedMemory)) : null;
        if (shared is not null || manifest.Resources.Any(r => r.Name == RequiredResources.SharedMemoryName))
        {
            declared["ALLOCATED_SHAREDMEM"] = new CommandValue(shared, IsSplit: false);
        }
    }

    private static bool IsAllocatedSometimes(string resource) => resource != RequiredResources.SharedMemoryName && !Array.Exists(AlwaysAllocated, a => a.Resource == resource);

    private static string AllocatedVariable(string resource) => "ALLOCATED_" + SeedNames.Environment(resource);

    private static void AddIds(Dictionary<string, string> environment, ExecutionIds ids, IReadOnlyList<int> gpuIndexes)
    {
        environment["SCALE_JOB_ID"] = ids.JobId.ToString(CultureInfo.InvariantCulture);
        environment["SCALE_EXE_NUM"] = ids.ExeNum.ToString(CultureInfo.InvariantCulture);
        if (ids.RecipeId is { } recipe)
        {
            environment["SCALE_RECIPE_ID"] = recipe.ToString(CultureInfo.InvariantCulture);
        }

        if (ids.BatchId is { } batch)
        {
            environment["SCALE_BATCH_ID"] = batch.ToString(CultureInfo.InvariantCulture);
        }

        if (gpuIndexes.Count > 0)
        {
            environment["NVIDIA_VISIBLE_DEVICES"] = string.Join(',', gpuIndexes);
        }
    }

    private static string? JsonText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.String => WithoutNul(value.GetString()),
        JsonValueKind.Number => value.GetRawText(),
        _ => JsonSerializer.Serialize(value, Compact),
    };

    // The kernel ends a variable or an argument at a NUL: what follows it would silently be cut off.
    private static string? WithoutNul(string? text) => text?.Replace("\0", "", StringComparison.Ordinal);
}
