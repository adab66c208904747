using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Scale.Serve;

public static class ServeCommand
{
    public static Command Create()
    {
        var options = new ServerOptions();
        var listen = new Option<string>("--listen")
        {
            Description = "Where to answer; port 0 takes a free one",
            HelpName = "URL",
            DefaultValueFactory = _ => "http://127.0.0.1:8000",
        };
        listen.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValue(listen), UriKind.Absolute, out var url) || url.Scheme is not "http" || url.AbsolutePath != "/")
            {
                result.AddError($"--listen: '{result.GetValue(listen)}' is not of the form http://HOST:PORT");
            }
        });

        var command = new Command("serve", "Runs the server until it is told to stop; prints its URL when it answers, logs to standard error");
        options.AddTo(command);
        command.Options.Add(listen);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var server = await ServerHost.Start(options.Read(parsed), parsed.GetValue(listen)!, LogLevel.Information, cancel);
            Console.WriteLine(server.Address.ToString().TrimEnd('/'));
            await server.UntilEnd(cancel);
            return 0;
        });
        return command;
    }
}
