using Scale.Engine.Executions;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Clusters.Local;

/// <param name="Source">Path on this machine.</param>
/// <param name="Target">Path in the container.</param>
public sealed record ContainerMount(string Source, string Target, bool IsWritable);

/// <summary>
/// Makes the staged inputs visible in a container, where links to workspace files lead nowhere. Those that were staged as a second name of the file stay as they
/// are; others are mounted, each by itself. The input folder is mounted read-only, so neither can be written to.
/// </summary>
public static class ContainerInputs
{
    /// <summary>Where the container has what is mounted by itself.</summary>
    public const string MountedFiles = "/scale/input_files";

    // Each mount costs time at the start, and an argument list has a limit: above this many, whole folders are mounted.
    private const int MostSingleFiles = 200;

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Enterable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <param name="sourceFolder">A folder of ours for links to what is mounted, so that no name of a file gets into an argument.</param>
    /// <param name="isServerUser">Whether the container's user is the server's, who may read what only its owner may.</param>
    public static IReadOnlyList<ContainerMount> Arrange(ExecutionFolder folder, string sourceFolder, CheckedInputs inputs, bool isServerUser)
    {
        File.SetUnixFileMode(folder.Inputs, Enterable);
        File.SetUnixFileMode(folder.InputMetadata, Readable);
        var apart = new List<(string Staged, string Target)>();
        foreach (var (input, files) in inputs.Files)
        {
            var directory = Path.Combine(folder.Inputs, input);
            File.SetUnixFileMode(directory, Enterable);
            foreach (var file in files)
            {
                var staged = Path.Combine(directory, file.LocalName);
                if (!TryHold(staged, Path.Combine(folder.Root, "staged"), isServerUser))
                {
                    apart.Add((staged, File.ResolveLinkTarget(staged, returnFinalTarget: false)!.FullName));
                }
            }
        }

        return apart.Count == 0 ? [] : Mount(sourceFolder, apart);
    }

    /// <summary>Whether the file itself is in its place; put there as a copy when others may not read it.</summary>
    private static bool TryHold(string staged, string temporary, bool isServerUser)
    {
        using var file = FileCalls.OpenToRead(staged, out _) ?? throw new FileNotFoundException($"input file {staged} is gone");
        if (!FileCalls.FactsOf(file).IsRegular)
        {
            throw new IOException($"input file {staged} is no regular file");
        }

        if (isServerUser || File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherRead))
        {
            return new FileInfo(staged).LinkTarget is null;
        }

        File.Delete(temporary);
        using (var copy = File.Create(temporary))
        using (var source = new FileStream(file, FileAccess.Read))
        {
            source.CopyTo(copy);
        }

        File.SetUnixFileMode(temporary, Readable);
        return FileCalls.TryRename(temporary, staged);
    }

    private static List<ContainerMount> Mount(string sourceFolder, List<(string Staged, string Target)> files)
    {
        Directory.CreateDirectory(sourceFolder);
        var mounts = new List<ContainerMount>();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var isSingle = files.Count <= MostSingleFiles;
        foreach (var (staged, target) in files)
        {
            var source = isSingle ? target : Path.GetDirectoryName(target)!;
            if (!numbers.TryGetValue(source, out var number))
            {
                number = numbers[source] = mounts.Count;
                File.CreateSymbolicLink(Path.Combine(sourceFolder, $"{number}"), source);
                mounts.Add(new ContainerMount(Path.Combine(sourceFolder, $"{number}"), $"{MountedFiles}/{number}", IsWritable: false));
            }

            File.Delete(staged);
            File.CreateSymbolicLink(staged, isSingle ? $"{MountedFiles}/{number}" : $"{MountedFiles}/{number}/{Path.GetFileName(target)}");
        }

        return mounts;
    }
}
