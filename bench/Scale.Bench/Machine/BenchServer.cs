using System.Diagnostics;
using Scale.Client;

namespace Scale.Bench.Machine;

/// <summary>The program as a user starts it, in a process of its own, and a client of its API.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly Process process;

    private BenchServer(Process process, ScaleConnection client, TimeSpan start)
    {
        this.process = process;
        Client = client;
        Start = start;
    }

    public ScaleConnection Client { get; }

    /// <summary>From its launch to its first answer.</summary>
    public TimeSpan Start { get; }

    public int ProcessId => process.Id;

    public static async Task<BenchServer> Launch(BenchDatabase database, params string[] options)
    {
        var watch = Stopwatch.StartNew();
        List<string> arguments = [Path.Combine(AppContext.BaseDirectory, "scale.dll"), "serve", "--data", database.Folder, "--listen", "http://127.0.0.1:0", .. options];
        if (database.PostgresConnection is { } connection)
        {
            arguments.AddRange("--database", connection);
        }

        var log = Path.Combine(database.Folder, "server.log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec dotnet \"$@\" 2>>\"$log\"", "sh", log, .. arguments]) { RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var address = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException($"The server did not start: {await File.ReadAllTextAsync(log)}");
        var token = (await File.ReadAllTextAsync(Path.Combine(database.Folder, "admin-token"))).Trim();
        var client = new ScaleConnection(new Uri(address), token);
        await client.Get("scheduler/", CancellationToken.None);
        return new BenchServer(process, client, watch.Elapsed);
    }

    /// <summary>Ends it as <c>kill</c> does.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
        {
            using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            {
                await kill.WaitForExitAsync();
            }

            await process.WaitForExitAsync();
        }

        process.Dispose();
    }
}
