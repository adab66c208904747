using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Scale.Model.Files;

namespace Scale.Engine.Workspaces;

/// <summary>A workspace that is a folder of this machine (storage-and-ingest.md §1.2 host, §1.3 local directory).</summary>
/// <param name="name">Name of the workspace, for messages.</param>
/// <param name="root">Absolute path; made at the first write if its parent exists.</param>
public sealed class HostBroker(string name, string root) : IWorkspaceBroker
{
    private const string TemporaryPrefix = ".scale-put-";
    private readonly string root = root.TrimEnd('/') is { Length: > 0 } path ? path : "/";

    public string? LocalPath(string path)
    {
        using var file = Look(path);
        return Full(path);
    }

    public ValueTask<long?> SizeOf(string path, CancellationToken cancel = default)
    {
        using var file = Look(path);
        return ValueTask.FromResult(file is not null && FileCalls.FactsOf(file) is { IsRegular: true } facts ? facts.Size : (long?)null);
    }

    public async IAsyncEnumerable<WorkspaceEntry> List(bool recursive, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true, ReturnSpecialDirectories = false };
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            cancel.ThrowIfCancellationRequested();
            var entries = new DirectoryInfo(folder).EnumerateFileSystemInfos("*", options).OrderBy(e => e.Name, StringComparer.Ordinal).ToList();
            foreach (var file in entries.OfType<FileInfo>().Where(f => !f.Name.StartsWith(TemporaryPrefix, StringComparison.Ordinal)))
            {
                // Devices, pipes and sockets come along as files; only the kernel's own word tells them apart.
                using var open = FileCalls.OpenToLook(file.FullName, out _);
                if (open is not null && FileCalls.FactsOf(open) is { IsRegular: true } facts)
                {
                    yield return new WorkspaceEntry(Path.GetRelativePath(root, file.FullName), facts.Size);
                }
            }

