using Scale.Engine.Workspaces;

namespace Scale.Engine.Executions;

/// <summary>An output folder on this machine. Whatever the job left there, nothing outside of it is opened.</summary>
public sealed class LocalOutputFolder(string root) : IOutputFolder
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = 0, IgnoreInaccessible = true, ReturnSpecialDirectories = false };

    public IReadOnlyList<string> List(int depth)
    {
        var paths = new List<string>();
        Add(new DirectoryInfo(root), "", depth, paths);
        return paths;
    }

    public OutputFile? Open(string path)
    {
        var file = FileCalls.OpenToRead($"{root}/{path}", out _);
        if (file is null)
        {
            return null;
        }

        if (FileCalls.FactsOf(file) is { IsRegular: true } facts && IsInside(FileCalls.RealPathOf(file)))
        {
            return new OutputFile(new WorkspaceContent.OpenFile(file), facts.Size, file);
        }

        file.Dispose();
        return null;
    }

    public ReadOnlyMemory<byte>? Read(string path, int limit)
    {
        using var file = Open(path);
        if (file is not { Content: WorkspaceContent.OpenFile { File: var handle } } || file.Size > limit)
        {
            return null;
        }

        var bytes = new byte[file.Size];
        var length = RandomAccess.Read(handle, bytes, 0);
        return bytes.AsMemory(0, length);
    }

    private bool IsInside(string realPath)
    {
        using var folder = FileCalls.OpenToLook(root, out _);
        return folder is not null && realPath.StartsWith(FileCalls.RealPathOf(folder) + "/", StringComparison.Ordinal);
    }

    private static void Add(DirectoryInfo folder, string prefix, int depth, List<string> paths)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos("*", Everything))
        {
            var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
            if (entry is DirectoryInfo inner && !isLink)
            {
                if (depth > 1)
                {
                    Add(inner, $"{prefix}{entry.Name}/", depth - 1, paths);
                }
            }
            else
            {
                paths.Add(prefix + entry.Name);
            }
        }
    }
}
