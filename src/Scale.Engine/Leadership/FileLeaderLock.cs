namespace Scale.Engine.Leadership;

/// <summary>The lock for SQLite: a file beside the database that is held open.</summary>
public sealed class FileLeaderLock(string path) : ILeaderLock
{
    private FileStream? file;

    public Task<bool> TryAcquire(CancellationToken cancel)
    {
        try
        {
            file ??= new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return Task.FromResult(true);
        }
        catch (IOException)
        {
            return Task.FromResult(false);
        }
    }

    public async ValueTask Release()
    {
        if (file is not null)
        {
            await file.DisposeAsync();
            file = null;
        }
    }

    public ValueTask DisposeAsync() => Release();
}
