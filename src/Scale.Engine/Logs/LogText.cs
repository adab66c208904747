namespace Scale.Engine.Logs;

/// <summary>Bytes of a log that were seen at one time: whole lines of one stream.</summary>
/// <param name="Start">Offset of the first byte; the segment ends before <paramref name="End"/>.</param>
/// <param name="Seen">Microseconds; line k of the segment (from 0) has the time Seen + k.</param>
/// <param name="FirstOrder">Order number of its first line.</param>
public sealed record LogSegment(LogStream Stream, long Start, long End, long Seen, long FirstOrder, long Lines);

/// <summary>Reads lines out of streams of any size with a buffer of a fixed size.</summary>
internal static class LogText
{
    /// <summary>Most bytes of a line; what a program writes without a newline for longer becomes several lines.</summary>
    public const int LongestLine = 64 << 10;

    private const int BufferSize = 64 << 10;

    /// <summary>Finds whole lines from <paramref name="start"/> on, in pieces that are not much longer than <paramref name="pieceSize"/>, so that a reader can begin at any of them.</summary>
    /// <param name="length">Bytes to look at.</param>
    /// <param name="takeRest">Whether bytes after the last newline are a line too: the writer has ended.</param>
    public static IEnumerable<(long Lines, long End)> Measure(Stream text, long start, long length, int pieceSize, bool takeRest)
    {
        text.Seek(start, SeekOrigin.Begin);
        var buffer = new byte[BufferSize];
        long lines = 0, pieceStart = start, lineEnd = start, offset = start;
        while (offset < start + length && text.Read(buffer, 0, (int)Math.Min(buffer.Length, start + length - offset)) is var read and > 0)
        {
            for (var position = 0; position < read;)
            {
                var (taken, isWhole) = Next(buffer.AsSpan(position, read - position), (int)(offset - lineEnd));
                position += taken;
                offset += taken;
                if (!isWhole)
                {
                    continue;
                }

                lines++;
                lineEnd = offset;
                if (lineEnd - pieceStart >= pieceSize)
                {
                    yield return (lines, lineEnd);
                    (lines, pieceStart) = (0, lineEnd);
                }
            }
        }

        if (takeRest && offset > lineEnd)
        {
            (lines, lineEnd) = (lines + 1, offset);
        }

        if (lines > 0)
        {
            yield return (lines, lineEnd);
        }
    }

    /// <summary>The bytes of each line of the next <paramref name="length"/> bytes, without newline.</summary>
    public static IEnumerable<byte[]> Lines(Stream text, long length)
    {
        var buffer = new byte[BufferSize];
        var line = new MemoryStream();
        while (length > 0 && text.Read(buffer, 0, (int)Math.Min(buffer.Length, length)) is var read and > 0)
        {
            length -= read;
            for (var position = 0; position < read;)
            {
                var (taken, isWhole) = Next(buffer.AsSpan(position, read - position), (int)line.Length);
                var endsWithNewline = taken > 0 && buffer[position + taken - 1] == (byte)'\n';
                line.Write(buffer, position, endsWithNewline ? taken - 1 : taken);
                position += taken;
                if (isWhole)
                {
                    yield return line.ToArray();
                    line.SetLength(0);
                }
            }
        }

        if (line.Length > 0)
        {
            yield return line.ToArray();
        }
    }

    /// <summary>How many of the bytes belong to a line that has <paramref name="open"/> bytes already, and whether it is whole with them.</summary>
    private static (int Taken, bool IsWhole) Next(ReadOnlySpan<byte> bytes, int open)
    {
        // A newline right after the longest line belongs to it.
        var room = LongestLine - open;
        var newline = bytes[..Math.Min(bytes.Length, room + 1)].IndexOf((byte)'\n');
        return newline >= 0 ? (newline + 1, true) : bytes.Length > room ? (room, true) : (bytes.Length, false);
    }
}
