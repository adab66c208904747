using System.Collections.Immutable;
using System.Text.Json;
using Scale.Model.Data;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;

namespace Scale.JobTypes;

/// <summary>What a run takes, held against the manifest.</summary>
/// <param name="Files">Absolute paths by input name.</param>
internal sealed record DeskInput(
    IReadOnlyDictionary<string, IReadOnlyList<string>> Files, ImmutableSortedDictionary<string, JsonElement> Json, JobConfiguration Configuration, IReadOnlyDictionary<string, string> Secrets);

/// <summary>Inputs, settings and mounts as they were typed, each <c>NAME=TEXT</c>.</summary>
internal sealed record DeskArguments(IReadOnlyList<string> Inputs, IReadOnlyList<string> Settings, IReadOnlyList<string> Mounts)
{
    /// <returns>What was given, and everything that is wrong with it.</returns>
    public (DeskInput Input, IReadOnlyList<string> Problems) Read(SeedManifest manifest)
    {
        var problems = new List<string>();
        var inputs = Pairs(Inputs);
        var known = manifest.InputInterface;
        problems.AddRange(inputs.Where(i => known.Files.All(f => f.Name != i.Key) && known.Json.All(j => j.Name != i.Key)).Select(i => $"the manifest has no input {i.Key}"));
        var files = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var parameter in known.Files)
        {
            var paths = inputs[parameter.Name].Select(Path.GetFullPath).ToList();
            problems.AddRange(paths.Where(p => !File.Exists(p)).Select(p => $"input {parameter.Name}: there is no file {p}"));
            if (paths.Count > 1 && !parameter.Multiple)
            {
                problems.Add($"input {parameter.Name} takes one file, not {paths.Count}");
            }

            if (paths.Count > 0)
            {
                files[parameter.Name] = paths;
            }
            else if (parameter.Required)
            {
                problems.Add($"required input {parameter.Name} is missing: -i {parameter.Name}=PATH");
            }
        }

        var json = DataValues.NoJson;
        foreach (var parameter in known.Json)
        {
            if (inputs[parameter.Name].LastOrDefault() is not { } text)
            {
                problems.AddRange(parameter.Required ? [$"required input {parameter.Name} is missing: -i {parameter.Name}=VALUE"] : []);
            }
            else if (Value(parameter.Type, text) is { } value)
            {
                json = json.Add(parameter.Name, value);
            }
            else
            {
                problems.Add($"input {parameter.Name}: '{text}' is no JSON value of type {parameter.Type.Name()}");
            }
        }

        var settings = Pairs(Settings);
        problems.AddRange(settings.Where(s => manifest.Settings.All(d => d.Name != s.Key)).Select(s => $"the manifest has no setting {s.Key}"));
        var mounts = Pairs(Mounts);
        problems.AddRange(mounts.Where(m => manifest.Mounts.All(d => d.Name != m.Key)).Select(m => $"the manifest has no mount {m.Key}"));
        var configuration = JobConfiguration.Empty with
        {
            Settings = Named(manifest.Settings.Where(s => !s.IsSecret && settings.Contains(s.Name)).Select(s => s.Name), name => settings[name].Last()),
            Mounts = Named<MountConfiguration>(mounts.Select(m => m.Key), name => new MountConfiguration.Host(Path.GetFullPath(mounts[name].Last()))),
        };
        return (new DeskInput(files, json, configuration, Named(manifest.Settings.Where(s => s.IsSecret && settings.Contains(s.Name)).Select(s => s.Name), name => settings[name].Last())), problems);
    }

    private static ImmutableSortedDictionary<string, T> Named<T>(IEnumerable<string> names, Func<string, T> value) =>
        names.ToImmutableSortedDictionary(name => name, value, StringComparer.Ordinal);

    private static ILookup<string, string> Pairs(IEnumerable<string> texts) => texts.ToLookup(t => t[..t.IndexOf('=')], t => t[(t.IndexOf('=') + 1)..], StringComparer.Ordinal);

    /// <summary>Strings need no quotes; everything else is JSON.</summary>
    private static JsonElement? Value(JsonType type, string text)
    {
        if (type == JsonType.String)
        {
            return JsonSerializer.SerializeToElement(text);
        }

        try
        {
            var value = JsonElement.Parse(text);
            return type.Accepts(value) ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
