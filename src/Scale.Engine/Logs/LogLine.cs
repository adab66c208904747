namespace Scale.Engine.Logs;

public enum LogStream : byte
{
    StandardOutput = 0,
    StandardError = 1,
}

/// <summary>One line of an execution's log (jobs-and-queue.md §8).</summary>
/// <param name="Timestamp">When the line was first seen; later than that of the line before it. UTC.</param>
/// <param name="Order">Counts the lines of both streams of the execution from 1 on without repetition.</param>
/// <param name="Message">Without the newline; bytes that are no UTF-8 are replaced, what is longer than <see cref="LogText.LongestLine"/> bytes is cut.</param>
public sealed record LogLine(DateTime Timestamp, long Order, LogStream Stream, string Message);
