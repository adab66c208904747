using Scale.Engine.Executions;
using Scale.Model.Errors;
using Scale.Model.JobTypes;

namespace Scale.Engine.Clusters.Local;

/// <summary>The mounts of a manifest in a container (job-types-and-seed.md §8.4). Each execution has volumes of its own, which go when its container goes.</summary>
internal static class ContainerVolumes
{
    private const string Infix = "_mount_";

    /// <summary>Name of the container that a volume was made for.</summary>
    public static string ContainerOf(string volume)
    {
        var end = volume.LastIndexOf(Infix, StringComparison.Ordinal);
        return end < 0 ? volume : volume[..end];
    }

    public static IReadOnlyList<ContainerMount> HostMounts(ExecutionSpec spec) =>
        [.. spec.Manifest.Mounts
            .Where(m => spec.Configuration.Mounts?.GetValueOrDefault(m.Name) is MountConfiguration.Host)
            .Select(m => new ContainerMount(((MountConfiguration.Host)spec.Configuration.Mounts![m.Name]).HostPath, m.Path, m.IsWritable))];

    public static IReadOnlyList<ContainerMount> VolumeMounts(ExecutionSpec spec) =>
        [.. VolumesOf(spec).Select(v => new ContainerMount(v.Name, v.Path, v.IsWritable))];

    public static IReadOnlyList<string> NamesOf(ExecutionSpec spec) => [.. VolumesOf(spec).Select(v => v.Name)];

    /// <returns>The error <c>missing-mount</c> when the engine can't make one.</returns>
    public static async Task<StepError?> Create(ExecutionSpec spec, ContainerEngine engine, string owner, CancellationToken cancel)
    {
        foreach (var (name, _, _, volume) in VolumesOf(spec))
        {
            List<string> command = ["volume", "create", "--label", $"{ContainerCommand.OwnerLabel}={owner}"];
            if (volume.Driver.Length > 0)
            {
                command.AddRange(["--driver", volume.Driver]);
            }

            foreach (var (key, value) in volume.DriverOptions)
            {
                command.AddRange(["--opt", $"{key}={value}"]);
            }

            var made = await engine.Call([.. command, name], cancel);
            if (!made.IsGood && !(await engine.Call(["volume", "inspect", name], cancel)).IsGood)
            {
                return StepError.Builtin(BuiltinErrors.MissingMount, $"volume {name} could not be made: {made.Reason}");
            }
        }

        return null;
    }

    private static IEnumerable<(string Name, string Path, bool IsWritable, MountConfiguration.Volume Volume)> VolumesOf(ExecutionSpec spec)
    {
        for (var i = 0; i < spec.Manifest.Mounts.Count; i++)
        {
            // Numbered, as names of mounts may hold what names of volumes may not.
            if (spec.Configuration.Mounts?.GetValueOrDefault(spec.Manifest.Mounts[i].Name) is MountConfiguration.Volume volume)
            {
                yield return ($"{spec.ClusterId}{Infix}{i}", spec.Manifest.Mounts[i].Path, spec.Manifest.Mounts[i].IsWritable, volume);
            }
        }
    }
}
