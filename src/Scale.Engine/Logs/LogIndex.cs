using System.Globalization;
using Scale.Engine.Executions;
using Scale.Engine.Workspaces;
using Scale.Store.Databases;

namespace Scale.Engine.Logs;

/// <summary>
/// Which bytes of an execution's two log files were first seen when. Programs don't stamp their lines, so a line gets its time and its order number
/// when the index first comes across it; both are written down, and never change again.
/// </summary>
internal static class LogIndex
{
    /// <summary>Bytes after which a new segment begins: a reader that goes on in the middle of a long log reads no more than this in vain.</summary>
    private const int SegmentSize = 1 << 20;

    /// <summary>Adds what was written since the last look. Readers and the packer wait for each other, also in different processes.</summary>
    /// <param name="limit">Most bytes of a stream that are looked at.</param>
    /// <param name="isFinal">The writer has ended, so a last line without newline is whole.</param>
    public static IReadOnlyList<LogSegment> Update(ExecutionFolder folder, long limit, bool isFinal)
    {
        using var file = new FileStream(FileCalls.OpenLocked(folder.LogIndex), FileAccess.ReadWrite);
        var reader = new StreamReader(file);
        var segments = Parse(reader.ReadToEnd()).ToList();
        var known = segments.Count;
        Extend(segments, LogStream.StandardOutput, folder.StandardOutput, limit, isFinal);
        Extend(segments, LogStream.StandardError, folder.StandardError, limit, isFinal);
        if (segments.Count > known)
        {
            file.Seek(0, SeekOrigin.End);
            file.Write(System.Text.Encoding.ASCII.GetBytes(string.Concat(segments.Skip(known).Select(Line))));
        }

        return segments;
    }

    public static IEnumerable<LogSegment> Parse(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
    {
        var fields = Array.ConvertAll(line.Split(' '), field => long.Parse(field, CultureInfo.InvariantCulture));
        return new LogSegment((LogStream)fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
    });

    public static string Line(LogSegment segment) =>
        string.Create(CultureInfo.InvariantCulture, $"{(int)segment.Stream} {segment.Start} {segment.End} {segment.Seen} {segment.FirstOrder} {segment.Lines}\n");

    private static void Extend(List<LogSegment> segments, LogStream stream, string path, long limit, bool isFinal)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var text = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var start = segments.LastOrDefault(s => s.Stream == stream)?.End ?? 0;
        var modified = Time.ToMicroseconds(File.GetLastWriteTimeUtc(path));
        foreach (var (lines, end) in LogText.Measure(text, start, Math.Min(text.Length, limit) - start, SegmentSize, isFinal))
        {
            // One microsecond a line: no two lines share a time, so a client that asks from the last time on always gets further.
            var last = segments.LastOrDefault();
            var seen = Math.Max(modified, last is null ? 0 : last.Seen + last.Lines);
            segments.Add(new LogSegment(stream, start, end, seen, last is null ? 1 : last.FirstOrder + last.Lines, lines));
            start = end;
        }
    }
}
