using Scale.Engine.Workspaces;

namespace Scale.Engine.Ingest;

/// <summary>
/// A list of a workspace that is read bit by bit, and what the scan has taken already. It lives in memory only: after a crash the workspace is
/// listed again from its start, and what was taken before is known by name and size.
/// </summary>
public sealed class WorkspaceListing(long commandId, IAsyncEnumerator<WorkspaceEntry> entries, HashSet<(string FileName, long FileSize)> taken) : IAsyncDisposable
{
    public long CommandId { get; } = commandId;

    /// <summary>How many files were read; the stored progress says the same unless a transaction was rolled back.</summary>
    public long Seen { get; private set; }

    /// <summary>Up to <paramref name="limit"/> files; fewer when the list has ended.</summary>
    public async Task<IReadOnlyList<WorkspaceEntry>> Next(int limit)
    {
        var next = new List<WorkspaceEntry>();
        while (next.Count < limit && await entries.MoveNextAsync())
        {
            next.Add(entries.Current);
        }

        Seen += next.Count;
        return next;
    }

    /// <summary>Whether the file is taken now, and was not before.</summary>
    public bool Take(string fileName, long fileSize) => taken.Add((fileName, fileSize));

    public ValueTask DisposeAsync() => entries.DisposeAsync();
}
