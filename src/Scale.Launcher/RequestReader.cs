using System.Runtime.InteropServices;

namespace Scale.Launcher;

/// <summary>A request as it lies in the memory of its reader, until the next one is asked for. All texts end with zero.</summary>
internal readonly unsafe ref struct Request(long ticket, ReadOnlySpan<byte> folder, ReadOnlySpan<byte> statusFile, byte** pointers, int argumentCount)
{
    public long Ticket => ticket;

    public ReadOnlySpan<byte> Folder { get; } = folder;

    /// <summary>Only the zero when there is none.</summary>
    public ReadOnlySpan<byte> StatusFile { get; } = statusFile;

    // The first place is left free for a shell.
    public byte** Arguments => pointers + 1;

    public byte** Environment => pointers + argumentCount + 2;

    /// <summary>The arguments of a shell that runs the program as a script.</summary>
    /// <param name="shell">Of constant memory, ended by zero.</param>
    public byte** ArgumentsOfShell(ReadOnlySpan<byte> shell)
    {
        pointers[0] = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(shell));
        return pointers;
    }
}

/// <summary>Requests from a socket, see <see cref="LaunchRequest"/>.</summary>
internal sealed unsafe class RequestReader(int socket)
{
    private byte* buffer = (byte*)NativeMemory.Alloc(FirstSize);
    private byte** pointers = (byte**)NativeMemory.Alloc(FirstSize);
    private nuint pointerSize = FirstSize;
    private int size = FirstSize;
    private int begin;
    private int end;

    private const int FirstSize = 64 << 10;

    /// <summary>Reads what is there.</summary>
    /// <returns>False when there will be no more.</returns>
    public bool Read()
    {
        NativeMemory.Copy(buffer + begin, buffer, (nuint)(end - begin));
        (begin, end) = (0, end - begin);
        if (end == size)
        {
            size *= 2;
            buffer = (byte*)NativeMemory.Realloc(buffer, (nuint)size);
        }

        var read = NativeCalls.Read(socket, new Span<byte>(buffer + end, size - end));
        end += Math.Max(read, 0);
        return read > 0;
    }

    /// <returns>False when no whole one was read.</returns>
    public bool Next(out Request request)
    {
        request = default;
        var text = buffer + begin;
        if (end - begin < LaunchRequest.HeaderSize || *(int*)text > end - begin)
        {
            return false;
        }

        begin += *(int*)text;
        var ticket = *(long*)(text + LaunchRequest.TicketOffset);
        var (arguments, variables) = (*(int*)(text + LaunchRequest.CountsOffset), *(int*)(text + LaunchRequest.CountsOffset + sizeof(int)));
        var needed = (nuint)(arguments + variables + 3) * (nuint)sizeof(byte*);
        if (needed > pointerSize)
        {
            pointers = (byte**)NativeMemory.Realloc(pointers, needed);
            pointerSize = needed;
        }

        text += LaunchRequest.HeaderSize;
        var folder = Text(ref text);
        var statusFile = Text(ref text);
        Point(ref text, pointers + 1, arguments);
        Point(ref text, pointers + arguments + 2, variables);
        request = new Request(ticket, folder, statusFile, pointers, arguments);
        return true;
    }

    private static ReadOnlySpan<byte> Text(scoped ref byte* at)
    {
        var text = new ReadOnlySpan<byte>(at + sizeof(int), *(int*)at + 1);
        at += sizeof(int) + text.Length;
        return text;
    }

    private static void Point(scoped ref byte* at, byte** to, int count)
    {
        for (var i = 0; i < count; i++)
        {
            to[i] = at + sizeof(int);
            Text(ref at);
        }

        to[count] = null;
    }
}
