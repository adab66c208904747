using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Scale.Launcher;

/// <summary>What the kernel says of a process in <c>/proc/PID/stat</c>.</summary>
/// <param name="State">One letter; Z and X have ended.</param>
/// <param name="CpuTicks">User and system time of its own, in hundredths of a second.</param>
/// <param name="StartTicks">When it started, in hundredths of a second since the machine did.</param>
/// <param name="ResidentPages">Pages of memory it has, those it shares with others among them.</param>
internal readonly record struct ProcessFacts(int Id, char State, int Parent, int Group, int Session, long CpuTicks, long StartTicks, long ResidentPages)
{
    /// <summary>Longest line of facts.</summary>
    public const int LineSize = 1024;

    private const int EnvironmentSize = 8 << 10;

    public bool HasEnded => State is 'Z' or 'X';

    /// <summary>Null when there is no such process.</summary>
    public static ProcessFacts? Of(int id)
    {
        Span<byte> line = stackalloc byte[LineSize];
        return Read(id, "stat", line) is > 0 and var length ? Parse(id, line[..length]) : null;
    }

    /// <summary>Reads a small file of a process.</summary>
    /// <returns>How many bytes; -1 when it can't be read.</returns>
    public static int Read(int id, ReadOnlySpan<char> name, Span<byte> text)
    {
        Span<byte> path = stackalloc byte[64];
        System.Text.Unicode.Utf8.TryWrite(path, $"/proc/{id}/{name}\0", out _);
        var file = NativeCalls.Open(path, NativeCalls.ReadOnly);
        if (file < 0)
        {
            return -1;
        }

        var length = 0;
        int read;
        while ((read = NativeCalls.Read(file, text[length..])) > 0)
        {
            length += read;
        }

        NativeCalls.Close(file);
        return read < 0 ? -1 : length;
    }

    /// <summary>The output folder of the execution that the process belongs to: main has it in its environment, and its children inherit it. Null for other processes.</summary>
    public static string? OutputFolderOf(int id)
    {
        for (var size = EnvironmentSize; ; size *= 2)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            var length = Read(id, "environ", buffer);
            var folder = FolderIn(buffer.AsSpan(0, Math.Max(length, 0)));
            ArrayPool<byte>.Shared.Return(buffer);
            if (folder is not null || length < buffer.Length)
            {
                return folder;
            }
        }
    }

    private static string? FolderIn(ReadOnlySpan<byte> environment)
    {
        foreach (var range in environment.Split((byte)0))
        {
            if (environment[range].StartsWith("OUTPUT_DIR="u8))
            {
                return Encoding.UTF8.GetString(environment[range]["OUTPUT_DIR=".Length..]);
            }
        }

        return null;
    }

    // PID (NAME) STATE PPID PGRP SESSION ...: the name may hold blanks and parentheses; utime is field 14, starttime 22, rss 24.
    private static ProcessFacts? Parse(int id, ReadOnlySpan<byte> line)
    {
        var rest = line[(line.LastIndexOf((byte)')') + 1)..];
        Span<long> fields = stackalloc long[25];
        var state = rest.Length > 1 ? (char)rest[1] : 'X';
        var field = 3;
        foreach (var range in rest.Split((byte)' '))
        {
            // The first piece is empty: the blank after the parenthesis.
            if (field > 3 && field - 1 < fields.Length && Utf8Parser.TryParse(rest[range], out long value, out _))
            {
                fields[field - 1] = value;
            }

            if (++field > fields.Length)
            {
                return new ProcessFacts(id, state, (int)fields[4], (int)fields[5], (int)fields[6], fields[14] + fields[15], fields[22], fields[24]);
            }
        }

        return null;
    }
}
