using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Executions;

/// <summary>
/// Folders of ended executions, emptied for the next ones. To delete ten files and folders and make them again costs more than a tiny main: a file
/// system takes care not to use again at once what was just deleted, and searches for something else.
/// </summary>
/// <remarks>
/// A folder that is taken is as one that was just made, but that files and the folders of its inputs stand ready in it, all empty, full of blanks, or to be written over at once. So nothing
/// but what every execution has is kept, and only as it was made: same owner, same rights, one name, open nowhere. Anything else is removed.
/// </remarks>
public sealed class SpareFolders(string executionsFolder)
{
    /// <summary>How many are kept at most.</summary>
    public const int Most = 300;

    private const string Prefix = "spare-";

    // Whatever is moved into a folder or out of it is searched for among all others there.
    private const int PoolParts = 16;
    private const int FileRights = 0x1B6;

    // A folder that once had many entries stays large, and slow to look through.
    private const int LargestFolder = 4096;
    private const int BufferSize = 4096;
    private const int PartCount = 3;
    private const int MostBlanks = 1024;

    // Jobs have few inputs: whatever has more is no folder that the next one could use.
    private const int MostInputs = 16;
    private static readonly SearchValues<byte> PlainLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"u8);

    private readonly string pool = Path.Combine(executionsFolder, $"{Prefix}{Guid.NewGuid():N}");
    private readonly Stack<Spare> spares = new();
    private long lastNumber;
    private Rights? made;

    /// <param name="Inputs">Names of the empty folders of inputs in it.</param>
    private sealed record Spare(string Path, IReadOnlyList<string> Inputs);

    private sealed record Rights((uint User, uint Group) Owner, int Folder)
    {
        public int File => Folder & FileRights;
    }

    /// <summary>Puts a spare folder in a place where there is nothing yet.</summary>
    /// <param name="inputs">Names of inputs whose folders may be there already, and empty.</param>
    /// <param name="ready">Those of them whose folders are.</param>
    /// <returns>False when there is none, or the place is taken.</returns>
    public bool TryTake(string path, IEnumerable<string> inputs, out IReadOnlyList<string> ready)
    {
        ready = [];
        Spare? spare;
        lock (spares)
        {
            if (!spares.TryPop(out spare))
            {
                return false;
            }
        }

        if (FolderCalls.TryMove(spare.Path, path))
        {
            foreach (var other in spare.Inputs.Except(inputs))
            {
                FileCalls.TryRemoveFolder($"{path}/inputs/{other}");
            }

            ready = [.. spare.Inputs.Intersect(inputs)];
            return true;
        }

        lock (spares)
        {
            spares.Push(spare);
        }

        return false;
    }

    /// <summary>Removes the folder of an execution of which nothing goes on, and keeps what can be used again.</summary>
    /// <returns>False when the folder is as it was.</returns>
    public bool TryKeep(string folder)
    {
        lock (spares)
        {
            if (spares.Count >= Most)
            {
                return false;
            }

            made ??= MakePool();
        }

        // Once it has another name, nobody who knows the old one can open anything in it.
        var number = Interlocked.Increment(ref lastNumber);
        var spare = $"{pool}/{number % PoolParts}/{number}";
        if (made is null || !FolderCalls.TryMove(folder, spare))
        {
            return false;
        }

        var inputs = new List<string>();
        if (!TryEmpty(spare, made, inputs))
        {
            Directory.Delete(spare, recursive: true);
            return true;
        }

        lock (spares)
        {
            spares.Push(new Spare(spare, inputs));
        }

        return true;
    }

    /// <summary>Removes what earlier servers kept.</summary>
    public void RemoveEarlier()
    {
        if (Directory.Exists(executionsFolder))
        {
            foreach (var earlier in Directory.EnumerateDirectories(executionsFolder, Prefix + "*").Where(folder => folder != pool).ToList())
            {
                Directory.Delete(earlier, recursive: true);
            }
        }
    }

    /// <summary>A folder made here has the rights that those of executions have.</summary>
    private Rights? MakePool()
    {
        if (!FolderCalls.AreKnown || FileCalls.MakeFolder(pool) != 0 || Enumerable.Range(0, PoolParts).Any(part => FileCalls.MakeFolder($"{pool}/{part}") != 0))
        {
            return null;
        }

        using var folder = FolderCalls.OpenFolder(pool);
        return folder is not null && FileCalls.FactsOf(folder) is var facts ? new Rights(facts.Owner, facts.Rights) : null;
    }

