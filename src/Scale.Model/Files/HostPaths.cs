namespace Scale.Model.Files;

/// <summary>Which directories of a machine may be a workspace (storage-and-ingest.md §1.3).</summary>
public static class HostPaths
{
    // Nothing below these is data.
    private static readonly string[] System =
        ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys", "/usr"];

    // These hold data of many owners; a workspace is a directory in them, never one of them.
    private static readonly string[] Shared = ["/", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var", "/var/lib"];

    /// <summary>Why the path cannot be a workspace, or null.</summary>
    public static string? ProblemOf(string path)
    {
        if (!path.StartsWith('/'))
        {
            return $"must be absolute, not '{path}'";
        }

        var normal = Normalize(path);
        return System.Any(s => normal == s || normal.StartsWith(s + "/", StringComparison.Ordinal)) || Shared.Contains(normal)
            ? $"must be a directory for data, not the system directory '{normal}'"
            : null;
    }

    /// <summary>An absolute path without <c>.</c>, <c>..</c>, doubled and trailing separators.</summary>
    public static string Normalize(string path)
    {
        var names = new List<string>();
        foreach (var name in path.Split('/'))
        {
            if (name == ".." && names.Count > 0)
            {
                names.RemoveAt(names.Count - 1);
            }
            else if (name is not ("" or "." or ".."))
            {
                names.Add(name);
            }
        }

        return "/" + string.Join('/', names);
    }
}
