namespace Scale.Model.Files;

/// <summary>Paths below a root, with <c>/</c> between names (storage-and-ingest.md §1.2, §1.3).</summary>
public static class RelativePath
{
    /// <summary>Whether the path stays below its root as written: not empty, not absolute, no <c>.</c>, <c>..</c> or empty name, no NUL.</summary>
    public static bool IsSafe(ReadOnlySpan<char> path)
    {
        foreach (var name in path.Split('/'))
        {
            if (path[name] is "" or "." or "..")
            {
                return false;
            }
        }

        return !path.Contains('\0');
    }

    /// <summary>The path without <c>.</c>, <c>..</c> and doubled separators (<c>a//b/../c</c> is <c>a/c</c>); null when it is absolute, empty or leaves the root.</summary>
    public static string? Normalize(string path)
    {
        if (path.StartsWith('/') || path.Contains('\0'))
        {
            return null;
        }

        var names = new List<string>();
        foreach (var name in path.Split('/'))
        {
            if (name == "..")
            {
                if (names.Count == 0)
                {
                    return null;
                }

                names.RemoveAt(names.Count - 1);
            }
            else if (name is not ("" or "."))
            {
                names.Add(name);
            }
        }

        return names.Count == 0 ? null : string.Join('/', names);
    }

    /// <summary>The last name of a path.</summary>
    public static string FileName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
