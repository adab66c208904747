using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Scale.Engine.Workspaces;

namespace Scale.Engine.Executions;

/// <summary>Exit of main as its launcher wrote it.</summary>
public sealed record ExecutionExit(int ExitCode, DateTime Ended);

/// <summary>A process of an execution. An id can be used again, but not with the same start.</summary>
/// <param name="Folder">End of the folder's path that tells it from those of other executions.</param>
/// <param name="StartTicks">When the kernel started it; null of a runner that an earlier version started, which is the one that was given the folder as an argument.</param>
public readonly record struct RunnerProcess(int ProcessId, string Folder, long? StartTicks);

/// <summary>What bubblewrap said of a sandboxed main.</summary>
/// <param name="FirstProcess">Id of the process that all others of the sandbox end with.</param>
/// <param name="ProcessNamespace">Number of the namespace that holds them.</param>
/// <param name="ExitCode">Of main; null while it runs, and for ever when it could not be started.</param>
public sealed record SandboxState(int FirstProcess, long ProcessNamespace, int? ExitCode);

/// <summary>Why an engine decided to end main.</summary>
public enum EndReason { Timeout, Killed, OutOfMemory, TooManyProcesses }

/// <summary>
/// The folder of one execution on this machine. The file <c>started</c> can be made only once: by a launcher, which then runs main,
/// or by an engine that found it missing, after which main will never start.
/// </summary>
public sealed class ExecutionFolder
{
    private const string ClaimedByEngine = "claimed";
    private const int FoldersPerShard = 1000;
    private const int SpecSize = 4 << 10;
    private const int DeleteAttempts = 10;

    private readonly string folderMark;
    private bool hasEmptyParts;
    private IReadOnlyList<string> readyInputs = [];

    /// <summary>Bytes that a log may have beyond its limit: our own lines at its end.</summary>
    public const int NoticeRoom = 64 << 10;

    /// <summary>Where bubblewrap writes; a folder without this file is that of a plain process.</summary>
    public const string SandboxStatusFile = "sandbox.json";

    public ExecutionFolder(string executionsFolder, long executionId)
    {
        folderMark = string.Create(CultureInfo.InvariantCulture, $"/{executionId / FoldersPerShard}/{executionId}");
        Root = executionsFolder.TrimEnd('/') + folderMark;
    }

    public string Root { get; }
    public string Inputs => Path.Combine(Root, "inputs");
    public string Outputs => Path.Combine(Root, "outputs");
    public string Scratch => Path.Combine(Root, "scratch");
    public string InputMetadata => Path.Combine(Inputs, "scale-input-metadata.json");
    public string StandardOutput => Path.Combine(Root, "stdout.log");
    public string StandardError => Path.Combine(Root, "stderr.log");
    public string LogIndex => Path.Combine(Root, "log-index");

    /// <summary>Where the container's engine writes the id of its first process.</summary>
    public string ContainerProcessFile => Path.Combine(Root, "container-process");

    private string MainPath => Path.Combine(Root, "main");
    private string StartedPath => Path.Combine(Root, "started");
    private string SpecPath => Path.Combine(Root, "spec.json");
    private string ExitPath => Path.Combine(Root, "exit.json");
    private string EndingPath => Path.Combine(Root, "ending");

    public bool Exists => Directory.Exists(Root);

    /// <summary>A launcher, or an engine that forbids it to start main, was here.</summary>
    public bool IsTaken => File.Exists(StartedPath);

