using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;

namespace Scale.EndToEnd.Tests;

/// <summary>A run of the program in a process of its own, as a user starts it.</summary>
public sealed class ProgramRun : IAsyncDisposable
{
    /// <summary>A run that hangs must not hang the tests. A build, of less than a minute by itself, has taken more than four beside all of them on a busy machine.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly Process process;
    private readonly CancellationTokenSource limit = new(Limit);
    private readonly Channel<string> unread = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> errors = new();

    private ProgramRun(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) =>
        {
            if (e.Data is null)
            {
                unread.Writer.Complete();
                return;
            }

            output.Enqueue(e.Data);
            unread.Writer.TryWrite(e.Data);
        };
        process.ErrorDataReceived += (_, e) => errors.Enqueue(e.Data ?? "");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public IReadOnlyList<string> Output => [.. output];

    public string Errors => string.Join('\n', errors);

    /// <summary>The last line of the output, as JSON.</summary>
    public JsonElement Result => JsonElement.Parse(Output[^1]);

    /// <summary>Runs the built program without its door.</summary>
    public static ProgramRun Scale(params string[] arguments) => new(new ProcessStartInfo("dotnet", [Places.Program, .. arguments]) { WorkingDirectory = Path.GetTempPath() });

    /// <summary>Runs the door of a checkout.</summary>
    public static ProgramRun Door(string checkout, params string[] arguments) => new(new ProcessStartInfo(Path.Combine(checkout, "scale"), arguments) { WorkingDirectory = checkout });

    /// <summary>Waits for a line of the output; lines before it are passed over.</summary>
    public async Task<string> Line(Func<string, bool> isWanted)
    {
        await foreach (var line in unread.Reader.ReadAllAsync(limit.Token))
        {
            if (isWanted(line))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The program ended without the line that was waited for.\n{Everything}");
    }

    public async Task<int> Exit()
    {
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    /// <summary>Waits for the end and fails with all that was printed unless it ended well.</summary>
    public async Task<ProgramRun> Success()
    {
        var status = await Exit();
        Assert.True(status == 0, $"Exit status {status}.\n{Everything}");
        return this;
    }

    /// <summary>SIGKILL for the program alone; what it started lives on.</summary>
    public Task<int> KillHard()
    {
        process.Kill(entireProcessTree: false);
        return Exit();
    }

    /// <summary>SIGTERM.</summary>
    public void Terminate() => Process.Start("kill", ["-TERM", $"{process.Id}"]).WaitForExit();

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
        limit.Dispose();
    }

    private string Everything => string.Join('\n', Output) + "\n--- standard error\n" + Errors;
}
