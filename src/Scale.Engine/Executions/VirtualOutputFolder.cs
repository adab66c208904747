using Scale.Engine.Workspaces;

namespace Scale.Engine.Executions;

/// <summary>Output files that were never on a disk.</summary>
public sealed class VirtualOutputFolder(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) : IOutputFolder
{
    public IReadOnlyList<string> List(int depth) => [.. files.Keys];

    public OutputFile? Open(string path) =>
        files.TryGetValue(path, out var bytes) ? new OutputFile(new WorkspaceContent.InMemory(bytes), bytes.Length, null) : null;

    public ReadOnlyMemory<byte>? Read(string path, int limit) => files.TryGetValue(path, out var bytes) && bytes.Length <= limit ? bytes : default(ReadOnlyMemory<byte>?);
}
