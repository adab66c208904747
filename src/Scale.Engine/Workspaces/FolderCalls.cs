using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Scale.Engine.Workspaces.FileCalls;

namespace Scale.Engine.Workspaces;

/// <summary>Calls on what lies in an open folder, which follow no link, and by which a folder can be emptied instead of made anew. Linux only.</summary>
internal static partial class FolderCalls
{
    private const int NoBlock = 0x800 | 0x100;

    // Granted to the owner.
    private const int NoAccessTime = 0x40000;
    private const int RemoveFolderFlag = 0x200;
    private const int CurrentFolder = -100;
    private const nint MustNotExist = 1;
    private const int SetSignal = 10;
    private const int SetLease = 1024;
    private const int WriteLease = 1;

    // Of no meaning to a process that does not ask for it.
    private const int UrgentData = 23;

    // These two differ between processors, unlike all others here.
    private static readonly int FolderOnly = IsArm ? 0x4000 : 0x10000;
    private static readonly nint RenameCall = IsArm ? 276 : 316;

    /// <summary>Whether this processor is one that the numbers here are known of.</summary>
    public static bool AreKnown => IsArm || RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Opens a folder of our own, to look through it; null when it is none, or can't be opened.</summary>
    public static SafeFileHandle? OpenFolder(string path) => Owned(openat(CurrentFolder, path, FolderOnly | NoAccessTime | NoLinks | CloseOnExec));

    /// <param name="name">Of an entry, ended by zero.</param>
    public static SafeFileHandle? OpenFolder(SafeFileHandle folder, ReadOnlySpan<byte> name) =>
        Owned(openat(folder, ref MemoryMarshal.GetReference(name), FolderOnly | NoAccessTime | NoLinks | CloseOnExec));

    /// <summary>Opens a file to be written to.</summary>
    /// <param name="name">Of an entry, ended by zero.</param>
    public static SafeFileHandle? OpenFile(SafeFileHandle folder, ReadOnlySpan<byte> name) =>
        Owned(openat(folder, ref MemoryMarshal.GetReference(name), WriteOnly | NoLinks | NoBlock | CloseOnExec));

    /// <param name="name">Of an entry that is no folder, ended by zero.</param>
    public static bool TryUnlink(SafeFileHandle folder, ReadOnlySpan<byte> name) => unlinkat(folder, ref MemoryMarshal.GetReference(name), 0) == 0;

    /// <param name="name">Of an empty folder, ended by zero.</param>
    public static bool TryRemoveFolder(SafeFileHandle folder, ReadOnlySpan<byte> name) => unlinkat(folder, ref MemoryMarshal.GetReference(name), RemoveFolderFlag) == 0;

    /// <summary>Moves a folder to a name that nobody has.</summary>
    public static bool TryMove(string from, string to) => syscall(RenameCall, CurrentFolder, from, CurrentFolder, to, MustNotExist) == 0;

    /// <summary>Whether it has no access list or other attributes that its mode does not show. The label that SELinux gives to every file is none.</summary>
    public static bool IsPlain(SafeFileHandle file)
    {
        Span<byte> names = stackalloc byte[64];
        var length = (int)flistxattr(file, ref MemoryMarshal.GetReference(names), names.Length);
        return length == 0 || (length > 0 && names[..length].SequenceEqual("security.selinux\0"u8));
    }

    /// <summary>Makes sure that nobody else has a file open, as the kernel knows. To be closed soon.</summary>
    /// <returns>False when somebody has, or the file system can't tell.</returns>
    public static bool TryReserve(SafeFileHandle file)
    {
        // Who opens it meanwhile waits until it is closed, of which a signal tells us.
        return fcntl(file, SetSignal, UrgentData) == 0 && fcntl(file, SetLease, WriteLease) == 0;
    }

    public static bool TryEmpty(SafeFileHandle file) => ftruncate(file, 0) == 0;

    private static SafeFileHandle? Owned(int descriptor) => descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);

    /// <summary>The entries of an open folder, without itself and its parent.</summary>
    internal ref struct Entries(SafeFileHandle folder, Span<byte> buffer)
    {
        // struct linux_dirent64: inode, offset, length of the entry, its kind, its name ended by zero.
        private const int LengthOffset = 16;
        private const int KindOffset = 18;
        private const int NameOffset = 19;
        private const int FolderKind = 4;

        private readonly Span<byte> buffer = buffer;
        private int position;
        private int end;
        private Span<byte> entry;

        /// <summary>Ended by zero.</summary>
        public readonly ReadOnlySpan<byte> NameWithEnd => entry[NameOffset..(NameOffset + entry[NameOffset..].IndexOf((byte)0) + 1)];

        public readonly ReadOnlySpan<byte> Name => NameWithEnd[..^1];

        public readonly bool IsFolder => entry[KindOffset] == FolderKind;

        /// <exception cref="IOException">The folder can't be read.</exception>
        public bool MoveNext()
        {
            do
            {
                if (position == end)
                {
                    (position, end) = (0, (int)getdents64(folder, ref MemoryMarshal.GetReference(buffer), buffer.Length));
                    if (end <= 0)
                    {
                        return end == 0 ? false : throw Failure("read", RealPathOf(folder));
                    }
                }

                var length = BinaryPrimitives.ReadUInt16LittleEndian(buffer[(position + LengthOffset)..]);
                entry = buffer.Slice(position, length);
                position += length;
            }
            while (Name.SequenceEqual("."u8) || Name.SequenceEqual(".."u8));

            return true;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(int folder, string path, int flags);

    [LibraryImport("libc")]
    private static partial int openat(SafeFileHandle folder, ref byte name, int flags);

    [LibraryImport("libc")]
    private static partial int unlinkat(SafeFileHandle folder, ref byte name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getdents64(SafeFileHandle folder, ref byte entries, nint size);

    [LibraryImport("libc")]
    private static partial nint flistxattr(SafeFileHandle file, ref byte names, nint size);

    [LibraryImport("libc")]
    private static partial int fcntl(SafeFileHandle file, int operation, int argument);

    [LibraryImport("libc")]
    private static partial int ftruncate(SafeFileHandle file, nint length);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint syscall(nint number, nint fromFolder, string from, nint toFolder, string to, nint flags);
}
