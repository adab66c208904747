using Microsoft.Win32.SafeHandles;

namespace Scale.Engine.Workspaces;

/// <param name="Path">Relative to the workspace root, <c>/</c> between names.</param>
/// <param name="Size">Bytes.</param>
public sealed record WorkspaceEntry(string Path, long Size);

/// <summary>A path that is not allowed: it leaves the root by <c>..</c>, by being absolute or through a link.</summary>
public sealed class WorkspacePathException(string message) : IOException(message);

/// <summary>What is put into a workspace: a local file that is already open, or bytes.</summary>
public abstract record WorkspaceContent
{
    /// <param name="File">Open for reading and known to be a regular file; it may be linked into the workspace instead of copied.</param>
    public sealed record OpenFile(SafeFileHandle File) : WorkspaceContent;

    public sealed record InMemory(ReadOnlyMemory<byte> Bytes) : WorkspaceContent;
}

/// <summary>How a workspace is reached (storage-and-ingest.md §1.2). Paths are relative to its root; those that leave it are refused with a <see cref="WorkspacePathException"/>.</summary>
/// <remarks>
/// Knows nothing of records: whether a workspace is active or a file is flagged deleted is checked by the caller.
/// Everything else that goes wrong is an <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </remarks>
public interface IWorkspaceBroker
{
    /// <summary>Absolute path of a file on this machine, whether it exists or not; null when the workspace has no local files.</summary>
    string? LocalPath(string path);

    /// <summary>Size of a regular file in bytes, null when there is none at the path.</summary>
    ValueTask<long?> SizeOf(string path, CancellationToken cancel = default);

    /// <summary>Regular files in ordinal order of their folders' names, all below the root or only those in it; links are left out.</summary>
    IAsyncEnumerable<WorkspaceEntry> List(bool recursive, CancellationToken cancel = default);

    /// <summary>Makes the file readable at a local path that does not exist yet. Where the workspace is local nothing is copied: by a second name of the file, or by a symbolic link where it can have none.</summary>
    ValueTask Stage(string path, string localPath, CancellationToken cancel = default);

    /// <summary>
    /// Puts a file, replacing one that is there; readers never see part of it. Mode 0644, missing folders 0755. Doing it again changes nothing.
    /// </summary>
    /// <returns>SHA-256 of the content as lower-case hexadecimal when it had to be copied, null when it was linked or came from memory.</returns>
    ValueTask<string?> Put(WorkspaceContent content, string path, CancellationToken cancel = default);

    /// <summary>Moves a file within the workspace, replacing one that is there; does nothing when it is already there and no longer here.</summary>
    ValueTask Move(string from, string to, CancellationToken cancel = default);

    /// <summary>Deletes a file; parent folders stay.</summary>
    /// <returns>False when there was none.</returns>
    ValueTask<bool> Delete(string path, CancellationToken cancel = default);
}

public static class WorkspaceBrokerOperations
{
    public static async ValueTask<bool> Exists(this IWorkspaceBroker broker, string path, CancellationToken cancel = default) =>
        await broker.SizeOf(path, cancel) is not null;
}
