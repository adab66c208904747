using System.Runtime.InteropServices;

namespace Scale.Launcher;

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

/// <summary>What a child does before it becomes its program; in this order.</summary>
internal readonly unsafe ref partial struct SpawnActions
{
    // Larger than the structures of the C libraries in use (80 bytes).
    public const int Size = 256;

    private readonly byte* actions;

    /// <param name="space">Memory that does not move, of <see cref="Size"/> bytes.</param>
    public SpawnActions(byte* space)
    {
        actions = space;
        posix_spawn_file_actions_init(actions);
    }

    public byte* Pointer => actions;

    /// <param name="path">Ends with zero. It is copied, as all here.</param>
    public void Open(int descriptor, ReadOnlySpan<byte> path, int flags)
    {
        fixed (byte* start = path)
        {
            posix_spawn_file_actions_addopen(actions, descriptor, start, flags, NativeCalls.EachCanRead);
        }
    }

    public void Duplicate(int descriptor, int to) => posix_spawn_file_actions_adddup2(actions, descriptor, to);

    public void ChangeFolder(ReadOnlySpan<byte> path)
    {
        fixed (byte* start = path)
        {
            posix_spawn_file_actions_addchdir_np(actions, start);
        }
    }

    public void Dispose() => posix_spawn_file_actions_destroy(actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int descriptor, byte* path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int descriptor, int to);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, byte* path);
}