    private static bool TryEmpty(string path, Rights made, List<string> inputs)
    {
        using var folder = FolderCalls.OpenFolder(path);
        if (folder is null || !IsFolderAsMade(folder, made))
        {
            return false;
        }

        var parts = 0;
        Span<byte> buffer = stackalloc byte[BufferSize];
        var entries = new FolderCalls.Entries(folder, buffer);
        while (entries.MoveNext())
        {
            var name = entries.Name;
            var isPart = name.SequenceEqual("inputs"u8) || name.SequenceEqual("outputs"u8) || name.SequenceEqual("scratch"u8);
            var isRight = isPart
                ? TryEmptyPart(folder, entries.NameWithEnd, made, name.SequenceEqual("inputs"u8) ? inputs : null, depth: 1)
                : (IsKept(name) && TryEmptyFile(folder, entries.NameWithEnd, made))
                    || ((IsKept(name) || name.SequenceEqual("started"u8)) && FolderCalls.TryUnlink(folder, entries.NameWithEnd));
            if (!isRight)
            {
                return false;
            }

            parts += isPart ? 1 : 0;
        }

        return parts == PartCount;
    }

    private static bool IsKept(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("spec.json"u8) || name.SequenceEqual("main"u8) || name.SequenceEqual("stdout.log"u8) || name.SequenceEqual("stderr.log"u8)
        || name.SequenceEqual("exit.json"u8) || name.SequenceEqual("sandbox.json"u8) || name.SequenceEqual("log-index"u8);

    /// <param name="inputs">Takes the names of folders that are kept; null when none is.</param>
    private static bool TryEmptyPart(SafeFileHandle parent, ReadOnlySpan<byte> name, Rights made, List<string>? inputs, int depth)
    {
        using var part = FolderCalls.OpenFolder(parent, name);
        if (part is null || !IsFolderAsMade(part, made))
        {
            return false;
        }

        Span<byte> buffer = stackalloc byte[BufferSize];
        var entries = new FolderCalls.Entries(part, buffer);
        while (entries.MoveNext())
        {
            var entry = entries.NameWithEnd;
            var isDone = entries.IsFolder
                ? depth > 0 && TryEmptyPart(part, entry, made, null, depth - 1) && (IsInputKept(entries.Name, inputs) || FolderCalls.TryRemoveFolder(part, entry))
                : (inputs is not null && entries.Name.SequenceEqual("scale-input-metadata.json"u8) && TryEmptyFile(part, entry, made)) || FolderCalls.TryUnlink(part, entry);
            if (!isDone)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsInputKept(ReadOnlySpan<byte> name, List<string>? inputs)
    {
        if (inputs is null || inputs.Count == MostInputs || name.ContainsAnyExcept(PlainLetters))
        {
            return false;
        }

        inputs.Add(Encoding.ASCII.GetString(name));
        return true;
    }

    private static bool TryEmptyFile(SafeFileHandle folder, ReadOnlySpan<byte> name, Rights made)
    {
        // Another name of it may be a product in a workspace.
        using var file = FolderCalls.OpenFile(folder, name);
        return file is not null
            && FileCalls.FactsOf(file) is { IsRegular: true, Links: 1 } facts
            && facts.Owner == made.Owner && facts.Rights == made.File
            && FolderCalls.IsPlain(file)
            && FolderCalls.TryReserve(file)
            && (facts.Size == 0 || IsWrittenOver(name) || (IsFilledUp(name) && TryFillUp(file, facts.Size)) || FolderCalls.TryEmpty(file));
    }

    /// <summary>Whether it is written anew in any case before anybody can read it.</summary>
    private static bool IsWrittenOver(ReadOnlySpan<byte> name) => name.SequenceEqual("spec.json\0"u8) || name.SequenceEqual("scale-input-metadata.json\0"u8);

    /// <summary>Whether whoever reads it knows that blanks mean nothing. To fill it with them costs a small part of what it costs to empty it and to write to it anew.</summary>
    private static bool IsFilledUp(ReadOnlySpan<byte> name) => name.SequenceEqual("main\0"u8) || name.SequenceEqual("exit.json\0"u8);

    private static bool TryFillUp(SafeFileHandle file, long size)
    {
        if (size > MostBlanks)
        {
            return false;
        }

        Span<byte> blanks = stackalloc byte[(int)size];
        blanks.Fill(FileCalls.Blank);
        try
        {
            RandomAccess.Write(file, blanks, 0);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsFolderAsMade(SafeFileHandle folder, Rights made) =>
        FileCalls.FactsOf(folder) is { IsDirectory: true, Size: <= LargestFolder } facts
        && facts.Owner == made.Owner && facts.Rights == made.Folder
        && FolderCalls.IsPlain(folder);
}
