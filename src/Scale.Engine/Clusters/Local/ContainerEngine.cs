using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Scale.Engine.Clusters.Local;

/// <param name="Output">Standard output, cut off at 1 MiB.</param>
/// <param name="Error">Standard error, cut off likewise.</param>
public sealed record EngineAnswer(int ExitCode, string Output, string Error)
{
    public bool IsGood => ExitCode == 0;

    /// <summary>Whether what was asked about does not exist, as against an engine that does not work.</summary>
    public bool SaysNoSuch => !IsGood && Error.Contains("no such", StringComparison.OrdinalIgnoreCase);

    /// <summary>The last line of the engine's complaint, which names the cause.</summary>
    public string Reason => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit code {ExitCode}";
}

/// <summary>The command line of podman or docker: the two are the same in all that is used here.</summary>
/// <param name="program">Absolute path.</param>
/// <param name="isPodman">Whether it is podman, whatever the program is called.</param>
/// <param name="arguments">Given before every command.</param>
public sealed class ContainerEngine(string program, bool isPodman, IReadOnlyList<string> arguments, TimeProvider clock)
{
    private const int MostText = 1 << 20;

    /// <summary>Nothing but a pull takes longer, unless the engine hangs.</summary>
    public static readonly TimeSpan CallLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    private static readonly string[] Known = ["podman", "docker"];

    // What tells the engine where it keeps its things. Proxies are left out: podman would hand them to the container.
    private static readonly string[] OwnVariables = ["PATH", "HOME", "USER", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "REGISTRY_AUTH_FILE"];
    private static readonly string[] OwnPrefixes = ["DOCKER_", "CONTAINER_", "CONTAINERS_", "STORAGE_"];

    public string Program => program;

    public bool IsPodman => isPodman;

    /// <summary>Whether there is a program at all; starts none.</summary>
    public static bool IsInstalled(ContainerOptions options) => Candidates(options).Any(name => PathOf(name) is not null);

    /// <summary>The engine that the options name, or the first that is there and answers.</summary>
    /// <param name="problem">Why there is none, and what to do.</param>
    /// <param name="mustAnswer">Without, one that is there is taken even if it does not work now.</param>
    public static ContainerEngine? Find(ContainerOptions options, TimeProvider clock, out string problem, bool mustAnswer = true)
    {
        problem = options.Engine is null
            ? "neither podman nor docker is on the path; install one of them (on Debian: apt install podman)"
            : $"there is no program {options.Engine}; --container-engine takes podman, docker or the path of one";
        foreach (var name in Candidates(options))
        {
            if (PathOf(name) is not { } path)
            {
                continue;
            }

            var version = new ContainerEngine(path, isPodman: false, [], clock).CallNow("--version");
            var engine = new ContainerEngine(path, version.Output.Contains("podman", StringComparison.OrdinalIgnoreCase), options.EngineArguments, clock);
            var answer = mustAnswer ? engine.CallNow("ps", "--quiet") : version;
            if (answer.IsGood || !mustAnswer)
            {
                problem = "";
                return engine;
            }

            problem = $"{path} is there but does not work: {answer.Reason}";
        }

        return null;
    }

    /// <summary>The program and arguments of a command.</summary>
    public IReadOnlyList<string> CommandLine(IEnumerable<string> command) => [program, .. arguments, .. command];

    /// <summary>Variables for a command that starts a container.</summary>
    public static Dictionary<string, string> OwnEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(v => KeyValuePair.Create((string)v.Key, (string?)v.Value ?? ""))
            .Where(v => IsOwnVariable(v.Key))
            .ToDictionary(StringComparer.Ordinal);

    /// <summary>Runs a command and waits for it.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="limit"/> and was ended.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The program can't be started.</exception>
    public async Task<EngineAnswer> Call(IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        using var process = Start(command);
        try
        {
            var output = ReadText(process.StandardOutput, either.Token);
            var error = ReadText(process.StandardError, either.Token);
            await process.WaitForExitAsync(either.Token);
            return new EngineAnswer(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"{program} {command[0]} took longer than {limit.TotalMinutes:0.##} minutes");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public Task<EngineAnswer> Call(IReadOnlyList<string> command, CancellationToken cancel) => Call(command, CallLimit, cancel);

    /// <summary>Runs a command again and again, until the engine works well enough for an answer that will do.</summary>
    public async Task<EngineAnswer> CallUntil(IReadOnlyList<string> command, Func<EngineAnswer, bool> willDo, ILogger log, CancellationToken cancel)
    {
        while (true)
        {
            string reason;
            try
            {
                var answer = await Call(command, CallLimit, cancel);
                if (willDo(answer))
                {
                    return answer;
                }

                reason = answer.Reason;
            }
            catch (Exception e) when (e is TimeoutException or System.ComponentModel.Win32Exception)
            {
                reason = e.Message;
            }

            log.LogWarning("{Engine} {Command} {Subject} fails and is tried again: {Reason}", program, command[0], command[^1], reason);
            await Task.Delay(RetryInterval, clock, cancel);
        }
    }

    private EngineAnswer CallNow(params string[] command)
    {
        try
        {
            return Call(command, CallLimit, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is TimeoutException or System.ComponentModel.Win32Exception)
        {
            return new EngineAnswer(-1, "", e.Message);
        }
    }

    private Process Start(IReadOnlyList<string> command)
    {
        var line = CommandLine(command);
        var start = new ProcessStartInfo(line[0], line.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = "/" };
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Reads to the end, so that the writer never waits, and keeps the beginning.</summary>
    private static async Task<string> ReadText(StreamReader reader, CancellationToken cancel)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer, cancel)) > 0)
        {
            text.Append(buffer, 0, Math.Min(read, MostText - text.Length));
        }

        return text.ToString();
    }

    /// <summary>Whether the engine's own variables include this one.</summary>
    public static bool IsOwnVariable(string name) => OwnVariables.Contains(name) || OwnPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static string[] Candidates(ContainerOptions options) => options.Engine is { } named ? [named] : Known;

    private static string? PathOf(string name)
    {
        var candidates = name.Contains('/')
            ? [Path.GetFullPath(name)]
            : ImageFolders.SystemPath.Select(folder => $"{folder}/{name}");
        return candidates.FirstOrDefault(File.Exists);
    }
}
