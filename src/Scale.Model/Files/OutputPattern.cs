namespace Scale.Model.Files;

/// <summary>
/// Matches the files of an output directory against the pattern of a file output (job-types-and-seed.md §9.1): <c>*</c>, <c>?</c>,
/// <c>[set]</c> and <c>[!set]</c> within one name, sub-directories written out, no recursion, case-sensitive; names that start with a
/// dot only when the pattern's name does.
/// </summary>
public static class OutputPattern
{
    private const string SideCarSuffix = ".metadata.json";

    /// <summary>The paths that the pattern captures, in ordinal order, so that lists of files are the same every time.</summary>
    /// <param name="relativePaths">Regular files below the output directory, with <c>/</c> between names.</param>
    public static IReadOnlyList<string> Match(string pattern, IEnumerable<string> relativePaths)
    {
        var names = PatternNames(pattern);
        return names is null ? [] : relativePaths.Where(p => !IsReserved(p) && Matches(names, p)).Order(StringComparer.Ordinal).ToList();
    }

    /// <summary>Whether the pattern captures the path.</summary>
    public static bool IsMatch(string pattern, string relativePath) =>
        !IsReserved(relativePath) && PatternNames(pattern) is { } names && Matches(names, relativePath);

    /// <summary>Whether the file describes results instead of being one; such files are never captured.</summary>
    public static bool IsReserved(string relativePath)
    {
        var name = RelativePath.FileName(relativePath);
        return name.EndsWith(SideCarSuffix, StringComparison.Ordinal) || name is OutputsDocument.FileName or "results_manifest.json";
    }

    /// <summary>Path of the side-car that may describe a captured file.</summary>
    public static string SideCarOf(string relativePath) => relativePath + SideCarSuffix;

    // Null for a pattern that can match nothing below the output directory.
    private static string[]? PatternNames(string pattern) => RelativePath.Normalize(pattern)?.Split('/');

    private static bool Matches(string[] pattern, string path)
    {
        var names = path.Split('/');
        if (names.Length != pattern.Length)
        {
            return false;
        }

        for (var i = 0; i < names.Length; i++)
        {
            if ((names[i].StartsWith('.') && !pattern[i].StartsWith('.')) || !MatchesName(Characters(pattern[i]), Characters(names[i])))
            {
                return false;
            }
        }

        return true;
    }

    private static int[] Characters(string text) => text.EnumerateRunes().Select(r => r.Value).ToArray();

    // Remembers only the last star: going back further can never help, so the time is at most pattern times name.
    private static bool MatchesName(int[] pattern, int[] name)
    {
        int p = 0, n = 0, afterStar = -1, starName = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                afterStar = ++p;
                starName = n;
            }
            else if (p < pattern.Length && MatchesOne(pattern, p, name[n]) is { } next)
            {
                p = next;
                n++;
            }
            else if (afterStar >= 0)
            {
                p = afterStar;
                n = ++starName;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    /// <summary>Where the pattern goes on after it took one character, or null when it does not take it.</summary>
    private static int? MatchesOne(int[] pattern, int p, int character)
    {
        if (pattern[p] == '?')
        {
            return p + 1;
        }

        if (pattern[p] == '[' && SetEnd(pattern, p) is { } end)
        {
            return InSet(pattern.AsSpan(p + 1, end - p - 1), character) ? end + 1 : null;
        }

        return pattern[p] == character ? p + 1 : null;
    }

    // A bracket right after the opening (or the negation) belongs to the set; a set that never closes is a plain '['.
    private static int? SetEnd(int[] pattern, int open)
    {
        var first = open + 1;
        if (first < pattern.Length && pattern[first] == '!')
        {
            first++;
        }

        return Array.IndexOf(pattern, ']', Math.Min(first + 1, pattern.Length)) is var end and >= 0 ? end : null;
    }

    private static bool InSet(ReadOnlySpan<int> set, int character)
    {
        var negated = set[0] == '!';
        var members = negated ? set[1..] : set;
        for (var i = 0; i < members.Length; i++)
        {
            if (i + 2 < members.Length && members[i + 1] == '-')
            {
                if (character >= members[i] && character <= members[i + 2])
                {
                    return !negated;
                }

                i += 2;
            }
            else if (members[i] == character)
            {
                return !negated;
            }
        }

        return negated;
    }
}
