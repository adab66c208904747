using System.CommandLine;

namespace Scale.Client;

/// <summary>Which server a client command speaks to, and as whom.</summary>
public sealed class ServerConnectionOptions
{
    public Option<string> Server { get; } = new("--server")
    {
        Description = "Where the server answers. Default: SCALE_SERVER, else http://127.0.0.1:8000",
        HelpName = "URL",
        DefaultValueFactory = _ => Variable("SCALE_SERVER") ?? "http://127.0.0.1:8000",
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description = "Token of an account. Others can see it in the list of processes: better in SCALE_TOKEN, or by --data",
        HelpName = "TOKEN",
    };

    public Option<string?> Data { get; } = new("--data")
    {
        Description = "Data folder of a server on this machine, whose admin token is taken",
        HelpName = "DIR",
    };

    public ServerConnectionOptions()
    {
        Server.Validators.Add(result =>
        {
            if (!Uri.TryCreate(result.GetValue(Server), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                result.AddError($"--server: '{result.GetValue(Server)}' is not of the form http://HOST:PORT");
            }
        });
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Server, Token, Data })
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="ScaleClientException">There is no token in the data folder.</exception>
    public async Task<ScaleConnection> Connect(ParseResult parsed, CancellationToken cancel) =>
        new(new Uri(parsed.GetValue(Server)!), parsed.GetValue(Token) ?? await TokenOf(parsed.GetValue(Data), cancel) ?? Variable("SCALE_TOKEN"));

    private static async Task<string?> TokenOf(string? data, CancellationToken cancel)
    {
        if (data is null)
        {
            return null;
        }

        var path = new Engine.EngineOptions { DataFolder = Path.GetFullPath(data) }.AdminTokenPath;
        try
        {
            return (await File.ReadAllTextAsync(path, cancel)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScaleClientException($"The admin token can't be read: {e.Message}");
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
