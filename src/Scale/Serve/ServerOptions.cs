using System.CommandLine;
using System.CommandLine.Parsing;
using Scale.Engine;

namespace Scale.Serve;

/// <summary>What every command that runs a server can be told, and how that is read from the command line.</summary>
public sealed class ServerOptions
{
    private static readonly string[] Clusters = ["local", "simulated"];
    public static readonly string[] Runtimes = ["auto", "process", "sandbox", "container"];

    public Option<string> Data { get; } = new("--data")
    {
        Description = "Folder for the database, execution folders, logs and products; made when absent",
        HelpName = "DIR",
        DefaultValueFactory = _ => "scale-data",
    };

    public Option<string?> Database { get; } = new("--database")
    {
        Description = "PostgreSQL to use, as \"Host=...;Username=...;Database=...\"; SQLite in the data folder without it",
        HelpName = "CONNECTION",
    };

    public Option<string> Cluster { get; } = new("--cluster")
    {
        Description = "Where jobs run: 'local' is this machine, 'simulated' runs no process but behaves as if it did",
        HelpName = "local|simulated",
        DefaultValueFactory = _ => "local",
    };

    public Option<int> SimulatedNodes { get; } = new("--simulated-nodes")
    {
        Description = "Nodes of the simulated cluster, 1 to 10000",
        HelpName = "N",
        DefaultValueFactory = _ => 4,
    };

    public Option<string> Runtime { get; } = new("--runtime")
    {
        Description = "How jobs run here: 'process', 'sandbox' (bubblewrap), 'container' (podman or docker), or 'auto': unpacked images in the sandbox where it works, others in containers",
        HelpName = "auto|process|sandbox|container",
        DefaultValueFactory = _ => "auto",
    };

    public ContainerCommandOptions Containers { get; } = new();

    public Option<string[]> ImageRoot { get; } = new("--image-root")
    {
        Description = "Folder below which unpacked images (docker_image dir:PATH) are found; may be given again. Default: DATA/images and the examples",
        HelpName = "DIR",
        DefaultValueFactory = _ => [],
    };

    public ServerOptions()
    {
        Cluster.Validators.Add(result => RequireOneOf(result, Cluster, Clusters));
        Runtime.Validators.Add(result => RequireOneOf(result, Runtime, Runtimes));
        SimulatedNodes.Validators.Add(result => RequireRange(result, SimulatedNodes, 1, 10_000));
        Data.Validators.Add(result =>
        {
            if (result.GetValue(Data) is { } folder && (folder.Length == 0 || File.Exists(folder)))
            {
                result.AddError($"--data: '{folder}' is not a folder");
            }
        });
        Database.Validators.Add(result =>
        {
            if (result.GetValue(Database) is { } connection && DatabaseProblem(connection) is { } problem)
            {
                result.AddError($"--database: {problem}");
            }
        });
        ImageRoot.Validators.Add(result =>
        {
            foreach (var folder in (result.GetValue(ImageRoot) ?? []).Where(folder => !Directory.Exists(folder)))
            {
                result.AddError($"--image-root: there is no folder '{folder}'");
            }
        });
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Data, Database, Cluster, SimulatedNodes, Runtime, ImageRoot })
        {
            command.Options.Add(option);
        }

        Containers.AddTo(command);
    }

    public EngineOptions Read(ParseResult parsed)
    {
        var data = Path.GetFullPath(parsed.GetValue(Data)!);
        var roots = parsed.GetValue(ImageRoot)!;
        return new EngineOptions
        {
            DataFolder = data,
            PostgresConnection = parsed.GetValue(Database),
            Cluster = parsed.GetValue(Cluster) == "simulated" ? ClusterKind.Simulated : ClusterKind.Local,
            SimulatedNodes = parsed.GetValue(SimulatedNodes),
            Runtime = Enum.Parse<RuntimeKind>(parsed.GetValue(Runtime)!, ignoreCase: true),
            Containers = Containers.Read(parsed),
            ImageRoots = roots.Length > 0 ? [.. roots.Select(Path.GetFullPath)] : [Path.Combine(data, "images"), ExamplesFolder],
        };
    }

    /// <summary>The examples that are delivered beside the program.</summary>
    public static string ExamplesFolder => Path.Combine(AppContext.BaseDirectory, "examples");

    /// <summary>Adds an error unless the option's value is a whole number between the two, inclusive.</summary>
    public static void RequireRange(OptionResult result, Option<int> option, int from, int to)
    {
        // Asking for the value would throw where the text is no number.
        if (result.Tokens is [var token] && (!int.TryParse(token.Value, out var value) || value < from || value > to))
        {
            result.AddError($"{option.Name}: '{token.Value}' is no whole number from {from} to {to}");
        }
    }

    /// <summary>Adds an error unless the option's value is one of the words.</summary>
    public static void RequireOneOf(OptionResult result, Option<string> option, string[] words)
    {
        if (!words.Contains(result.GetValue(option)))
        {
            result.AddError($"{option.Name}: '{result.GetValue(option)}' is none of {string.Join(", ", words)}");
        }
    }

    private static string? DatabaseProblem(string connection)
    {
        try
        {
            var settings = new Npgsql.NpgsqlConnectionStringBuilder(connection);
            return string.IsNullOrEmpty(settings.Host) ? "the connection names no Host" : null;
        }
        catch (ArgumentException e)
        {
            return $"this is no connection string of the form \"Host=...;Database=...\": {e.Message}";
        }
    }
}
