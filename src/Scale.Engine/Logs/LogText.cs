namespace Scale.Engine.Logs;

/// <summary>Bytes of a log that were seen at one time: whole lines of one stream.</summary>
/// <param name="Start">Offset of the first byte; the segment ends before <paramref name="End"/>.</param>
/// <param name="Seen">Microseconds; line k of the segment (from 0) has the time Seen + k.</param>
/// <param name="FirstOrder">Order number of its first line.</param>
public sealed record LogSegment(LogStream Stream, long Start, long End, long Seen, long FirstOrder, long Lines);

/// <summary>Reads lines out of streams of any size with a buffer of a fixed size.</summary>
internal static class LogText
{
    /// <summary>Bytes of a line that are kept.</summary>
    public const int LongestLine = 64 << 10;

    private const int BufferSize = 64 << 10;

    /// <summary>Counts the lines in a range and finds where the last whole one ends.</summary>
    /// <param name="takeRest">Whether bytes after the last newline are a line too: the writer has ended.</param>
    public static (long Lines, long End) Measure(Stream text, long start, long length, bool takeRest)
    {
        text.Seek(start, SeekOrigin.Begin);
        var buffer = new byte[BufferSize];
        long lines = 0, end = start, offset = start;
        while (offset < start + length)
        {
            var read = text.Read(buffer, 0, (int)Math.Min(buffer.Length, start + length - offset));
            if (read == 0)
            {
                break;
            }

            var chunk = buffer.AsSpan(0, read);
            lines += chunk.Count((byte)'\n');
            if (chunk.LastIndexOf((byte)'\n') is var last and >= 0)
            {
                end = offset + last + 1;
            }

            offset += read;
        }

        return takeRest && offset > end ? (lines + 1, offset) : (lines, end);
    }

    /// <summary>The bytes of each line of the next <paramref name="length"/> bytes, without newline, cut at <see cref="LongestLine"/>.</summary>
    public static IEnumerable<byte[]> Lines(Stream text, long length)
    {
        var buffer = new byte[BufferSize];
        var line = new MemoryStream();
        var isOpen = false;
        while (length > 0)
        {
            var read = text.Read(buffer, 0, (int)Math.Min(buffer.Length, length));
            if (read == 0)
            {
                break;
            }

            length -= read;
            var position = 0;
            while (position < read)
            {
                var newline = Array.IndexOf(buffer, (byte)'\n', position, read - position);
                var stop = newline < 0 ? read : newline;
                line.Write(buffer, position, (int)Math.Min(stop - position, Math.Max(0, LongestLine - line.Length)));
                isOpen = newline < 0;
                position = stop + 1;
                if (!isOpen)
                {
                    yield return line.ToArray();
                    line.SetLength(0);
                }
            }
        }

        if (isOpen)
        {
            yield return line.ToArray();
        }
    }
}