    /// <summary>Makes the folder, or takes a spare one.</summary>
    /// <param name="inputs">Names of the inputs that will be staged; a spare one may have their folders.</param>
    /// <returns>False when it was there already.</returns>
    public bool Make(SpareFolders spares, IEnumerable<string> inputs)
    {
        hasEmptyParts = spares.TryTake(Root, inputs, out readyInputs);
        if (hasEmptyParts)
        {
            return true;
        }

        var error = FileCalls.MakeFolder(Root);
        if (error == FileCalls.NotFound)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Root)!);
            hasEmptyParts = spares.TryTake(Root, inputs, out readyInputs);
            error = hasEmptyParts ? 0 : FileCalls.MakeFolder(Root);
        }

        return error switch
        {
            0 => true,
            FileCalls.Exists => false,
            _ => throw FileCalls.Failure("make the folder", Root, error),
        };
    }

    /// <summary>Makes the parts anew; what an earlier attempt staged is replaced. Only for one that is not taken.</summary>
    public void Prepare()
    {
        if (hasEmptyParts)
        {
            hasEmptyParts = false;
            return;
        }

        foreach (var part in Parts)
        {
            var error = FileCalls.MakeFolder(part);
            if (error == FileCalls.Exists)
            {
                Directory.Delete(part, recursive: true);
                error = FileCalls.MakeFolder(part);
            }

            if (error != 0)
            {
                throw FileCalls.Failure("make the folder", part, error);
            }
        }
    }

    /// <summary>Makes the folder of an input.</summary>
    /// <returns>Its path.</returns>
    public string MakeInput(string name)
    {
        var path = Path.Combine(Inputs, name);
        var error = readyInputs.Contains(name) ? 0 : FileCalls.MakeFolder(path);
        return error is 0 or FileCalls.Exists ? path : throw FileCalls.Failure("make the folder", path, error);
    }

    public void WriteSpec(ExecutionSpec spec)
    {
        var text = new ArrayBufferWriter<byte>(SpecSize);
        SpecDocument.Write(text, spec);
        FileCalls.Write(SpecPath, text.WrittenSpan);
    }

    public void WriteInputMetadata(ReadOnlySpan<byte> document) => FileCalls.Write(InputMetadata, document);

    /// <summary>Removes the document that a spare folder may still have of another execution, where none is written.</summary>
    public void RemoveInputMetadata() => FileCalls.Unlink(InputMetadata);

    /// <summary>Adds a line of ours to the job's standard error, where its author looks.</summary>
    public void Say(string line)
    {
        Directory.CreateDirectory(Root);
        Append(StandardError, line);
    }

    /// <summary>Shortens logs that are too long, and says so at their end. Only for executions whose processes have ended.</summary>
    /// <param name="limit">Bytes of each stream that are kept.</param>
    public void CutLogs(long limit)
    {
        foreach (var path in new[] { StandardOutput, StandardError })
        {
            var length = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
            if (length > limit + NoticeRoom)
            {
                using (var text = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                {
                    RandomAccess.SetLength(text, limit);
                }

                Append(path, $"the log ends here: {length - limit} more bytes were dropped, {limit} are kept");
            }
        }
    }

    private static void Append(string path, string line)
    {
        using var text = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var isAtLineStart = text.Length == 0 || (text.Seek(-1, SeekOrigin.End) >= 0 && text.ReadByte() == '\n');
        text.Seek(0, SeekOrigin.End);
        text.Write(Encoding.UTF8.GetBytes($"{(isAtLineStart ? "" : "\n")}scale: {line}\n"));
    }

    /// <summary>Makes sure that main can't start here any more.</summary>
    /// <returns>False when one had started already.</returns>
    public bool TryClaim()
    {
        Directory.CreateDirectory(Root);
        try
        {
            using var file = new FileStream(StartedPath, FileMode.CreateNew, FileAccess.Write);
            file.Write(Encoding.ASCII.GetBytes(ClaimedByEngine + "\n"));
            return true;
        }
        catch (IOException) when (File.Exists(StartedPath))
        {
            return IsClaimed;
        }
    }

    /// <summary>An engine has made sure that main never starts here.</summary>
    public bool IsClaimed => ReadStarted().StartsWith(ClaimedByEngine, StringComparison.Ordinal);

    /// <summary>The launcher that runs it, or ran it; null when none has started main, or it was a runner of an earlier version.</summary>
    public RunnerProcess? Launcher() => ReadStarted().TrimEnd('\n').Split(' ') is ["launcher", var id, var ticks] ? Process(id, ticks) : null;

    /// <summary>Who leads main's session: main, or what shows or contains it, or the runner of an earlier version. Null when nobody has started, or it is not known.</summary>
    public RunnerProcess? Runner()
    {
        // A launcher writes main's /proc/PID/stat beside its claim. Runners of earlier versions claimed by their own, or only by their id.
        var started = ReadStarted();
        var line = started.StartsWith("launcher ", StringComparison.Ordinal) ? Read(MainPath)?.Text ?? "" : started;
        if (!line.EndsWith('\n'))
        {
            return null;
        }

        // The name in parentheses may hold blanks, the start time is field 22.
        var name = line.IndexOf(" (", StringComparison.Ordinal);
        return name < 0 ? Process(line[..^1], null)
            : line[(line.LastIndexOf(") ", StringComparison.Ordinal) + 2)..].Split(' ') is { Length: > 19 } fields ? Process(line[..name], fields[19]) : null;
    }

    private RunnerProcess? Process(string id, string? startTicks)
    {
        long? ticks = startTicks is not null && long.TryParse(startTicks, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && (ticks is null) == (startTicks is null) ? new RunnerProcess(process, folderMark, ticks) : null;
    }

    /// <summary>How main ended; null while it runs, or when its launcher died before it.</summary>
    public ExecutionExit? Exit()
    {
        // It is written at once, but not atomically: it counts only when it is whole.
        return Read(ExitPath) is { } exit && exit.Text.EndsWith("}\n", StringComparison.Ordinal)
            ? new ExecutionExit(JsonDocument.Parse(exit.Text).RootElement.GetProperty("exit_code").GetInt32(), exit.Modified)
            : null;
    }

    /// <summary>Id of the container's first process; null when main is none, or it was not started yet.</summary>
    public int? ContainerProcess() => int.TryParse(Read(ContainerProcessFile)?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>What bubblewrap said; null when main runs without, or nothing was said yet.</summary>
    public SandboxState? Sandbox()
    {
        if (Read(Path.Combine(Root, SandboxStatusFile))?.Text is not { } text)
        {
            return null;
        }

        // One document a line; a last line without end is still being written.
        var documents = text.Split('\n')[..^1].Select(line => JsonDocument.Parse(line).RootElement).ToList();
        return documents.Count > 0 && documents[0].TryGetProperty("child-pid", out var id) && documents[0].TryGetProperty("pid-namespace", out var space)
            ? new SandboxState(id.GetInt32(), space.GetInt64(), documents.Select(d => d.TryGetProperty("exit-code", out var code) ? code.GetInt32() : (int?)null).LastOrDefault(code => code is not null))
            : null;
    }

    /// <summary>Writes down why main is ended, before it is told: another engine that finds it ended, or still ending, knows why. The first reason stays.</summary>
    /// <returns>False when main had already ended by itself.</returns>
    public bool TryDecideEnd(EndReason reason)
    {
        if (Exit() is not null)
        {
            return false;
        }

        if (DecidedEnd is null)
        {
            File.WriteAllText(EndingPath + ".new", reason + "\n");
            File.Move(EndingPath + ".new", EndingPath, overwrite: true);
        }

        return true;
    }

    /// <summary>Why an engine ended main, or is about to; null when none did.</summary>
    public EndReason? DecidedEnd => Read(EndingPath)?.Text is { } text && Enum.TryParse<EndReason>(text, out var reason) ? reason : null;

    /// <summary>When <see cref="DecidedEnd"/> was decided.</summary>
    public DateTime EndDecided => File.GetLastWriteTimeUtc(EndingPath);

    /// <summary>When main was started, or was found not to start.</summary>
    public DateTime MainStarted => Launcher() is null ? File.GetLastWriteTimeUtc(StartedPath)
        : Read(MainPath) is { Text.Length: > 0 } main ? main.Modified
        : File.GetLastWriteTimeUtc(ExitPath);

    /// <summary>Removes it with all it holds, if it is there.</summary>
    public void Delete()
    {
        // Most have only what every one has: a search for more would cost as much again.
        foreach (var file in (string[])[StartedPath, MainPath, SpecPath, ExitPath, StandardOutput, StandardError, InputMetadata])
        {
            FileCalls.Unlink(file);
        }

        foreach (var part in Parts)
        {
            FileCalls.TryRemoveFolder(part);
        }

        for (var attempt = 1; !FileCalls.TryRemoveFolder(Root) && Exists; attempt++)
        {
            try
            {
                Directory.Delete(Root, recursive: true);
            }
            catch (IOException) when (attempt < DeleteAttempts)
            {
                // Who reads the log just now may have put its index back.
            }
        }
    }

    private string[] Parts => [Inputs, Outputs, Scratch];

    private string ReadStarted() => Read(StartedPath)?.Text ?? "";

    /// <summary>A small file, without the blanks at its end that a spare one is filled with, and when it was last written; null when it can't be opened.</summary>
    private static (string Text, DateTime Modified)? Read(string path)
    {
        using var file = FileCalls.OpenToRead(path, out _);
        if (file is null)
        {
            return null;
        }

        var facts = FileCalls.FactsOf(file);
        var bytes = new byte[facts.Size];
        var length = RandomAccess.Read(file, bytes, 0);
        return (Encoding.UTF8.GetString(bytes.AsSpan(0, length).TrimEnd(FileCalls.Blank)), facts.Modified);
    }
}
