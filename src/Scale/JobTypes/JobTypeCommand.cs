using System.CommandLine;

namespace Scale.JobTypes;

/// <summary>What the author of an algorithm does with its job type.</summary>
public static class JobTypeCommand
{
    public static Command Create()
    {
        var command = new Command("job-type", "Writes, checks and tries a job type on this machine, or takes it from an image into a server");
        command.Subcommands.Add(InitCommand.Create());
        command.Subcommands.Add(ValidateCommand.Create());
        command.Subcommands.Add(RunCommand.Create());
        command.Subcommands.Add(AddJobTypeCommand.Create());
        return command;
    }
}

/// <summary>A job type that can't be used as it is; the message says why and what to do.</summary>
public sealed class JobTypeException(string message) : Exception(message);
