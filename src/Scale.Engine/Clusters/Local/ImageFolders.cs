using System.Collections.Concurrent;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Clusters.Local;

/// <summary>An unpacked image, or a program in it, that can't be used; says what is missing.</summary>
public sealed class ImageException(string message) : Exception(message);

/// <summary>
/// Finds unpacked images (<c>dir:PATH</c>) below the image roots, and programs in them. The first word of a command is looked up as a file of
/// the image first; a bare name that the image does not hold is looked up on the system's own path.
/// </summary>
public sealed class ImageFolders(IReadOnlyList<string> roots, TimeProvider clock)
{
    // Thousands of small jobs in a row start the same program: where it is need not be looked up for each of them.
    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Image, string Word), (string Folder, string Program, long Found)> found = new();

    public const string Prefix = "dir:";

    public static readonly IReadOnlyList<string> SystemPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The folder of an image, and the program that a first word of a command means in it. What was found is taken to be there for a second.</summary>
    /// <exception cref="ImageException">There is no such image or program, or it leaves the image roots.</exception>
    public (string Folder, string Program) Locate(string image, string word)
    {
        if (found.TryGetValue((image, word), out var known) && clock.GetElapsedTime(known.Found) < KeepFor)
        {
            return (known.Folder, known.Program);
        }

        var folder = Find(image);
        var program = Program(folder, word);
        found[(image, word)] = (folder, program, clock.GetTimestamp());
        return (folder, program);
    }

    /// <exception cref="ImageException">It is no <c>dir:</c> image, leaves the image roots or does not exist.</exception>
    private string Find(string image)
    {
        if (!image.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new ImageException($"image {image} needs a container engine, which this cluster does not use; give an unpacked image as dir:PATH");
        }

        var path = image[Prefix.Length..];
        foreach (var root in roots)
        {
            var folder = Path.GetFullPath(Path.Combine(root, path));
            if (IsBelow(folder, Path.GetFullPath(root)) && Directory.Exists(folder))
            {
                return IsInRoots(folder) ? folder : throw new ImageException($"image {image} leads out of the image roots ({RootList}) through a link");
            }
        }

        throw new ImageException($"image {image}: there is no folder {path} below the image roots ({RootList})");
    }

    /// <returns>Absolute path of an executable file.</returns>
    /// <exception cref="ImageException">There is no such program, or it leaves the image roots through a link.</exception>
    private string Program(string imageFolder, string word)
    {
        var path = Path.GetFullPath(Path.Combine(imageFolder, word));
        if (IsBelow(path, imageFolder) && IsExecutable(path))
        {
            return IsInRoots(path) ? path : throw new ImageException($"program {word} leads out of the image roots ({RootList}) through a link");
        }

        if (Path.IsPathRooted(word) && IsExecutable(path))
        {
            return path;
        }

        var onPath = word.Contains('/') ? null : SystemPath.Select(folder => $"{folder}/{word}").FirstOrDefault(IsExecutable);
        return onPath ?? throw new ImageException($"program {word} is neither an executable file of the image nor on the path ({string.Join(":", SystemPath)})");
    }

    private string RootList => string.Join(", ", roots);

    private bool IsInRoots(string path) => RealPath(path) is { } real && roots.Select(RealPath).Any(root => root is not null && IsBelow(real, root));

    private static string? RealPath(string path)
    {
        using var file = FileCalls.OpenToLook(path, out _);
        return file is null ? null : FileCalls.RealPathOf(file);
    }

    private static bool IsBelow(string path, string root) => path == root || path.StartsWith(root.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
