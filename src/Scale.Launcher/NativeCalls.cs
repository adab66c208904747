using System.Runtime.InteropServices;

namespace Scale.Launcher;

/// <summary>The calls of a launcher, without anything around them: it makes dozens for every main, and not one that it could spare.</summary>
internal static unsafe partial class NativeCalls
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int NoBlock = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int Kill = 9;
    public const int NotFound = 2;
    public const int TooLittleMemory = 12;
    public const int Exists = 17;
    public const int NoFolder = 20;
    public const int NoProgram = 8;
    public const int TryAgain = 11;

    /// <summary>Words of <c>struct rusage</c>: two times as seconds and microseconds, then counts of one word each.</summary>
    public const int UsageFields = 18;

    /// <summary>Rights of files that are made.</summary>
    public const int EachCanRead = 0x1B6;

    private const int AddToQueue = 1;
    private const int RemoveFromQueue = 2;
    private const int Interrupted = 4;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExecFlag = 1;
    private const int NoSignal = 0x4000;
    private const int SetChildSubreaper = 36;
    private const nint IgnoreSignal = 1;
    private const int CurrentFolder = -100;
    private const nint MustNotExist = 1;

    // pidfd_open: the number is the same on every architecture.
    private const nint OpenProcessCall = 434;

    private static readonly nint RenameCall = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 276 : 316;

    public static readonly int NoLinks = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <param name="path">Ends with zero.</param>
    /// <returns>A descriptor that children do not get; -1 when it fails.</returns>
    public static int Open(ReadOnlySpan<byte> path, int flags)
    {
        fixed (byte* start = path)
        {
            return open(start, flags | CloseOnExec, EachCanRead);
        }
    }

    public static void Close(int descriptor) => close(descriptor);

    public static int Read(int descriptor, Span<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint count;
            do
            {
                count = read(descriptor, start, bytes.Length);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return (int)count;
        }
    }

    /// <returns>False when not all of it was written.</returns>
    public static bool Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return write(descriptor, start, bytes.Length) == bytes.Length;
        }
    }

    /// <summary>Gives a file another name that nobody has.</summary>
    /// <param name="path">Ends with zero, as <paramref name="name"/>.</param>
    /// <returns>0 or the error.</returns>
    public static int Link(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        fixed (byte* from = path)
        {
            fixed (byte* to = name)
            {
                return link(from, to) == 0 ? 0 : Marshal.GetLastPInvokeError();
            }
        }
    }

    /// <summary>Moves a file to a name that nobody has.</summary>
    /// <param name="path">Ends with zero, as <paramref name="name"/>.</param>
    /// <returns>0 or the error.</returns>
    public static int Move(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        fixed (byte* from = path)
        {
            fixed (byte* to = name)
            {
                return renameat2(RenameCall, CurrentFolder, from, CurrentFolder, to, MustNotExist) == 0 ? 0 : Marshal.GetLastPInvokeError();
            }
        }
    }

    /// <param name="path">Ends with zero.</param>
    public static void Unlink(ReadOnlySpan<byte> path)
    {
        fixed (byte* start = path)
        {
            unlink(start);
        }
    }

    /// <summary>Writes at the beginning.</summary>
    public static void WriteFirst(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            _ = pwrite(descriptor, start, bytes.Length, 0);
        }
    }

    /// <summary>Sends all of it to a socket.</summary>
    /// <returns>False when nobody is at the other end any more.</returns>
    public static bool Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (nint sent = 0; sent < bytes.Length;)
            {
                var count = send(socket, start + sent, bytes.Length - sent, NoSignal);
                if (count < 0 && Marshal.GetLastPInvokeError() != Interrupted)
                {
                    return false;
                }

                sent += Math.Max(count, 0);
            }
        }

        return true;
    }

    /// <returns>A descriptor that can be read once the process has ended; -1 when it can't be had.</returns>
    public static int OpenProcess(int id) => (int)syscall(OpenProcessCall, id, 0);

    public static int MakeQueue() => epoll_create1(CloseOnExec);

    public static void AddToQueueOf(int queue, int descriptor, EpollEvent wish) => epoll_ctl(queue, AddToQueue, descriptor, ref wish.First);

    public static void RemoveFromQueueOf(int queue, int descriptor) => epoll_ctl(queue, RemoveFromQueue, descriptor, ref new EpollEvent(0).First);

    public static int WaitFor(int queue, byte[] events) => epoll_wait(queue, ref events[0], events.Length / EpollEvent.Size, -1);

    /// <returns>0 or the error. The program counts as not started also when something before it fails.</returns>
    public static int Spawn(out int id, SpawnActions actions, SpawnAttributes attributes, byte** arguments, byte** environment) =>
        posix_spawn(out id, *arguments, actions.Pointer, attributes.Pointer, arguments, environment);

    /// <summary>Lets go of a child that has ended.</summary>
    /// <param name="usage">What it used, of <see cref="UsageFields"/>.</param>
    public static bool Reap(int id, out int status, Span<long> usage) => wait4(id, out status, 0, ref MemoryMarshal.GetReference(usage)) == id;

    /// <summary>Lets go of a child that has ended, however it did.</summary>
    public static void Reap(int id)
    {
        Span<long> usage = stackalloc long[UsageFields];
        Reap(id, out _, usage);
    }

    /// <summary>Signals every process of a group. A group that is gone is no error.</summary>
    public static void SignalGroup(int group, int signal) => kill(-group, signal);

    public static void Signal(int process, int signal) => kill(process, signal);

    public static void Ignore(int signal) => NativeCalls.signal(signal, IgnoreSignal);

    public static void KeepFromChildren(int descriptor) => fcntl(descriptor, SetDescriptorFlags, CloseOnExecFlag);

    /// <summary>Orphans of this process's children become its own children.</summary>
    public static void TakeInOrphans() => prctl(SetChildSubreaper, 1, 0, 0, 0);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc")]
    private static partial nint pwrite(int descriptor, byte* bytes, nint count, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int socket, byte* bytes, nint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int link(byte* path, byte* name);

    [LibraryImport("libc")]
    private static partial int unlink(byte* path);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint renameat2(nint number, nint fromFolder, byte* from, nint toFolder, byte* to, nint flags);

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int queue, int operation, int descriptor, ref byte wish);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int queue, ref byte events, int count, int timeout);

    [LibraryImport("libc")]
    private static partial int posix_spawn(out int id, byte* program, byte* fileActions, nint attributes, byte** arguments, byte** environment);

    [LibraryImport("libc")]
    private static partial int wait4(int id, out int status, int options, ref long usage);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial nint signal(int number, nint action);

    [LibraryImport("libc")]
    private static partial int fcntl(int descriptor, int operation, int argument);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nint value, nint third, nint fourth, nint fifth);
}