            foreach (var inner in recursive ? entries.OfType<DirectoryInfo>().Reverse() : [])
            {
                folders.Push(inner.FullName);
            }
        }
    }

    public ValueTask Stage(string path, string localPath, CancellationToken cancel = default)
    {
        using var file = Look(path) ?? throw new FileNotFoundException($"workspace {name} has no file {path}");
        if (!FileCalls.TryLink(file, localPath, out var taken))
        {
            File.CreateSymbolicLink(localPath, Full(path));
        }

        return taken ? throw new IOException($"there is already a file at {localPath}") : ValueTask.CompletedTask;
    }

    public async ValueTask<string?> Put(WorkspaceContent content, string path, CancellationToken cancel = default)
    {
        var target = PrepareTarget(path);
        switch (content)
        {
            case WorkspaceContent.OpenFile { File: var file }:
                return Link(file, target) ? null : await Copy(file, target, cancel);
            case WorkspaceContent.InMemory { Bytes: var bytes }:
                // Not forced to disk: only simulated executions make content in memory.
                var temporary = TemporaryFor(target);
                File.WriteAllBytes(temporary, bytes.Span);
                Finish(temporary, target);
                return null;
            default:
                throw new ArgumentOutOfRangeException(nameof(content), content, "is of no known kind");
        }
    }

    public ValueTask Move(string from, string to, CancellationToken cancel = default)
    {
        using var source = Look(from);
        using var there = Look(to);
        if (source is null)
        {
            return there is not null ? ValueTask.CompletedTask : throw new FileNotFoundException($"workspace {name} has no file {from}");
        }

        var target = PrepareTarget(to);
        if (!FileCalls.TryRename(Full(from), target))
        {
            throw new IOException($"workspace {name} spans several file systems: {from} can't be moved to {to}");
        }

        File.SetUnixFileMode(target, FileCalls.FileMode);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> Delete(string path, CancellationToken cancel = default)
    {
        using var file = Look(path);
        if (file is null)
        {
            return ValueTask.FromResult(false);
        }

        if (!FileCalls.FactsOf(file).IsRegular)
        {
            throw new WorkspacePathException($"{path} of workspace {name} is no file");
        }

        File.Delete(Full(path));
        return ValueTask.FromResult(true);
    }

    private string Full(string path) =>
        RelativePath.IsSafe(path) ? $"{root}/{path}" : throw new WorkspacePathException($"'{path}' is no path below the root of workspace {name}");

    /// <summary>Opens what is at the path and makes sure that it lies below the root once all links are followed; null when nothing is there.</summary>
    private SafeFileHandle? Look(string path)
    {
        var full = Full(path);
        using var rootFolder = FileCalls.OpenToLook(root, out var rootError);
        if (rootFolder is not null && FileCalls.OpenToLookBelow(rootFolder, path) is { } there)
        {
            return there;
        }

        var file = FileCalls.OpenToLook(full, out var error);
        if (file is null)
        {
            return error switch
            {
                FileCalls.NotFound or FileCalls.NoDirectory => null,
                FileCalls.TooManyLinksInPath => throw new WorkspacePathException($"'{path}' of workspace {name} is a loop of links"),
                _ => throw FileCalls.Failure($"look at '{path}' of workspace {name},", full, error),
            };
        }

        if (IsInside(file, rootFolder ?? throw FileCalls.Failure($"open workspace {name},", root, rootError)))
        {
            return file;
        }

        file.Dispose();
        throw new WorkspacePathException($"'{path}' leads out of workspace {name} through a link");
    }

    private static bool IsInside(SafeFileHandle file, SafeFileHandle rootFolder)
    {
        var realRoot = FileCalls.RealPathOf(rootFolder);
        var real = FileCalls.RealPathOf(file);
        return real == realRoot || realRoot == "/" || (real.StartsWith(realRoot, StringComparison.Ordinal) && real[realRoot.Length] == '/');
    }

    /// <summary>Makes the folders that are missing, never through a link that leads out, and returns where the file goes.</summary>
    private string PrepareTarget(string path)
    {
        var target = Full(path);
        MakeRoot();
        var missing = new Stack<string>();
        var parent = Path.GetDirectoryName(path)!;
        while (parent.Length > 0)
        {
            using var folder = Look(parent);
            if (folder is not null)
            {
                break;
            }

            missing.Push(parent);
            parent = Path.GetDirectoryName(parent)!;
        }

        foreach (var folder in missing)
        {
            if (!FileCalls.TryMakeFolder($"{root}/{folder}"))
            {
                throw new IOException($"folder {folder} of workspace {name} vanished while it was written to");
            }
        }

        return target;
    }

    private void MakeRoot()
    {
        if (!Directory.Exists(root) && !FileCalls.TryMakeFolder(root))
        {
            throw new DirectoryNotFoundException($"workspace {name}: neither the folder {root} nor its parent exists");
        }
    }

    private static bool Link(SafeFileHandle file, string target)
    {
        // A file with another name may be somebody else's that a job linked into its folder: only its content may become a product.
        if (FileCalls.FactsOf(file).Links > 1 && !IsSameFile(file, target))
        {
            return false;
        }

        if (!FileCalls.TryLink(file, target, out var taken))
        {
            return false;
        }

        if (taken && !IsSameFile(file, target))
        {
            var temporary = TemporaryFor(target);
            if (!FileCalls.TryLink(file, temporary, out _))
            {
                return false;
            }

            FileCalls.TryRename(temporary, target);
        }

        File.SetUnixFileMode(target, FileCalls.FileMode);
        return true;
    }

    private static bool IsSameFile(SafeFileHandle file, string target)
    {
        using var other = FileCalls.OpenToLook(target, out _);
        return other is not null && FileCalls.FactsOf(other).Identity == FileCalls.FactsOf(file).Identity;
    }

    private static async ValueTask<string> Copy(SafeFileHandle file, string target, CancellationToken cancel)
    {
        var temporary = TemporaryFor(target);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 20);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using (var copy = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                long offset = 0;
                int read;
                while ((read = await RandomAccess.ReadAsync(file, buffer, offset, cancel)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    await RandomAccess.WriteAsync(copy, buffer.AsMemory(0, read), offset, cancel);
                    offset += read;
                }

                RandomAccess.FlushToDisk(copy);
            }

            Finish(temporary, target);
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Finish(string temporary, string target)
    {
        File.SetUnixFileMode(temporary, FileCalls.FileMode);
        FileCalls.TryRename(temporary, target);
    }

    // In the target's own folder, so that the rename never crosses file systems.
    private static string TemporaryFor(string target) =>
        $"{Path.GetDirectoryName(target)}/{TemporaryPrefix}{Guid.NewGuid():N}";
}
