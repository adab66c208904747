using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Scale.Launcher;

/// <summary>
/// Starts mains for a server and waits for them, in a process and session of its own, so that neither the server's end nor its terminal reach them: it writes down how each of
/// them ended, whether or not the server is still there to be told. It ends when the server is gone and its last main has ended.
/// </summary>
/// <remarks>One thread does all of it: only so are orphans and starts never in each other's way.</remarks>
internal sealed unsafe class MainLauncher
{
    private const int Channel = 3;
    private const int EventCount = 64;
    private const int NotExecutable = 126;
    private const int NotFound = 127;
    private const int BySignal = 128;
    private const int LogFlags = NativeCalls.ReadWrite | NativeCalls.Create;
    private static readonly int[] SignalsToOthers = [1, 2, 15];

    private readonly int queue = NativeCalls.MakeQueue();
    private readonly Dictionary<int, RunningMain> waits = [];
    private readonly SpawnAttributes attributes = new();
    private readonly RequestReader requests = new(Channel);
    private readonly MemoryPeak ownPeak = new();
    private readonly Orphans orphans;
    private readonly int killOrder = NativeCalls.Open("/proc/self/oom_score_adj\0"u8, NativeCalls.ReadWrite);
    private readonly byte[] ownKillOrder = new byte[16];
    private readonly ClaimFile claims;
    private bool isServerThere = true;

    public MainLauncher(ClaimFile claims)
    {
        this.claims = claims;
        orphans = new Orphans(waits);
        Array.Resize(ref ownKillOrder, Math.Max(NativeCalls.Read(killOrder, ownKillOrder), 0));
    }

    public void Run()
    {
        foreach (var signal in SignalsToOthers)
        {
            NativeCalls.Ignore(signal);
        }

        NativeCalls.TakeInOrphans();
        NativeCalls.KeepFromChildren(Channel);
        NativeCalls.AddToQueueOf(queue, Channel, new EpollEvent(0, once: false));
        var events = new byte[EventCount * EpollEvent.Size];
        while (isServerThere || waits.Count > 0)
        {
            var count = NativeCalls.WaitFor(queue, events);
            for (var i = 0; i < count; i++)
            {
                var id = EpollEvent.DataOf(events, i);
                if (id == 0)
                {
                    ReadRequests();
                }
                else
                {
                    HasEnded(id);
                }
            }
        }
    }

    private void ReadRequests()
    {
        isServerThere = requests.Read();
        while (requests.Next(out var request))
        {
            Start(request);
        }

        if (!isServerThere)
        {
            NativeCalls.RemoveFromQueueOf(queue, Channel);
        }
    }

    private void Start(Request request)
    {
        var folder = new FolderPath(request.Folder);
        if (claims.Claim(folder) is not 0 and var error)
        {
            Reply(new LaunchReply(request.Ticket, error == NativeCalls.Exists ? LaunchOutcome.Taken : LaunchOutcome.NotClaimed, error, 0, default, default));
            return;
        }

        var (id, failure) = Spawn(request, folder);
        if (failure != 0)
        {
            CanNotStart(request, folder, failure);
            return;
        }

        // An id can be used again, but not with the same time of its start.
        Span<byte> facts = stackalloc byte[ProcessFacts.LineSize];
        var length = Math.Max(ProcessFacts.Read(id, "stat", facts), 0);
        Write(folder.Of("main"u8), facts[..length]);
        Await(id, new RunningMain(request.Ticket, id, request.Folder.ToArray(), request.StatusFile.Length > 1));
    }

    private (int Id, int Error) Spawn(Request request, FolderPath folder)
    {
        var space = stackalloc byte[SpawnActions.Size];
        using var actions = new SpawnActions(space);
        actions.Open(0, "/dev/null\0"u8, NativeCalls.ReadOnly);

        // These files may be there already, and are empty then. To cut off one that is there makes some file systems write it to the disk at once.
        actions.Open(1, folder.Of("stdout.log"u8), LogFlags);
        actions.Open(2, folder.Of("stderr.log"u8), LogFlags);
        if (request.StatusFile.Length > 1)
        {
            actions.Open(Channel, folder.Of(request.StatusFile[..^1]), LogFlags);
        }

        actions.ChangeFolder(folder.Of("scratch"u8));

        // When the machine's memory is used up it is a job that ends, neither the server nor its launcher.
        NativeCalls.WriteFirst(killOrder, "500"u8);
        var error = NativeCalls.Spawn(out var id, actions, attributes, request.Arguments, request.Environment);
        if (error == NativeCalls.NoProgram)
        {
            // A script that does not say what runs it is one of the shell.
            error = NativeCalls.Spawn(out id, actions, attributes, request.ArgumentsOfShell("/bin/sh\0"u8), request.Environment);
        }

        NativeCalls.WriteFirst(killOrder, ownKillOrder);
        return (id, error);
    }

