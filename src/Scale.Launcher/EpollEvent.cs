using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Scale.Launcher;

/// <summary>The event that a descriptor can be read, with a number of ours. On x86-64 the kernel packs the two without a gap.</summary>
internal readonly ref struct EpollEvent
{
    private const uint CanRead = 1;
    private const uint Once = 1u << 30;
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private readonly Span<byte> bytes;

    /// <param name="once">
    /// Told again and again, the end of a process would keep us busy even after its descriptor was closed, for as long as a child that is just being started still has a copy of it.
    /// </param>
    public EpollEvent(int data, bool once = true)
    {
        bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, once ? CanRead | Once : CanRead);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[DataOffset..], data);
    }

    public static int Size => DataOffset + sizeof(long);

    public ref byte First => ref MemoryMarshal.GetReference(bytes);

    public static int DataOf(ReadOnlySpan<byte> events, int index) => BinaryPrimitives.ReadInt32LittleEndian(events[((index * Size) + DataOffset)..]);
}
