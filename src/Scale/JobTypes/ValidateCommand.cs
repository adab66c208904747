using System.CommandLine;
using Scale.Engine.Clusters.Local;
using Scale.Model.JobTypes.Seed;

namespace Scale.JobTypes;

internal static class ValidateCommand
{
    public static Command Create()
    {
        var place = new Argument<string>("DIR|FILE") { Description = $"A manifest, or a folder with a {ManifestFile.Name}", DefaultValueFactory = _ => "." };
        var command = new Command("validate", "Names every problem of a manifest with its JSON path; exit status 1 when there is an error");
        command.Arguments.Add(place);
        command.SetAction(parsed => Run(parsed.GetValue(place)!));
        return command;
    }

    private static int Run(string place)
    {
        var manifest = ManifestFile.Read(place);
        ManifestFile.Show(Console.Out, "error", manifest.Errors);
        ManifestFile.Show(Console.Out, "warning", manifest.Warnings);
        if (!manifest.IsValid)
        {
            return 1;
        }

        if (Directory.Exists(place) && ProgramProblem(Path.GetFullPath(place), manifest.Required()) is { } problem)
        {
            Console.WriteLine($"warning MISSING_PROGRAM /job/interface/command: {problem}");
        }

        Console.WriteLine($"{ManifestFile.PathOf(place)} is valid: {manifest.Required().Name} {manifest.Required().JobVersion}");
        return 0;
    }

    /// <summary>A folder with its manifest may be an unpacked image; a command that starts with a file of it should find it there.</summary>
    private static string? ProgramProblem(string folder, SeedManifest manifest)
    {
        var word = manifest.Command.Split(' ', 2)[0];
        if (!word.Contains('/') || word.StartsWith('/') || word.Contains('$'))
        {
            return null;
        }

        try
        {
            new ImageFolders([folder], TimeProvider.System).Locate(ImageFolders.Prefix + ".", word);
            return null;
        }
        catch (ImageException e)
        {
            return e.Message;
        }
    }
}
