using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Scale.Launcher;

/// <summary>
/// The file that says who this launcher is. To claim an execution is to link it into the execution's folder as <c>started</c>: that can be done only once,
/// whoever finds it there knows at once whose it is, and the file system has nothing to make or to delete for it.
/// </summary>
internal sealed class ClaimFile : IDisposable
{
    /// <summary>Begins the name of every such file, before the launcher's id and when it started.</summary>
    public const string Prefix = "launcher-";

    private readonly byte[] content;
    private readonly byte[] path;

    public ClaimFile(string executionsFolder)
    {
        var (id, started) = (Environment.ProcessId, ProcessFacts.Of(Environment.ProcessId)!.Value.StartTicks);
        content = Encoding.ASCII.GetBytes($"launcher {id} {started}\n");
        path = Encoding.UTF8.GetBytes($"{executionsFolder}/{Prefix}{id}-{started}\0");
        Write(path);
    }

    /// <returns>0, or the error: <see cref="NativeCalls.Exists"/> when somebody else has claimed the folder.</returns>
    public int Claim(FolderPath folder)
    {
        var claimed = folder.Of("started"u8);
        return NativeCalls.Link(path, claimed) is var error && error is 0 or NativeCalls.Exists ? error : ClaimByMoving(claimed);
    }

    public void Dispose() => NativeCalls.Unlink(path);

    // Not every file system has links, and none has them without limit.
    private int ClaimByMoving(ReadOnlySpan<byte> claimed)
    {
        Span<byte> own = new byte[claimed.Length + 16];
        Utf8.TryWrite(own[(claimed.Length - 1)..], $".{Environment.ProcessId}\0", out _);
        claimed[..^1].CopyTo(own);
        if (!Write(own))
        {
            return Marshal.GetLastPInvokeError();
        }

        var error = NativeCalls.Move(own, claimed);
        NativeCalls.Unlink(own);
        return error;
    }

    private bool Write(ReadOnlySpan<byte> to)
    {
        var file = NativeCalls.Open(to, NativeCalls.WriteOnly | NativeCalls.Create | NativeCalls.NoLinks);
        var isWritten = file >= 0 && NativeCalls.Write(file, content);
        NativeCalls.Close(file);
        return isWritten;
    }
}
