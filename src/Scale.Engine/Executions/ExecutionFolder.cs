using System.Globalization;
using System.Text.Json;

namespace Scale.Engine.Executions;

/// <summary>Exit of main as the runner wrote it.</summary>
public sealed record ExecutionExit(int ExitCode, DateTime Started, DateTime Ended);

/// <summary>The process that runs an execution: its id, and when the kernel started it, so that a reused id is not taken for it.</summary>
public readonly record struct RunnerProcess(int ProcessId, long StartTicks);

/// <summary>
/// The folder of one execution on this machine. The file <c>started</c> can be made only once: by the runner, which then runs main,
/// or by an engine that found it missing, after which no runner will ever start.
/// </summary>
public sealed class ExecutionFolder
{
    private const string ClaimedByEngine = "claimed";
    private const int FoldersPerShard = 1000;

    public ExecutionFolder(string executionsFolder, long executionId)
    {
        Root = Path.Combine(executionsFolder, (executionId / FoldersPerShard).ToString(CultureInfo.InvariantCulture), executionId.ToString(CultureInfo.InvariantCulture));
    }

    public string Root { get; }
    public string Inputs => Path.Combine(Root, "inputs");
    public string Outputs => Path.Combine(Root, "outputs");
    public string Scratch => Path.Combine(Root, "scratch");
    public string InputMetadata => Path.Combine(Inputs, "scale-input-metadata.json");
    public string StandardOutput => Path.Combine(Root, "stdout.log");
    public string StandardError => Path.Combine(Root, "stderr.log");
    public string LogIndex => Path.Combine(Root, "log-index");
    private string StartedPath => Path.Combine(Root, "started");
    private string ExitPath => Path.Combine(Root, "exit.json");

    public bool Exists => Directory.Exists(Root);

    /// <summary>Makes the folder anew; what an earlier attempt staged is replaced, a claim stays.</summary>
    public void Prepare()
    {
        foreach (var part in new[] { Inputs, Outputs, Scratch })
        {
            if (Directory.Exists(part))
            {
                Directory.Delete(part, recursive: true);
            }

            Directory.CreateDirectory(part);
        }
    }

    public void WriteSpec(ExecutionSpec spec)
    {
        using var file = File.Create(Path.Combine(Root, "spec.json"));
        SpecDocument.Write(file, spec);
    }

    /// <summary>Adds a line of ours to the job's standard error, where its author looks.</summary>
    public void Say(string line)
    {
        Directory.CreateDirectory(Root);
        File.AppendAllText(StandardError, $"scale: {line}\n");
    }

    /// <summary>Makes sure that no runner can start here any more.</summary>
    /// <returns>False when one had started already.</returns>
    public bool TryClaim()
    {
        Directory.CreateDirectory(Root);
        try
        {
            using var file = new FileStream(StartedPath, FileMode.CreateNew, FileAccess.Write);
            file.Write(System.Text.Encoding.ASCII.GetBytes(ClaimedByEngine + "\n"));
            return true;
        }
        catch (IOException) when (File.Exists(StartedPath))
        {
            return IsClaimed;
        }
    }

    /// <summary>An engine has made sure that main never starts here.</summary>
    public bool IsClaimed => ReadStarted().StartsWith(ClaimedByEngine, StringComparison.Ordinal);

    /// <summary>Who runs it; null when nobody has started, or the runner died before it could say.</summary>
    public RunnerProcess? Runner()
    {
        // As /proc/PID/stat: the name in parentheses may hold blanks, the start time is field 22.
        var line = ReadStarted();
        var afterName = line.LastIndexOf(") ", StringComparison.Ordinal);
        if (afterName < 0 || line.IndexOf(" (", StringComparison.Ordinal) is var beforeName && beforeName < 0)
        {
            return null;
        }

        var fields = line[(afterName + 2)..].Split(' ');
        return fields.Length > 19
            && int.TryParse(line[..beforeName], CultureInfo.InvariantCulture, out var id)
            && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var ticks)
                ? new RunnerProcess(id, ticks)
                : null;
    }

    /// <summary>How main ended; null while it runs, or when its runner died with it.</summary>
    public ExecutionExit? Exit()
    {
        string text;
        try
        {
            text = File.ReadAllText(ExitPath);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        // The runner writes it at once, but not atomically: it counts only when it is whole.
        return text.EndsWith("}\n", StringComparison.Ordinal)
            ? new ExecutionExit(JsonDocument.Parse(text).RootElement.GetProperty("exit_code").GetInt32(), MainStarted, File.GetLastWriteTimeUtc(ExitPath))
            : null;
    }

    /// <summary>When the runner claimed the folder, right before it started main.</summary>
    public DateTime MainStarted => File.GetLastWriteTimeUtc(StartedPath);

    public void Delete()
    {
        if (Exists)
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private string ReadStarted() => File.Exists(StartedPath) ? File.ReadAllText(StartedPath) : "";
}
