using System.CommandLine;

namespace Scale.JobTypes;

/// <summary>What the author of an algorithm does with its job type.</summary>
public static class JobTypeCommand
{
    public static Command Create()
    {
        var command = new Command("job-type", "For authors of job types");
        command.Subcommands.Add(AddJobTypeCommand.Create());
        return command;
    }
}

/// <summary>A job type that can't be used as it is; the message says why and what to do.</summary>
public sealed class JobTypeException(string message) : Exception(message);
