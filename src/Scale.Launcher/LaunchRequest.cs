using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Scale.Launcher;

/// <summary>
/// What a server asks its launcher for: to start main of one execution. Its form, in the machine's own byte order: length of all of it, a ticket for the answer, how many arguments
/// and variables there are, then the execution's folder, its status file (empty for none), arguments and variables, each as its length, its bytes and a zero.
/// </summary>
internal static class LaunchRequest
{
    public const int HeaderSize = sizeof(int) + sizeof(long) + (2 * sizeof(int));
    public const int TicketOffset = sizeof(int);
    public const int CountsOffset = TicketOffset + sizeof(long);

    /// <param name="statusFile">Name of the file in the folder that the program gets as descriptor 3; null for none.</param>
    /// <param name="arguments">Program (absolute path) and arguments.</param>
    public static void Write(
        ArrayBufferWriter<byte> buffer, long ticket, string folder, string? statusFile, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        buffer.ResetWrittenCount();
        buffer.GetSpan(HeaderSize);
        buffer.Advance(HeaderSize);
        Add(buffer, folder);
        Add(buffer, statusFile ?? "");
        foreach (var argument in arguments)
        {
            Add(buffer, argument);
        }

        foreach (var (name, value) in environment)
        {
            Add(buffer, $"{name}={value}");
        }

        if (!MemoryMarshal.TryGetArray(buffer.WrittenMemory, out var written))
        {
            throw new InvalidOperationException("the buffer is no array");
        }

        var header = written.AsSpan();
        BitConverter.TryWriteBytes(header, buffer.WrittenCount);
        BitConverter.TryWriteBytes(header[TicketOffset..], ticket);
        BitConverter.TryWriteBytes(header[CountsOffset..], arguments.Count);
        BitConverter.TryWriteBytes(header[(CountsOffset + sizeof(int))..], environment.Count);
    }

    private static void Add(ArrayBufferWriter<byte> buffer, string text)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        var span = buffer.GetSpan(sizeof(int) + size + 1);
        BitConverter.TryWriteBytes(span, size);
        Encoding.UTF8.GetBytes(text, span[sizeof(int)..]);
        span[sizeof(int) + size] = 0;
        buffer.Advance(sizeof(int) + size + 1);
    }
}
