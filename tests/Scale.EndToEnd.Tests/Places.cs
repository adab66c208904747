namespace Scale.EndToEnd.Tests;

public static class Places
{
    /// <summary>The program, built beside these tests.</summary>
    public static string Program { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Scale", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "scale.dll"));

    /// <summary>The image root that the build puts beside the program.</summary>
    public static string Examples { get; } = Path.Combine(Path.GetDirectoryName(Program)!, "examples");

    /// <summary>The working tree these tests were built from.</summary>
    public static string Repository { get; } = FindRepository();

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Scale.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie below the repository.");
        }

        return folder.FullName;
    }
}

/// <summary>A folder below the system's temporary one, gone with the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("scale-e2e-").FullName;

    public string Below(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
