using System.Formats.Tar;
using Scale.Engine.Clusters.Local;

namespace Scale.Engine.Tests.Clusters;

/// <summary>
/// Podman with a storage of its own, and in it an image made of nothing but busybox, as no registry can be counted on. Machines for builds allow no rise of limits and
/// have no overlay file system, which the arguments take into account.
/// </summary>
public sealed class ContainerMachine : IAsyncLifetime
{
    public const string Image = "localhost/scale-tests/tools:1";

    private static readonly string[] Applets =
        ["sh", "cat", "cp", "dd", "echo", "env", "false", "head", "id", "ip", "kill", "ln", "ls", "mkdir", "rm", "sleep", "sort", "stat", "test", "touch", "true", "wc"];

    private readonly string folder = Directory.CreateTempSubdirectory("scale-podman-").FullName;
    private ContainerEngine? engine;

    public ContainerOptions Options => new()
    {
        Engine = "podman",
        EngineArguments =
        [
            "--runtime", "runc", "--storage-driver", "vfs", "--root", $"{folder}/root", "--runroot", $"{folder}/run", "--tmpdir", $"{folder}/tmp",
        ],
        RunArguments = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"],
    };

    public ContainerEngine Engine => engine ?? throw new InvalidOperationException("Podman was not found.");

    public async ValueTask InitializeAsync()
    {
        engine = ContainerEngine.Find(Options, TimeProvider.System, out var problem) ?? throw new InvalidOperationException(problem);
        await Import(Image, []);
    }

    /// <summary>Runs podman; fails the test with its words when it fails.</summary>
    public async Task<string> Podman(params string[] command)
    {
        var answer = await Engine.Call(command, CancellationToken.None);
        Assert.True(answer.IsGood, $"podman {string.Join(' ', command)}: {answer.Error}");
        return answer.Output.Trim();
    }

    /// <summary>Makes another image of the same files.</summary>
    /// <param name="changes">Lines of a Dockerfile, as <c>ENTRYPOINT ["/bin/echo"]</c>.</param>
    public async Task Import(string image, IReadOnlyList<string> changes)
    {
        var archive = Path.Combine(folder, $"{Guid.NewGuid():N}.tar");
        WriteFiles(archive);
        await Podman(["import", .. changes.SelectMany(change => new[] { "--change", change }), archive, image]);
        File.Delete(archive);
    }

    public async ValueTask DisposeAsync()
    {
        if (engine is not null)
        {
            await engine.Call(["rm", "--all", "--force", "--time", "0"], CancellationToken.None);
            await engine.Call(["volume", "rm", "--all", "--force"], CancellationToken.None);
            await engine.Call(["rmi", "--all", "--force"], CancellationToken.None);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static void WriteFiles(string archive)
    {
        const UnixFileMode Executable = (UnixFileMode)0x1ED;
        using var tar = new TarWriter(File.Create(archive));
        foreach (var (path, mode) in new[] { ("bin", Executable), ("etc", Executable), ("tmp", (UnixFileMode)0x3FF) })
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, path) { Mode = mode });
        }

        using (var busybox = File.OpenRead("/bin/busybox"))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = Executable, DataStream = busybox });
        }

        foreach (var applet in Applets)
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
        }
    }
}

/// <summary>The tests that run containers share one podman and take turns: a container costs as much as a hundred processes.</summary>
[CollectionDefinition(Name)]
public sealed class ContainerMachineTests : ICollectionFixture<ContainerMachine>
{
    public const string Name = "containers";
}
