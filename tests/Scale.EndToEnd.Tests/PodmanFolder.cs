using System.Diagnostics;

namespace Scale.EndToEnd.Tests;

/// <summary>Podman with a storage of its own, as a user would set it up on a machine that allows no rise of limits.</summary>
public sealed class PodmanFolder : IDisposable
{
    // The loader stands in the first or third; programs name it by its path.
    private static readonly string[] Places = ["/lib64", "/lib/x86_64-linux-gnu", "/lib", "/lib/aarch64-linux-gnu"];

    // What programs for .NET need of the system.
    private static readonly string[] Libraries =
        ["ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1", "libstdc++.so.6"];

    private readonly TemporaryFolder folder = new();

    /// <summary>What the program is told on its command line.</summary>
    public string[] ServerOptions =>
    [
        "--container-engine", "podman", "--container-engine-arguments", string.Join(' ', EngineArguments), "--container-run-arguments", "--ulimit nofile=1024:1024 --ulimit nproc=1024:1024",
    ];

    public string[] EngineArguments => ["--runtime", "runc", "--storage-driver", "vfs", "--root", folder.Below("root"), "--runroot", folder.Below("run"), "--tmpdir", folder.Below("tmp")];

    /// <summary>Runs podman; fails with its words.</summary>
    public string Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo("podman", [.. EngineArguments, .. command]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"podman {command[0]}: {errors.Result}");
        return output.Trim();
    }

    /// <summary>An image of busybox.</summary>
    /// <param name="manifest">For the label in which a job type's image has it.</param>
    public void MakeTools(string image, string? manifest = null)
    {
        var files = folder.Below("tools");
        Directory.CreateDirectory(Path.Combine(files, "bin"));
        File.Copy("/bin/busybox", Path.Combine(files, "bin", "busybox"));
        foreach (var applet in new[] { "sh", "cat", "cp", "sleep", "test", "touch", "true" })
        {
            File.CreateSymbolicLink(Path.Combine(files, "bin", applet), "busybox");
        }

        Import(files, image, manifest is null ? [] : ["--change", $"LABEL com.ngageoint.seed.manifest=\"{manifest.Replace("\"", "\\\"").Replace("$", "\\$")}\""]);
    }

    /// <summary>An image with this machine's own .NET, in the place of the one that the examples are meant for and no registry is asked for here.</summary>
    public void MakeDotnet(string image)
    {
        var files = folder.Below("dotnet");
        var runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/');
        Copy(runtime, Path.Combine(files, "usr/share/dotnet/shared/Microsoft.NETCore.App", Path.GetFileName(runtime)));
        Copy(Path.GetFullPath(Path.Combine(runtime, "../../../host/fxr")), Path.Combine(files, "usr/share/dotnet/host/fxr"));
        foreach (var library in Libraries)
        {
            if (Places.FirstOrDefault(place => File.Exists(Path.Combine(place, library))) is { } place)
            {
                var target = Path.Combine(files, place.TrimStart('/'), library);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(Path.Combine(place, library), target);
            }
        }

        Directory.CreateDirectory(Path.Combine(files, "tmp"), (UnixFileMode)0x3FF);
        Import(files, image, "--change", "ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1");
    }

    public void Dispose()
    {
        Run("rm", "--all", "--force", "--time", "0");
        folder.Dispose();
    }

    private void Import(string files, string image, params string[] changes)
    {
        var archive = files + ".tar";
        using (var tar = Process.Start("tar", ["-C", files, "-cf", archive, "."]))
        {
            tar.WaitForExit();
            Assert.Equal(0, tar.ExitCode);
        }

        Run(["import", .. changes, archive, image]);
        File.Delete(archive);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
