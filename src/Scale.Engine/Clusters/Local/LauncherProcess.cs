using System.Buffers;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Scale.Launcher;

namespace Scale.Engine.Clusters.Local;

/// <summary>A launcher of this server, see <see cref="MainLauncher"/>. It outlives the server, and the other way round.</summary>
internal sealed partial class LauncherProcess
{
    /// <summary>File name of its program.</summary>
    public const string Program = "scale-launcher";

    private const int LocalSocket = 1;
    private const int Stream = 1;
    private const int BothWays = 2;
    private const int ChannelOfLauncher = 3;
    private const int ReplyCount = 64;

    private readonly Dictionary<long, TaskCompletionSource<LaunchReply?>> waiting = [];
    private readonly ArrayBufferWriter<byte> request = new();
    private readonly Lock gate = new();
    private readonly int socket;
    private bool isOpen = true;
    private long lastTicket;

    private LauncherProcess(int socket)
    {
        this.socket = socket;
        new Thread(ReadReplies) { IsBackground = true, Name = "launcher" }.Start();
    }

    /// <summary>How many mains it waits for, those among them that it has yet to start. None once it has ended.</summary>
    public int Open
    {
        get
        {
            lock (gate)
            {
                return isOpen ? waiting.Count : 0;
            }
        }
    }

    /// <param name="executionsFolder">Whose executions it is to start.</param>
    /// <param name="dotnetRoot">Where .NET is; null when the program finds it by itself.</param>
    /// <exception cref="Win32Exception">The system can't start it.</exception>
    public static unsafe LauncherProcess Start(string executionsFolder, string? dotnetRoot)
    {
        var program = Path.Combine(AppContext.BaseDirectory, Program);
        using var arguments = new NativeTexts(dotnetRoot is null ? [program, executionsFolder] : [$"{dotnetRoot}/dotnet", "exec", $"{program}.dll", executionsFolder]);

        // None of the server's own variables: they may hold secrets. Nobody looks into it with tools of .NET, which cost a thread and a socket.
        using var environment = new NativeTexts(["DOTNET_EnableDiagnostics=0", .. dotnetRoot is null ? (string[])[] : [$"DOTNET_ROOT={dotnetRoot}"]]);
        int* sockets = stackalloc int[2];
        if (socketpair(LocalSocket, Stream | NativeCalls.CloseOnExec, 0, sockets) != 0)
        {
            throw new Win32Exception();
        }

        var space = stackalloc byte[SpawnActions.Size];
        using var actions = new SpawnActions(space);
        for (var descriptor = 0; descriptor < ChannelOfLauncher; descriptor++)
        {
            actions.Open(descriptor, "/dev/null\0"u8, NativeCalls.ReadWrite);
        }

        actions.Duplicate(sockets[1], ChannelOfLauncher);
        actions.ChangeFolder("/\0"u8);
        var error = NativeCalls.Spawn(out var id, actions, new SpawnAttributes(), (byte**)arguments.Pointer, (byte**)environment.Pointer);
        NativeCalls.Close(sockets[1]);
        if (error != 0)
        {
            NativeCalls.Close(sockets[0]);
            throw new Win32Exception(error);
        }

        _ = ProcessEnds.OfThisProcess.WhenGone(id, isChild: true);
        return new LauncherProcess(sockets[0]);
    }

    /// <returns>Completes when nothing of main is left that the launcher could find; with null when the launcher has ended before, so that it is not known what became of it. Null when it has ended already.</returns>
    public Task<LaunchReply?>? TryLaunch(string folder, MainCommand command)
    {
        lock (gate)
        {
            if (!isOpen)
            {
                return null;
            }

            var reply = new TaskCompletionSource<LaunchReply?>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add(++lastTicket, reply);
            LaunchRequest.Write(request, lastTicket, folder, command.StatusFile, command.Arguments, command.Environment);

            // Should it fail, the one who reads the replies sees that nobody is there any more.
            NativeCalls.Send(socket, request.WrittenSpan);
            return reply.Task;
        }
    }

    /// <summary>Lets go of it: it ends when its last main has ended.</summary>
    public void Close()
    {
        lock (gate)
        {
            _ = isOpen ? shutdown(socket, BothWays) : 0;
        }
    }

    private void ReadReplies()
    {
        var replies = new LaunchReply[ReplyCount];
        var bytes = MemoryMarshal.AsBytes(replies.AsSpan());
        var size = bytes.Length / ReplyCount;
        var length = 0;
        while (NativeCalls.Read(socket, bytes[length..]) is > 0 and var read)
        {
            length += read;
            foreach (var reply in replies.AsSpan(0, length / size))
            {
                Take(reply.Ticket)?.SetResult(reply);
            }

            var rest = length % size;
            bytes[(length - rest)..length].CopyTo(bytes);
            length = rest;
        }

        lock (gate)
        {
            isOpen = false;
            NativeCalls.Close(socket);
        }

        foreach (var (_, unknown) in waiting)
        {
            unknown.SetResult(null);
        }
    }

    private TaskCompletionSource<LaunchReply?>? Take(long ticket)
    {
        lock (gate)
        {
            return waiting.Remove(ticket, out var reply) ? reply : null;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int socketpair(int domain, int type, int protocol, int* sockets);

    [LibraryImport("libc")]
    private static partial int shutdown(int socket, int how);
}
