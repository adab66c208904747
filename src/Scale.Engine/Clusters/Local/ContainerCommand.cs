using System.Globalization;
using Scale.Engine.Executions;
using Scale.Model.Jobs;
using Scale.Model.Scheduling;

namespace Scale.Engine.Clusters.Local;

/// <summary>What a container is made of; a pure function of it is the engine's command line.</summary>
/// <param name="ProcessFile">Where podman writes the id of the first process; docker can't.</param>
/// <param name="Owner">Value of the label that marks all containers of this execution folder.</param>
/// <param name="Resources">What main may use.</param>
/// <param name="SharedMemory">MiB, 0 for the engine's own default.</param>
/// <param name="ProcessLimit">Most processes and threads.</param>
/// <param name="PassedVariables">Names of variables that come from the engine's own environment.</param>
/// <param name="Volumes">Named volumes and where they are mounted.</param>
/// <param name="Arguments">For the image's entry point; none leaves the image its default.</param>
public sealed record ContainerRequest(
    ExecutionSpec Spec,
    string ProcessFile,
    string Owner,
    Resources Resources,
    double SharedMemory,
    int ProcessLimit,
    IReadOnlyList<int> GpuIndexes,
    IReadOnlyCollection<string> PassedVariables,
    IReadOnlyList<ContainerMount> Mounts,
    IReadOnlyList<ContainerMount> Volumes,
    IReadOnlyList<string> Arguments);

/// <summary>Makes the <c>run</c> command of a container; nothing in it is ever read by a shell.</summary>
public static class ContainerCommand
{
    public const string OwnerLabel = "scale-executions";
    public const string ExecutionLabel = "scale-job-execution-id";

    // The file of variables is open at this number and has no name any more when the engine starts.
    private const string VariablesDescriptor = "/dev/fd/9";

    /// <summary>Opens the file of variables, deletes it and becomes the engine: <c>sh -c</c> this <c>sh FILE ENGINE ARGUMENT...</c>.</summary>
    public const string StartScript = """[ -r "$1" ] || exit 125; exec 9< "$1"; rm -f "$1"; shift; exec "$@" """;

    /// <remarks>A new volume belongs to root; podman gives it to the container's user when told to, docker takes the owner from the image's folder.</remarks>
    /// <exception cref="ContainerException">A path can't be written in a mount option.</exception>
    public static IReadOnlyList<string> Of(ContainerRequest request, ContainerOptions options, ContainerUser user, bool isPodman)
    {
        var spec = request.Spec;
        var command = new List<string> { "run", "--name", spec.ClusterId, "--pull", "never", "--log-driver", "none", "--env-file", VariablesDescriptor };
        if (isPodman)
        {
            command.AddRange(["--pidfile", request.ProcessFile]);
        }

        Add(command, "--label",
            $"{OwnerLabel}={request.Owner}",
            $"scale-job-id={Text(spec.Key.JobId)}",
            $"{ExecutionLabel}={Text(spec.Key.ExecutionId)}",
            $"scale-job-type-name={spec.Manifest.Name}",
            $"scale-job-type-version={spec.Manifest.JobVersion}",
            "scale-task-type=main");
        AddConfinement(command, options, user, isPodman);
        AddLimits(command, request);
        AddGpus(command, request.GpuIndexes, isPodman);
        Add(command, "--env", [.. request.PassedVariables]);
        Add(command, "--mount", [.. request.Mounts.Select(m => MountOption("bind", m)), .. request.Volumes.Select(m => MountOption("volume", m) + (isPodman && m.IsWritable ? ",U=true" : ""))]);
        command.AddRange(options.RunArguments);
        command.Add("--");
        command.Add(spec.Image);
        command.AddRange(request.Arguments);
        return command;
    }

    private static void AddConfinement(List<string> command, ContainerOptions options, ContainerUser user, bool isPodman)
    {
        command.AddRange(["--network", options.Network, "--user", user.ToString(), "--cap-drop", "all", "--security-opt", "no-new-privileges"]);
        if (!isPodman)
        {
            return;
        }

        command.Add("--http-proxy=false");
        if (user.IsServer)
        {
            // Without root podman maps users; this one has to stay itself, or it could neither read nor write our folders.
            command.Add("--userns=keep-id");
        }
    }

    private static void AddLimits(List<string> command, ContainerRequest request)
    {
        // Without swap: a job that needs more than it asked for is ended, instead of making the machine slow.
        var memory = Text((long)Math.Ceiling(request.Resources["mem"] * (1 << 20))) + "b";
        command.AddRange(["--cpus", Text(request.Resources["cpus"]), "--memory", memory, "--memory-swap", memory, "--pids-limit", Text(request.ProcessLimit)]);
        if (request.SharedMemory > 0)
        {
            command.AddRange(["--shm-size", Text((long)Math.Ceiling(request.SharedMemory)) + "m"]);
        }
    }

    private static void AddGpus(List<string> command, IReadOnlyList<int> indexes, bool isPodman)
    {
        if (indexes.Count > 0 && isPodman)
        {
            Add(command, "--device", [.. indexes.Select(index => $"nvidia.com/gpu={Text(index)}")]);
        }
        else if (indexes.Count > 0)
        {
            // The quotes are docker's: without them it takes the comma for its own.
            Add(command, "--gpus", $"\"device={string.Join(',', indexes)}\"");
        }
    }

    private static string MountOption(string type, ContainerMount mount)
    {
        // Engines differ in how these are quoted, older ones don't know how at all.
        foreach (var path in new[] { mount.Source, mount.Target })
        {
            if (path.AsSpan().ContainsAny(",\"\n\r"))
            {
                throw new ContainerException($"'{path}' can't be mounted in a container: there is a comma, a quote or a line break in it");
            }
        }

        return $"type={type},source={mount.Source},target={mount.Target}{(mount.IsWritable ? "" : ",readonly")}";
    }

    private static void Add(List<string> command, string option, params string[] values)
    {
        foreach (var value in values)
        {
            command.Add(option);
            command.Add(value);
        }
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
