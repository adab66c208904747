using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Scale.Engine.Workspaces;

/// <summary>What the kernel says of an open file.</summary>
/// <param name="Links">How many names it has.</param>
/// <param name="Owner">User and group.</param>
/// <param name="Rights">The bits of its mode without its kind.</param>
internal readonly record struct FileFacts(
    bool IsRegular, bool IsDirectory, long Size, uint Links, (uint Major, uint Minor, ulong Inode) Identity, DateTime Modified, (uint User, uint Group) Owner, int Rights);

/// <summary>struct open_how.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OpenWay(ulong Flags, ulong Mode, ulong Resolve);

/// <summary>
/// The calls on files that .NET has no safe form of: looking at a file once it is open, so that what was checked is what is read,
/// and linking it under another name. Linux only.
/// </summary>
internal static partial class FileCalls
{
    /// <summary>What a small file is filled with instead of being cut off, see <see cref="Executions.SpareFolders"/>.</summary>
    public const byte Blank = (byte)' ';

    public const int NotFound = 2;
    public const int Exists = 17;
    public const int OtherDevice = 18;
    public const int NoDirectory = 20;
    public const int TooManyLinksInPath = 40;
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;
    private const int TooManyLinks = 31;
    private const int NotSupported = 95;

    private const int AtCurrentFolder = -100;
    private const int AtEmptyPath = 0x1000;
    private const int AtFollowLinks = 0x400;
    private const uint BasicFacts = 0x7ff;
    private const int FactsSize = 256;

    private const int ReadOnly = 0;
    internal const int WriteOnly = 1;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int Exclusively = 2;
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private const int PathOnly = 0x200000;
    internal const int CloseOnExec = 0x80000;
    internal static readonly int NoLinks = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    // The same on all processors.
    private const nint OpenBelowCall = 437;
    private const ulong NoLinkOnTheWay = 4;
    private const ulong StayBelow = 8;

    // A pipe or a terminal made by a job must neither block us nor become ours.
    private const int NoBlock = 0x800 | 0x100;

    /// <summary>Opens a file for reading, following links; null with <paramref name="error"/> set when that fails.</summary>
    public static SafeFileHandle? OpenToRead(string path, out int error) => Open(path, ReadOnly | CloseOnExec | NoBlock, out error);

    /// <summary>Opens a file or folder only to ask about it, following links; needs no right to read it.</summary>
    public static SafeFileHandle? OpenToLook(string path, out int error) => Open(path, PathOnly | CloseOnExec, out error);

    /// <summary>Opens what lies below an open folder, only to ask about it, when no link is on the way there.</summary>
    /// <returns>Null when there is nothing, or a link, or the kernel can't do this.</returns>
    public static SafeFileHandle? OpenToLookBelow(SafeFileHandle folder, string path)
    {
        var way = new OpenWay(PathOnly | CloseOnExec, 0, NoLinkOnTheWay | StayBelow);
        var descriptor = (int)syscall(OpenBelowCall, folder, path, in way, Marshal.SizeOf<OpenWay>());
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Opens a file for reading and writing, made if it is missing, when nobody else has it open this way; the lock ends with the handle.</summary>
    public static SafeFileHandle OpenLocked(string path)
    {
        var file = Open(path, ReadWrite | Create | CloseOnExec, out var error, mode: 0x1A4) ?? throw Failure("open", path, error);
        while (flock(file, Exclusively) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                file.Dispose();
                throw Failure("lock", path);
            }
        }

        return file;
    }

