using System.Text;

namespace Scale.Launcher;

/// <summary>An execution from the start of its main until nothing of it is left.</summary>
/// <param name="folder">Path of its folder, which ends with zero.</param>
internal sealed class RunningMain(long ticket, int id, byte[] folder, bool hasStatusFile)
{
    public long Ticket => ticket;

    /// <summary>Id of the process, which leads its session and its group.</summary>
    public int Id => id;

    public byte[] Folder => folder;

    public bool HasStatusFile => hasStatusFile;

    public string Outputs => Encoding.UTF8.GetString(folder.AsSpan()[..^1]) + "/outputs";

    public long StartTicks { get; } = DateTime.UtcNow.Ticks;

    /// <summary>How it ended, once it has.</summary>
    public MainEnd End { get; set; }

    public MainUsage Usage { get; set; } = new(0, -1, 0, 0);

    /// <summary>Processes that it waits for, by descriptors.</summary>
    public List<(int Id, int Descriptor)> Waits { get; } = new(1);

    public int TakeDescriptor(int process)
    {
        var index = Waits.FindIndex(wait => wait.Id == process);
        var descriptor = Waits[index].Descriptor;
        Waits.RemoveAt(index);
        return descriptor;
    }
}

/// <summary>Paths of the files of an execution's folder, one at a time.</summary>
internal readonly ref struct FolderPath
{
    private const int LongestName = 64;
    private readonly byte[] path;
    private readonly int length;

    /// <param name="folder">Ends with zero.</param>
    public FolderPath(ReadOnlySpan<byte> folder)
    {
        length = folder.Length;
        path = new byte[length + LongestName];
        folder.CopyTo(path);
        path[length - 1] = (byte)'/';
    }

    /// <returns>The path, which ends with zero, until the next one is asked for.</returns>
    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> name)
    {
        name.CopyTo(path.AsSpan(length));
        path[length + name.Length] = 0;
        return path.AsSpan(0, length + name.Length + 1);
    }
}
