using Scale.Engine.Workspaces;

namespace Scale.Engine.Executions;

/// <summary>A file of the output folder, held open so that what was looked at is what is captured.</summary>
public sealed class OutputFile(WorkspaceContent content, long size, IDisposable? handle) : IDisposable
{
    public WorkspaceContent Content { get; } = content;

    /// <summary>Bytes.</summary>
    public long Size { get; } = size;

    public void Dispose() => handle?.Dispose();
}

/// <summary>What main left behind in OUTPUT_DIR: a folder of this machine, or the files a simulated execution pretends to have made.</summary>
public interface IOutputFolder
{
    /// <summary>Paths of regular files with <c>/</c> between names, no deeper than the manifest's patterns and side-cars can reach.</summary>
    /// <param name="depth">Most names that a path may have.</param>
    IReadOnlyList<string> List(int depth);

    /// <summary>Opens a regular file that lies inside once all links are followed; null for anything else.</summary>
    OutputFile? Open(string path);

    /// <summary>The first bytes of a document, at most <paramref name="limit"/>; null when there is none, or it is longer.</summary>
    ReadOnlyMemory<byte>? Read(string path, int limit);
}
