using System.CommandLine;
using Scale.Engine;
using Scale.Serve;
using Scale.Store.Consistency;

namespace Scale.Checks;

public static class CheckCommand
{
    public static Command Create()
    {
        var options = new ServerOptions();
        var command = new Command("check", "Recounts every counter that is kept and looks for rows that contradict each other; exit status 1 when there are any");
        command.Options.Add(options.Data);
        command.Options.Add(options.Database);
        command.SetAction((parsed, cancel) => Run(
            new EngineOptions { DataFolder = Path.GetFullPath(parsed.GetValue(options.Data)!), PostgresConnection = parsed.GetValue(options.Database) }, cancel));
        return command;
    }

    private static async Task<int> Run(EngineOptions options, CancellationToken cancel)
    {
        if (options.PostgresConnection is null && !File.Exists(options.DatabasePath))
        {
            throw new StartException($"There is no database {options.DatabasePath}; name the data folder with --data, or a PostgreSQL with --database.");
        }

        await using var database = await ServerHost.Open(options);
        await using var session = await database.Read(cancel);
        var findings = await ConsistencyCheck.Run(session);
        foreach (var finding in findings)
        {
            Console.WriteLine(finding);
        }

        Console.WriteLine(findings.Count == 0 ? "everything agrees" : $"{findings.Count} findings");
        return findings.Count == 0 ? 0 : 1;
    }
}
