namespace Scale.Serve;

/// <summary>The data folder, held by this process alone for as long as the lock lives.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly FileStream held;

    private DataFolder(FileStream held) => this.held = held;

    /// <summary>Makes the folder when absent, readable by its owner alone.</summary>
    /// <exception cref="StartException">Another server has it, or it can't be used.</exception>
    public static DataFolder Hold(string path)
    {
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // The system lets go of the lock when the process ends, however it ends.
            return new DataFolder(new FileStream(Path.Combine(path, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(Path.Combine(path, "server.lock")))
        {
            throw new StartException($"Another server is running on the data folder {path}; stop it, or give another folder with --data. ({e.Message})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The data folder {path} can't be used: {e.Message}");
        }
    }

    public void Dispose() => held.Dispose();
}

/// <summary>The server can't start; the message says why and what to do.</summary>
public sealed class StartException(string message) : Exception(message);
