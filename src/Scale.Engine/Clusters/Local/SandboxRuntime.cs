using System.Diagnostics;
using System.Globalization;
using Scale.Engine.Executions;
using Scale.Model.Jobs;
using Scale.Model.JobTypes;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// Main inside bubblewrap: the system and the image read-only, its own input files read-only, its output and scratch folders writable, nothing else
/// of the file system, no network, and processes that all end with it.
/// </summary>
public sealed class SandboxRuntime(string bubblewrap, string? dotnetRoot) : IRuntime
{
    // Above this many, whole folders are shown instead of files: an argument list has a limit.
    private const int MostSingleFiles = 500;

    // What containers get when nothing else is said.
    private const double LeastSharedMemoryMiB = 64;

    private static readonly string[] SystemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    private static readonly string[] SystemFiles =
        ["/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/dotnet", "/etc/localtime", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/fonts", "/etc/ssl", "/etc/gdal"];

    public string Name => "sandbox";

    public MountSupport Mounts => MountSupport.HostFolders;

    public string StatusFile => ExecutionFolder.SandboxStatusFile;

    /// <summary>The sandbox if bubblewrap is installed and the kernel lets it work here, else null.</summary>
    public static SandboxRuntime? Detect(string? dotnetRoot)
    {
        var bubblewrap = ImageFolders.SystemPath.Select(folder => $"{folder}/bwrap").FirstOrDefault(File.Exists);
        if (bubblewrap is null)
        {
            return null;
        }

        var runtime = new SandboxRuntime(bubblewrap, dotnetRoot);
        var start = new ProcessStartInfo(bubblewrap) { RedirectStandardError = true };
        foreach (var argument in runtime.System(1, 1).Append("/bin/true"))
        {
            start.ArgumentList.Add(argument);
        }

        using var probe = Process.Start(start)!;
        probe.StandardError.ReadToEnd();
        probe.WaitForExit();
        return probe.ExitCode == 0 ? runtime : null;
    }

    public IReadOnlyList<string> Arguments(RuntimeRequest request)
    {
        var arguments = new List<string> { bubblewrap, "--json-status-fd", "3" };
        arguments.AddRange(System(request.Spec.Resources["mem"], RequiredResources.SharedMemory(request.Spec.Manifest, request.Spec.InputMiB)));
        ReadOnly(arguments, request.ImageFolder);
        ReadOnly(arguments, request.Folder.Inputs);
        foreach (var path in ShownInputs([.. request.LinkedInputs]))
        {
            ReadOnly(arguments, path);
        }

        Bind(arguments, "--bind", request.Folder.Outputs, request.Folder.Outputs);
        Bind(arguments, "--bind", request.Folder.Scratch, request.Folder.Scratch);
        foreach (var mount in request.Spec.Manifest.Mounts)
        {
            if (request.Spec.Configuration.Mounts?.GetValueOrDefault(mount.Name) is MountConfiguration.Host host)
            {
                Bind(arguments, mount.IsWritable ? "--bind" : "--ro-bind", host.HostPath, mount.Path);
            }
        }

        // Whatever lies in memory is bounded: /tmp and /dev/shm by size, the rest can't be written. Temporary files belong into the scratch folder (TMPDIR).
        arguments.AddRange(["--remount-ro", "/", "--remount-ro", "/dev", "--chdir", request.Folder.Scratch, "--"]);
        arguments.AddRange(request.Arguments);
        return arguments;
    }

    private List<string> System(double memoryMiB, double sharedMemoryMiB)
    {
        var arguments = new List<string> { "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev" };
        arguments.AddRange(["--size", Bytes(memoryMiB), "--tmpfs", "/tmp", "--size", Bytes(Math.Max(sharedMemoryMiB, LeastSharedMemoryMiB)), "--tmpfs", "/dev/shm"]);
        foreach (var folder in SystemFolders)
        {
            if (new DirectoryInfo(folder).LinkTarget is { } target)
            {
                arguments.AddRange(["--symlink", target, folder]);
            }
            else
            {
                Bind(arguments, "--ro-bind-try", folder, folder);
            }
        }

        foreach (var path in SystemFiles)
        {
            Bind(arguments, "--ro-bind-try", path, path);
        }

        if (dotnetRoot is not null && !dotnetRoot.StartsWith("/usr/", StringComparison.Ordinal))
        {
            ReadOnly(arguments, dotnetRoot);
        }

        return arguments;
    }

    private static string Bytes(double mebibytes) => ((long)(mebibytes * (1 << 20))).ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> ShownInputs(IReadOnlyList<string> paths) =>
        (paths.Count <= MostSingleFiles ? paths : paths.Select(path => Path.GetDirectoryName(path)!)).Distinct(StringComparer.Ordinal);

    private static void ReadOnly(List<string> arguments, string path) => Bind(arguments, "--ro-bind", path, path);

    private static void Bind(List<string> arguments, string kind, string from, string to) => arguments.AddRange([kind, from, to]);
}
