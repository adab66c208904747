using System.CommandLine;
using System.CommandLine.Help;
using Scale.Checks;
using Scale.Client;
using Scale.Demo;
using Scale.JobTypes;
using Scale.Serve;

// Exit status: 0 well, 1 not everything went well, 2 wrong command line, 3 the server could not start or a needed part is missing.
var root = new RootCommand("""
    Runs algorithms over data, in bulk, and runs them again when they change.

      ./scale demo     the main job from ingest to comparison, with everything it needs
      ./scale serve    the server
      ./scale check    recounts what the database keeps
      ./scale job-type init|validate|run|add
                       writes, checks and tries a job type at the desk, and takes one from its image into a server
      ./scale test     every test; installs what they need
      ./scale bench    how fast this machine is at it
    """);
root.Subcommands.Add(DemoCommand.Create());
root.Subcommands.Add(ServeCommand.Create());
root.Subcommands.Add(CheckCommand.Create());
root.Subcommands.Add(JobTypeCommand.Create());
root.Options.OfType<HelpOption>().Single().Recursive = true;

var parsed = root.Parse(args is ["help", .. var rest] ? [.. rest, "--help"] : args);
if (parsed.Errors.Count > 0)
{
    // An unknown command is also a missing one; the first says it all.
    var unknown = parsed.UnmatchedTokens.Select(token => $"there is no command or option '{token}'").ToList();
    foreach (var error in unknown.Count > 0 ? unknown : parsed.Errors.Select(error => error.Message))
    {
        Console.Error.WriteLine($"scale: {error}");
    }

    Console.Error.WriteLine($"scale: '{string.Join(' ', new[] { "./scale", "help" }.Concat(args.Take(1).Where(name => root.Subcommands.Any(c => c.Name == name))))}' shows what can be given.");
    return 2;
}

using var ending = new EndingSignals();
try
{
    // The signals end our own waiting; the library's timer would cut a clean stop short.
    return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }, ending.Token);
}
catch (StartException e)
{
    Console.Error.WriteLine($"scale: {e.Message}");
    return 3;
}
catch (Exception e) when (e is DemoException or JobTypeException or ScaleClientException or DirectoryNotFoundException)
{
    Console.Error.WriteLine($"scale: {e.Message}");
    return 1;
}
catch (OperationCanceledException) when (ending.Token.IsCancellationRequested)
{
    return 130;
}
