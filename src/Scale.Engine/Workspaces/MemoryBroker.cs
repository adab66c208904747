using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Scale.Model.Files;

namespace Scale.Engine.Workspaces;

/// <summary>A workspace that lives in memory, for simulations: same rules, no disk.</summary>
public sealed class MemoryBroker(string name) : IWorkspaceBroker
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> files = new(StringComparer.Ordinal);

    public int Count => files.Count;

    public string? LocalPath(string path)
    {
        Check(path);
        return null;
    }

    public ValueTask<long?> SizeOf(string path, CancellationToken cancel = default) =>
        ValueTask.FromResult(files.TryGetValue(Check(path), out var bytes) ? bytes.Length : (long?)null);

    public ReadOnlyMemory<byte> Read(string path) => files[Check(path)];

    public async IAsyncEnumerable<WorkspaceEntry> List(bool recursive, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        foreach (var (path, bytes) in files.Where(f => recursive || !f.Key.Contains('/')).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            yield return new WorkspaceEntry(path, bytes.Length);
        }
    }

    public ValueTask Stage(string path, string localPath, CancellationToken cancel = default)
    {
        if (!files.TryGetValue(Check(path), out var bytes))
        {
            throw new FileNotFoundException($"workspace {name} has no file {path}");
        }

        File.WriteAllBytes(localPath, bytes.Span);
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> Put(WorkspaceContent content, string path, CancellationToken cancel = default)
    {
        files[Check(path)] = content switch
        {
            WorkspaceContent.InMemory { Bytes: var bytes } => bytes,
            WorkspaceContent.OpenFile { File: var file } => ReadAll(file),
            _ => throw new ArgumentOutOfRangeException(nameof(content), content, "is of no known kind"),
        };
        return ValueTask.FromResult<string?>(null);
    }

    public ValueTask Move(string from, string to, CancellationToken cancel = default)
    {
        if (files.TryRemove(Check(from), out var bytes))
        {
            files[Check(to)] = bytes;
        }
        else if (!files.ContainsKey(Check(to)))
        {
            throw new FileNotFoundException($"workspace {name} has no file {from}");
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> Delete(string path, CancellationToken cancel = default) => ValueTask.FromResult(files.TryRemove(Check(path), out _));

    private static ReadOnlyMemory<byte> ReadAll(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var bytes = new byte[RandomAccess.GetLength(file)];
        return bytes.AsMemory(0, RandomAccess.Read(file, bytes, 0));
    }

    private string Check(string path) =>
        RelativePath.IsSafe(path) ? path : throw new WorkspacePathException($"'{path}' is no path below the root of workspace {name}");
}
