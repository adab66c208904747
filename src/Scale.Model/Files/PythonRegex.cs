using System.Text;
using System.Text.RegularExpressions;

namespace Scale.Model.Files;

/// <summary>A regular expression in Python's dialect that must match from the start of a text, like <c>re.match</c> (storage-and-ingest.md §4).</summary>
public sealed class PythonRegex
{
    // Only expressions with look-around or back-references can take long at all; the others run in linear time.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(250);

    private readonly Regex regex;

    private PythonRegex(Regex regex) => this.regex = regex;

    /// <summary>The expression, or null when it does not compile.</summary>
    public static PythonRegex? Compile(string pattern)
    {
        if (Translate(pattern) is not { } translated)
        {
            return null;
        }

        try
        {
            return new PythonRegex(new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, TimeLimit));
        }
        catch (NotSupportedException)
        {
            return new PythonRegex(new Regex(translated, RegexOptions.CultureInvariant, TimeLimit));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether a match begins at the start of the text; it need not reach the end. False when it takes too long.</summary>
    public bool MatchesStartOf(string text)
    {
        try
        {
            // The leftmost match is found first, so one that begins later means that none begins at the start.
            return regex.Match(text) is { Success: true, Index: 0 };
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    /// <summary>The expression for .NET, or null when a group in it is none of Python's.</summary>
    /// <remarks>Groups lose their names: .NET counts named ones after all others, Python counts all from left to right.</remarks>
    private static string? Translate(string pattern)
    {
        var translated = new StringBuilder(pattern.Length + 8);
        var groups = new Groups();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                translated.Append('\\').Append(pattern[i + 1] == 'Z' ? 'z' : pattern[i + 1]);
                i++;
            }
            else if (pattern[i] == '[')
            {
                i = CopySet(pattern, i, translated);
            }
            else if (pattern[i] == '(')
            {
                if (groups.Open(pattern, i) is not { } opened)
                {
                    return null;
                }

                translated.Append(opened.Text);
                i += opened.Length - 1;
            }
            else if (pattern[i] == '{' && i + 2 < pattern.Length && pattern[i + 1] == ',' && char.IsAsciiDigit(pattern[i + 2]))
            {
                // {,n} is 0 to n in Python and plain text in .NET.
                translated.Append("{0");
            }
            else
            {
                translated.Append(pattern[i]);
            }
        }

        return translated.ToString();
    }

    /// <summary>The groups of an expression so far, counted as Python counts them.</summary>
    private sealed class Groups
    {
        private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        private int count;

        /// <summary>What stands for the opening of a group at a position, and how much of the pattern it replaces; null when Python has no such group.</summary>
        public (string Text, int Length)? Open(string pattern, int at)
        {
            bool Begins(string with) => string.CompareOrdinal(pattern, at, with, 0, with.Length) == 0;
            if (!Begins("(?"))
            {
                count++;
                return ("(", 1);
            }

            if (Begins("(?P<"))
            {
                var isNew = Name(pattern, at + 4, '>') is { } name && numbers.TryAdd(name, ++count);
                return isNew ? ("(", pattern.IndexOf('>', at) + 1 - at) : null;
            }

            if (Begins("(?P="))
            {
                return Name(pattern, at + 4, ')') is { } name && numbers.TryGetValue(name, out var number)
                    ? ($@"\k<{number}>", name.Length + 5)
                    : null;
            }

            if (Begins("(?(") && Name(pattern, at + 3, ')') is { } condition)
            {
                return numbers.TryGetValue(condition, out var number) ? ($"(?({number})", condition.Length + 4) : null;
            }

            if (Begins("(?#"))
            {
                return pattern.IndexOf(')', at) is var end and > 0 ? ("", end + 1 - at) : null;
            }

            return Begins("(?'") || (Begins("(?<") && !Begins("(?<=") && !Begins("(?<!")) ? null : ("(?", 2);
        }

        private static string? Name(string pattern, int start, char end) =>
            pattern.IndexOf(end, start) is var close && close > start && pattern[start..close] is var name
                && !char.IsDigit(name[0]) && name.All(c => char.IsLetterOrDigit(c) || c == '_') ? name : null;
    }

    // Copies up to the closing bracket. A bracket inside a set is plain text in Python, but may subtract a set in .NET.
    private static int CopySet(string pattern, int open, StringBuilder translated)
    {
        translated.Append('[');
        var i = open + 1;
        if (i < pattern.Length && pattern[i] == '^')
        {
            translated.Append('^');
            i++;
        }

        for (var first = i; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == ']' && i > first)
            {
                translated.Append(']');
                return i;
            }

            if (c == '\\' && i + 1 < pattern.Length)
            {
                translated.Append(c).Append(pattern[++i]);
            }
            else
            {
                translated.Append(c is '[' or ']' ? "\\" : "").Append(c);
            }
        }

        return pattern.Length;
    }
}
