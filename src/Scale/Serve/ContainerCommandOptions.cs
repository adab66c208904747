using System.CommandLine;
using Scale.Engine.Clusters.Local;
using Scale.Model.Jobs;

namespace Scale.Serve;

/// <summary>
/// How containers are run, as every command that needs an engine can be told. What the engine needs on a machine is the same for all of these commands,
/// so that part may also stand in the environment; the command line wins.
/// </summary>
public sealed class ContainerCommandOptions
{
    private static readonly string[] Pulls = ["absent", "always"];

    public Option<string?> Engine { get; } = new("--container-engine")
    {
        Description = "Container engine: 'podman', 'docker' or the path of one. Default: SCALE_CONTAINER_ENGINE, else podman, else docker",
        HelpName = "podman|docker|PATH",
        DefaultValueFactory = _ => Variable("SCALE_CONTAINER_ENGINE"),
    };

    public Option<string?> EngineArguments { get; } = new("--container-engine-arguments")
    {
        Description = "Given to the engine before its command, as \"--runtime runc --storage-driver vfs\". Default: SCALE_CONTAINER_ENGINE_ARGUMENTS",
        HelpName = "ARGUMENTS",
        DefaultValueFactory = _ => Variable("SCALE_CONTAINER_ENGINE_ARGUMENTS"),
    };

    public Option<string?> RunArguments { get; } = new("--container-run-arguments")
    {
        Description = "Given to the engine's 'run' after Scale's own, as \"--ulimit nofile=1024:1024\". Default: SCALE_CONTAINER_RUN_ARGUMENTS",
        HelpName = "ARGUMENTS",
        DefaultValueFactory = _ => Variable("SCALE_CONTAINER_RUN_ARGUMENTS"),
    };

    public Option<string> Network { get; } = new("--container-network")
    {
        Description = "Network of the containers of all jobs, as the engine knows it ('bridge', 'host', a network's name)",
        HelpName = "none|NETWORK",
        DefaultValueFactory = _ => "none",
    };

    public Option<string?> User { get; } = new("--container-user")
    {
        Description = "User that jobs are in their containers. Default: the server's own, or nobody (65534:65534) when the server is root",
        HelpName = "UID:GID",
    };

    public Option<string> Pull { get; } = new("--container-pull")
    {
        Description = "When images are fetched: 'absent' only those that are not here, 'always' before every execution, so that a moved tag is noticed",
        HelpName = "absent|always",
        DefaultValueFactory = _ => "absent",
    };

    public ContainerCommandOptions()
    {
        Pull.Validators.Add(result => ServerOptions.RequireOneOf(result, Pull, Pulls));
        User.Validators.Add(result =>
        {
            if (result.GetValue(User) is { } user && !ContainerUser.TryParse(user, out _, out _))
            {
                result.AddError($"--container-user: '{user}' is not of the form UID:GID, with numbers");
            }
        });
        Network.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValue(Network)))
            {
                result.AddError("--container-network: give 'none' for no network");
            }
        });
        foreach (var option in new[] { EngineArguments, RunArguments })
        {
            option.Validators.Add(result =>
            {
                if (result.GetValue(option) is { } arguments && !CommandLine.IsBalanced(arguments))
                {
                    result.AddError($"{option.Name}: a quote is not closed");
                }
            });
        }
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Engine, EngineArguments, RunArguments, Network, User, Pull })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Only what is needed to speak to the engine.</summary>
    public void AddEngineTo(Command command)
    {
        command.Options.Add(Engine);
        command.Options.Add(EngineArguments);
    }

    public ContainerOptions Read(ParseResult parsed) => ReadEngine(parsed) with
    {
        RunArguments = Words(parsed.GetValue(RunArguments)),
        Network = parsed.GetValue(Network)!,
        User = parsed.GetValue(User),
        Pull = Enum.Parse<ImagePull>(parsed.GetValue(Pull)!, ignoreCase: true),
    };

    /// <summary>As <see cref="AddEngineTo"/> gave them.</summary>
    public ContainerOptions ReadEngine(ParseResult parsed) => new()
    {
        Engine = parsed.GetValue(Engine),
        EngineArguments = Words(parsed.GetValue(EngineArguments)),
    };

    // Words and quotes as in a manifest's command; no shell.
    private static IReadOnlyList<string> Words(string? text) => text is null ? [] : CommandLine.Expand(text, new Dictionary<string, CommandValue>());

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
