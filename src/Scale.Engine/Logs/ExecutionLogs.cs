using System.Text;
using Scale.Engine.Executions;
using Scale.Store.Databases;

namespace Scale.Engine.Logs;

/// <summary>Reads the log of an execution, from its folder while it runs and from the archive afterwards; the same line always has the same time and number.</summary>
public sealed class ExecutionLogs(EngineOptions options, PackedLogs packed)
{
    /// <summary>Most lines of one answer.</summary>
    public const int MostLines = 10_000;

    /// <summary>Bytes of text after which an answer ends; a client goes on from its last line as it does after <see cref="MostLines"/>.</summary>
    public const int MostBytes = 8 << 20;

    /// <summary>The oldest lines at or after <paramref name="started"/>, at most <paramref name="limit"/> and about <see cref="MostBytes"/>, in their order.</summary>
    /// <param name="stream">One stream, or null for both.</param>
    /// <param name="after">Only lines with greater order numbers.</param>
    public IReadOnlyList<LogLine> Read(long executionId, LogStream? stream, DateTime? started, int limit = MostLines, long after = -1)
    {
        var from = started is { } moment ? Time.ToMicroseconds(moment) : long.MinValue;
        var folder = new ExecutionFolder(options.ExecutionsFolder, executionId);
        if (folder.Exists)
        {
            try
            {
                var segments = LogIndex.Update(folder, options.LogLimit + ExecutionFolder.NoticeRoom, isFinal: false);
                return Read(segments, s => new FileStream(s == LogStream.StandardOutput ? folder.StandardOutput : folder.StandardError, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), stream, from, after, limit);
            }
            catch (IOException) when (packed.Exists(executionId) || !folder.Exists)
            {
                // It ended and was packed while it was read here.
            }
        }

        if (!packed.Exists(executionId))
        {
            return [];
        }

        var (packedSegments, open, archive) = packed.Open(executionId);
        using (archive)
        {
            return Read(packedSegments, open, stream, from, after, limit);
        }
    }

    /// <summary>Whether nothing more is written to the log of an execution that was settled: its folder is gone.</summary>
    public bool IsFinal(long executionId) => !new ExecutionFolder(options.ExecutionsFolder, executionId).Exists;

    private static List<LogLine> Read(IReadOnlyList<LogSegment> segments, Func<LogStream, Stream> open, LogStream? wanted, long from, long after, int limit)
    {
        var lines = new List<LogLine>();
        var texts = new Dictionary<LogStream, (Stream Text, long Position)>();
        long size = 0;
        try
        {
            foreach (var segment in segments.Where(s => (wanted is null || s.Stream == wanted) && s.Seen + s.Lines > from && s.FirstOrder + s.Lines - 1 > after))
            {
                var (text, position) = texts.TryGetValue(segment.Stream, out var opened) ? opened : (open(segment.Stream), 0);
                texts[segment.Stream] = (text, segment.End);
                Skip(text, segment.Start - position);
                var order = 0;
                foreach (var bytes in LogText.Lines(text, segment.End - segment.Start))
                {
                    if (segment.Seen + order >= from && segment.FirstOrder + order > after)
                    {
                        lines.Add(new LogLine(Time.FromMicroseconds(segment.Seen + order), segment.FirstOrder + order, segment.Stream, Encoding.UTF8.GetString(bytes)));
                        size += bytes.Length;
                    }

                    order++;
                    if (lines.Count >= limit || size >= MostBytes)
                    {
                        return lines;
                    }
                }
            }
        }
        finally
        {
            foreach (var (text, _) in texts.Values)
            {
                text.Dispose();
            }
        }

        return lines;
    }

    // Archives can't seek, so both are read forward.
    private static void Skip(Stream text, long count)
    {
        if (text.CanSeek)
        {
            text.Seek(count, SeekOrigin.Current);
            return;
        }

        var buffer = new byte[64 << 10];
        while (count > 0 && text.Read(buffer, 0, (int)Math.Min(buffer.Length, count)) is var read and > 0)
        {
            count -= read;
        }
    }
}
