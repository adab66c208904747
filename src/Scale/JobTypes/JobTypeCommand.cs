using System.CommandLine;

namespace Scale.JobTypes;

/// <summary>What an author of a job type does at the desk, without a server.</summary>
public static class JobTypeCommand
{
    public static Command Create()
    {
        var command = new Command("job-type", "Writes, checks and tries a job type on this machine, without a server");
        command.Subcommands.Add(InitCommand.Create());
        command.Subcommands.Add(ValidateCommand.Create());
        command.Subcommands.Add(RunCommand.Create());
        return command;
    }
}
