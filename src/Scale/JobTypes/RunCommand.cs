using System.CommandLine;
using Scale.Engine;
using Scale.Engine.Clusters.Local;
using Scale.Engine.Executions;
using Scale.Model.JobTypes.Seed;
using Scale.Serve;

namespace Scale.JobTypes;

internal static class RunCommand
{
    /// <summary>Where the program is, where its outputs go, and how it is run.</summary>
    private sealed record Desk(string Place, string Outputs, RuntimeKind Runtime, ContainerOptions Containers)
    {
        /// <summary>Whether it is an image of a container engine, as whatever is neither there nor written as a path.</summary>
        public bool IsImage { get; } = !Path.Exists(Place) && Place is not ['/' or '.', ..];
    }

    public static Command Create()
    {
        var place = new Argument<string>("DIR|IMAGE") { Description = $"Folder with the program and its {ManifestFile.Name}, or an image with its manifest in its label" };
        var inputs = Pairs("-i", "--input", "NAME=PATH", "An input: a file's path (again for more files), or the value of a JSON input");
        var settings = Pairs("-s", "--setting", "NAME=VALUE", "A setting, secret ones too");
        var mounts = Pairs("-m", "--mount", "NAME=PATH", "A host path for a mount");
        var outputs = new Option<string>("--output", "-o") { Description = "Folder for output files; made when absent", HelpName = "OUTDIR", Required = true };
        var runtime = new Option<string>("--runtime") { Description = "As for the server; an image is run in a container", HelpName = string.Join('|', ServerOptions.Runtimes), DefaultValueFactory = _ => "auto" };
        runtime.Validators.Add(result => ServerOptions.RequireOneOf(result, runtime, ServerOptions.Runtimes));
        var containers = new ContainerCommandOptions();
        var command = new Command("run", "Runs a job type on local files as the server would; prints its log and the resulting data. Exit status 1 when it fails");
        command.Arguments.Add(place);
        foreach (var option in new Option[] { inputs, settings, mounts, outputs, runtime })
        {
            command.Options.Add(option);
        }

        containers.AddTo(command);
        command.SetAction((parsed, cancel) => Run(
            new Desk(
                parsed.GetValue(place)!, Path.GetFullPath(parsed.GetValue(outputs)!), Enum.Parse<RuntimeKind>(parsed.GetValue(runtime)!, ignoreCase: true), containers.Read(parsed)),
            new DeskArguments(parsed.GetValue(inputs)!, parsed.GetValue(settings)!, parsed.GetValue(mounts)!),
            cancel));
        return command;
    }

    private static async Task<int> Run(Desk desk, DeskArguments arguments, CancellationToken cancel)
    {
        if (desk.IsImage ? desk.Runtime is RuntimeKind.Process or RuntimeKind.Sandbox : desk.Runtime == RuntimeKind.Container)
        {
            Console.Error.WriteLine(desk.IsImage
                ? $"scale: there is no folder {desk.Place}, and an image is run in a container: leave out --runtime"
                : $"scale: {desk.Place} is a folder, which is run without a container: leave out --runtime, or name an image");
            return 2;
        }

        var manifest = desk.IsImage ? (await ImageManifest.Read(desk.Containers, desk.Place, cancel)).Manifest : ManifestFile.Read(desk.Place);
        ManifestFile.Show(Console.Error, "error", manifest.Errors);
        ManifestFile.Show(Console.Error, "warning", manifest.Warnings);
        if (!manifest.IsValid)
        {
            return 1;
        }

        var (given, problems) = arguments.Read(manifest.Required());
        foreach (var problem in problems)
        {
            Console.Error.WriteLine($"scale: {problem}");
        }

        return problems.Count > 0 ? 2 : await Run(desk, manifest.Required(), given, cancel);
    }

    private static async Task<int> Run(Desk desk, SeedManifest manifest, DeskInput input, CancellationToken cancel)
    {
        using var run = desk.IsImage
            ? DeskRun.OfImage(desk.Place, desk.Outputs, desk.Containers)
            : DeskRun.OfFolder(Path.GetDirectoryName(ManifestFile.PathOf(Path.GetFullPath(desk.Place)))!, desk.Outputs, desk.Runtime);
        var result = await run.Run(manifest, input, cancel);
        await Console.Error.WriteAsync(result.Log);
        if (result.Report.Outcome != ExecutionOutcome.Completed)
        {
            Console.Error.WriteLine($"failed: {result.Report.ErrorName ?? result.Report.Outcome.ToString().ToLowerInvariant()}");
            return 1;
        }

        Console.WriteLine(result.Data);
        return 0;
    }

    private static Option<string[]> Pairs(string alias, string name, string form, string description)
    {
        var option = new Option<string[]>(name, alias) { Description = description, HelpName = form, DefaultValueFactory = _ => [] };
        option.Validators.Add(result =>
        {
            foreach (var text in (result.GetValue(option) ?? []).Where(text => text.IndexOf('=') <= 0))
            {
                result.AddError($"{name}: '{text}' is not of the form {form}");
            }
        });
        return option;
    }
}
