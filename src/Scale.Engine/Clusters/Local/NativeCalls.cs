using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Scale.Engine.Clusters.Local;

/// <summary>A list of texts as C programs take it: pointers to bytes that end with zero, and a last pointer of zero.</summary>
internal sealed class NativeTexts : IDisposable
{
    public NativeTexts(IReadOnlyList<string> texts)
    {
        var size = (texts.Count + 1) * nint.Size;
        var total = size + texts.Sum(text => Encoding.UTF8.GetByteCount(text) + 1);
        Pointer = Marshal.AllocHGlobal(total);
        unsafe
        {
            var pointers = new Span<nint>((void*)Pointer, texts.Count + 1);
            var bytes = new Span<byte>((void*)Pointer, total);
            var offset = size;
            for (var i = 0; i < texts.Count; i++)
            {
                pointers[i] = Pointer + offset;
                offset += Encoding.UTF8.GetBytes(texts[i], bytes[offset..]);
                bytes[offset++] = 0;
            }

            pointers[texts.Count] = 0;
        }
    }

    public nint Pointer { get; }

    public void Dispose() => Marshal.FreeHGlobal(Pointer);
}

/// <summary>How <c>posix_spawn</c> starts a child here: a session of its own, no signal blocked or ignored.</summary>
internal sealed partial class SpawnAttributes
{
    // Larger than the structures of the C libraries in use (336 and 128 bytes).
    private const int AttributesSize = 1024;
    private const int SignalSetSize = 256;
    private const short DefaultSignals = 0x04;
    private const short SignalMask = 0x08;
    private const short NewSession = 0x80;

    public SpawnAttributes()
    {
        Pointer = Marshal.AllocHGlobal(AttributesSize);
        var signals = Marshal.AllocHGlobal(SignalSetSize);
        posix_spawnattr_init(Pointer);
        sigfillset(signals);
        posix_spawnattr_setsigdefault(Pointer, signals);
        sigemptyset(signals);
        posix_spawnattr_setsigmask(Pointer, signals);
        posix_spawnattr_setflags(Pointer, DefaultSignals | SignalMask | NewSession);
        Marshal.FreeHGlobal(signals);
    }

    /// <summary>Kept for the life of the process.</summary>
    public nint Pointer { get; }

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(nint attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(nint attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(nint attributes, nint signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(nint attributes, nint signals);

    [LibraryImport("libc")]
    private static partial int sigfillset(nint signals);

    [LibraryImport("libc")]
    private static partial int sigemptyset(nint signals);
}

/// <summary>
/// The event that a descriptor can be read, told once, with a number of ours. On x86-64 the kernel packs the two without a gap. Told again and again, it would keep us busy even after
/// the descriptor was closed, for as long as a child that is just being started still has a copy of it.
/// </summary>
internal ref struct EpollEvent
{
    private const uint CanRead = 1;
    private const uint Once = 1u << 30;
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private readonly Span<byte> bytes;

    public EpollEvent(int data)
    {
        bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, CanRead | Once);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[DataOffset..], data);
    }

    public static int Size => DataOffset + sizeof(long);

    public readonly ref byte First => ref MemoryMarshal.GetReference(bytes);

    public static int DataOf(ReadOnlySpan<byte> events, int index) => BinaryPrimitives.ReadInt32LittleEndian(events[((index * Size) + DataOffset)..]);
}

internal sealed partial class ChildProcesses
{
    private const int CloseOnExec = 0x80000;
    private const int AddToQueue = 1;
    private const int DoNotWait = 1;
    private const int NoSuchProcess = 3;
    private const int SetChildSubreaper = 36;
    private const int UsageFields = 18;

    // pidfd_open: the number is the same on every architecture.
    private const nint OpenProcess = 434;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(out int id, string program, nint fileActions, nint attributes, nint arguments, nint environment);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int queue, int operation, int descriptor, ref byte wish);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int queue, ref byte events, int count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int wait4(int id, out int status, int options, ref long usage);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nint value, nint third, nint fourth, nint fifth);

    [LibraryImport("libc")]
    private static partial int getsid(int process);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