    private void CanNotStart(Request request, FolderPath folder, int error)
    {
        Write(folder.Of("stderr.log"u8), Encoding.UTF8.GetBytes($"{Marshal.PtrToStringUTF8((nint)(*request.Arguments))}: {Marshal.GetPInvokeErrorMessage(error)}\n"));
        var now = DateTime.UtcNow.Ticks;
        var end = new MainEnd(error is NativeCalls.NotFound or NativeCalls.NoFolder ? NotFound : NotExecutable, now, now);
        WriteExit(folder, end);
        var isShortage = error is NativeCalls.TryAgain or NativeCalls.TooLittleMemory;
        Reply(new LaunchReply(request.Ticket, isShortage ? LaunchOutcome.NotStarted : LaunchOutcome.Ended, error, 0, end, default));
    }

    /// <summary>A process that something waits for: main, or what it left.</summary>
    private void Await(int id, RunningMain main)
    {
        var descriptor = NativeCalls.OpenProcess(id);
        waits[id] = main;
        main.Waits.Add((id, descriptor));
        if (descriptor >= 0)
        {
            NativeCalls.AddToQueueOf(queue, descriptor, new EpollEvent(id));
            return;
        }

        // Whose end nobody would be told of must not go on.
        NativeCalls.Signal(id, NativeCalls.Kill);
        HasEnded(id);
    }

    private void HasEnded(int id)
    {
        if (!waits.TryGetValue(id, out var main))
        {
            return;
        }

        // As long as main is not let go of nobody else can have its group.
        if (id == main.Id)
        {
            NativeCalls.SignalGroup(id, NativeCalls.Kill);
        }

        Span<long> usage = stackalloc long[NativeCalls.UsageFields];
        if (NativeCalls.Reap(id, out var status, usage))
        {
            main.Usage = main.Usage.And(new MainUsage(((usage[0] + usage[2]) * 1_000_000) + usage[1] + usage[3], ownPeak.IsBelow(usage[4]) ? usage[4] : -1, usage[11], usage[12]));
        }

        waits.Remove(id);
        NativeCalls.Close(main.TakeDescriptor(id));
        if (id == main.Id)
        {
            main.End = new MainEnd((status & 0x7F) is 0 ? (status >> 8) & 0xFF : BySignal + (status & 0x7F), main.StartTicks, DateTime.UtcNow.Ticks);
            WriteExit(new FolderPath(main.Folder), main.End);
            if (main.HasStatusFile && Sandbox.FirstProcess(new FolderPath(main.Folder)) is { } first && !waits.ContainsKey(first))
            {
                Await(first, main);
                return;
            }
        }

        if (main.Waits.Count == 0)
        {
            EndBackground(main);
        }
    }

    /// <summary>Ends what main left in the background: it would go on writing to files that are captured now.</summary>
    private void EndBackground(RunningMain main)
    {
        // What a sandbox holds ends with its first process.
        var isClear = true;
        if (!main.HasStatusFile)
        {
            isClear = orphans.Kill(main.Outputs, out var killed);
            if (killed.Count > 0)
            {
                // What they had started comes up as orphans then.
                killed.ForEach(id => Await(id, main));
                return;
            }
        }

        Reply(new LaunchReply(main.Ticket, LaunchOutcome.Ended, 0, isClear ? 1 : 0, main.End, main.Usage));
    }

    private static void WriteExit(FolderPath folder, MainEnd end)
    {
        Span<byte> text = stackalloc byte[64];
        Utf8.TryWrite(text, $"{{\"exit_code\":{end.ExitCode}}}\n", out var length);
        Write(folder.Of("exit.json"u8), text[..length]);
    }

    private static void Write(ReadOnlySpan<byte> path, ReadOnlySpan<byte> text)
    {
        var file = NativeCalls.Open(path, NativeCalls.WriteOnly | NativeCalls.Create | NativeCalls.NoLinks | NativeCalls.NoBlock);
        NativeCalls.Write(file, text);
        NativeCalls.Close(file);
    }

    private void Reply(LaunchReply reply)
    {
        if (isServerThere)
        {
            NativeCalls.Send(Channel, MemoryMarshal.AsBytes(new ReadOnlySpan<LaunchReply>(in reply)));
        }
    }
}