    /// <summary>Writes a small file of ours, made if it is missing. What is there is written over and not cut off first: that makes some file systems write it to the disk at once, and costs more.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = Open(path, WriteOnly | Create | NoLinks | CloseOnExec, out var error, mode: 0x1B6) ?? throw Failure("write", path, error);
        RandomAccess.Write(file, content, 0);
        if (FactsOf(file).Size > content.Length)
        {
            RandomAccess.SetLength(file, content.Length);
        }
    }

    public static FileFacts FactsOf(SafeFileHandle file)
    {
        Span<byte> facts = stackalloc byte[FactsSize];
        return statx(file, "", AtEmptyPath, BasicFacts, ref MemoryMarshal.GetReference(facts)) == 0 ? Facts(facts) : throw Failure("look at", RealPathOf(file));
    }

    /// <summary>Size of a file in bytes, following links; null when there is none.</summary>
    public static long? SizeOf(string path)
    {
        Span<byte> facts = stackalloc byte[FactsSize];
        return statx(AtCurrentFolder, path, 0, BasicFacts, ref MemoryMarshal.GetReference(facts)) == 0 && Facts(facts) is { IsRegular: true, Size: var size } ? size : null;
    }

    private static FileFacts Facts(ReadOnlySpan<byte> facts)
    {
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(facts[28..]);
        var kind = mode & 0xF000;
        return new FileFacts(
            kind == 0x8000,
            kind == 0x4000,
            BinaryPrimitives.ReadInt64LittleEndian(facts[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(facts[16..]),
            (BinaryPrimitives.ReadUInt32LittleEndian(facts[136..]), BinaryPrimitives.ReadUInt32LittleEndian(facts[140..]), BinaryPrimitives.ReadUInt64LittleEndian(facts[32..])),
            DateTime.UnixEpoch.AddTicks((BinaryPrimitives.ReadInt64LittleEndian(facts[112..]) * TimeSpan.TicksPerSecond) + (BinaryPrimitives.ReadUInt32LittleEndian(facts[120..]) / 100)),
            (BinaryPrimitives.ReadUInt32LittleEndian(facts[20..]), BinaryPrimitives.ReadUInt32LittleEndian(facts[24..])),
            mode & 0xFFF);
    }

    /// <summary>The absolute path, without any link in it, of what is open.</summary>
    public static string RealPathOf(SafeFileHandle file)
    {
        Span<byte> path = stackalloc byte[4096];
        var length = readlink($"/proc/self/fd/{file.DangerousGetHandle()}", ref MemoryMarshal.GetReference(path), path.Length);
        return length < 0 ? throw Failure("find", "the path of an open file") : Encoding.UTF8.GetString(path[..(int)length]);
    }

    /// <summary>Gives an open file another name; false when the two can't share a file and it has to be copied. Throws if the name is taken.</summary>
    public static bool TryLink(SafeFileHandle file, string path, out bool taken)
    {
        taken = false;
        // The short way is not open to every user on every kernel.
        if (linkat(file, "", AtCurrentFolder, path, AtEmptyPath) == 0
            || linkat(AtCurrentFolder, $"/proc/self/fd/{file.DangerousGetHandle()}", AtCurrentFolder, path, AtFollowLinks) == 0)
        {
            return true;
        }

        switch (Marshal.GetLastPInvokeError())
        {
            case Exists:
                taken = true;
                return true;
            case OtherDevice or NotPermitted or AccessDenied or TooManyLinks or NotSupported or NotFound:
                return false;
            default:
                throw Failure("link", path);
        }
    }

    /// <summary>Gives back the disk space of what a file has from an offset on; its length stays, so that who writes it goes on undisturbed. Does nothing where the file system can't.</summary>
    public static void Free(string path, long offset)
    {
        if (new FileInfo(path) is { Exists: true } file && file.Length > offset)
        {
            using var open = Open(path, ReadWrite | CloseOnExec, out _);
            _ = open is null ? 0 : fallocate(open, KeepSize | PunchHole, offset, file.Length - offset);
        }
    }

    /// <summary>Renames within a file system, replacing what is there.</summary>
    /// <returns>False when the two lie on different file systems.</returns>
    public static bool TryRename(string from, string to)
    {
        if (rename(from, to) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == OtherDevice ? false : throw Failure("rename", from);
    }

    /// <summary>Makes one folder, with the rights that the process gives to new ones.</summary>
    /// <returns>0, or the error: <see cref="Exists"/>, <see cref="NotFound"/> when its parent is missing.</returns>
    public static int MakeFolder(string path) => mkdir(path, 0x1FF) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Removes a file, if it is there and can be removed.</summary>
    public static void Unlink(string path) => _ = unlink(path);

    /// <returns>False when it is not empty, not there, or can't be removed.</returns>
    public static bool TryRemoveFolder(string path) => rmdir(path) == 0;

    /// <summary>Makes one folder, mode 0755 whatever the mask; false when its parent is missing.</summary>
    public static bool TryMakeFolder(string path)
    {
        if (mkdir(path, 0x1ED) == 0)
        {
            File.SetUnixFileMode(path, FolderMode);
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            Exists => true,
            NotFound => false,
            _ => throw Failure("make the folder", path),
        };
    }

    public static IOException Failure(string what, string path, int? error = null)
    {
        var code = error ?? Marshal.GetLastPInvokeError();
        return new IOException($"could not {what} {path}: {new Win32Exception(code).Message}");
    }

    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static SafeFileHandle? Open(string path, int flags, out int error, int mode = 0)
    {
        while (true)
        {
            var descriptor = open(path, flags, mode);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error != Interrupted)
            {
                return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
            }
        }
    }

    private const int Interrupted = 4;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint syscall(nint number, SafeFileHandle folder, string path, in OpenWay way, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle folder, string path, int flags, uint mask, ref byte facts);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte facts);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint readlink(string path, ref byte buffer, nint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(int fromFolder, string from, int toFolder, string to, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(SafeFileHandle from, string nothing, int toFolder, string to, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, uint mode);
}
