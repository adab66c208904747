using System.Globalization;
using Scale.Engine.Executions;
using Scale.Store.Databases;

namespace Scale.Engine.Logs;

/// <summary>
/// Which bytes of an execution's two log files were first seen when. Programs don't stamp their lines, so a line gets its time and its order number
/// when the index first comes across it; both are written down, and never change again.
/// </summary>
internal static class LogIndex
{
    /// <summary>Adds what was written since the last look.</summary>
    /// <param name="isFinal">The writer has ended, so a last line without newline is whole.</param>
    public static IReadOnlyList<LogSegment> Update(ExecutionFolder folder, bool isFinal)
    {
        using var file = new FileStream(folder.LogIndex, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var reader = new StreamReader(file);
        var segments = Parse(reader.ReadToEnd()).ToList();
        var known = segments.Count;
        Extend(segments, LogStream.StandardOutput, folder.StandardOutput, isFinal);
        Extend(segments, LogStream.StandardError, folder.StandardError, isFinal);
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

    private static void Extend(List<LogSegment> segments, LogStream stream, string path, bool isFinal)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var text = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var start = segments.LastOrDefault(s => s.Stream == stream)?.End ?? 0;
        var (lines, end) = LogText.Measure(text, start, text.Length - start, isFinal);
        if (lines == 0)
        {
            return;
        }

        // One microsecond a line: no two lines share a time, so a client that asks from the last time on always gets further.
        var last = segments.LastOrDefault();
        var seen = Math.Max(Time.ToMicroseconds(File.GetLastWriteTimeUtc(path)), last is null ? 0 : last.Seen + last.Lines);
        segments.Add(new LogSegment(stream, start, end, seen, last is null ? 1 : last.FirstOrder + last.Lines, lines));
    }
}
