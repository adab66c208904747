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
        var translated = Translate(pattern);
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

    private static string Translate(string pattern)
    {
        var translated = new StringBuilder(pattern.Length + 8);
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
            else if (string.CompareOrdinal(pattern, i, "(?P<", 0, 4) == 0)
            {
                translated.Append("(?<");
                i += 3;
            }
            else if (string.CompareOrdinal(pattern, i, "(?P=", 0, 4) == 0 && pattern.IndexOf(')', i) is var close and > 0)
            {
                translated.Append(@"\k<").Append(pattern, i + 4, close - i - 4).Append('>');
                i = close;
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
