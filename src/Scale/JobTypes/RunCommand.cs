using System.CommandLine;
using Scale.Engine;
using Scale.Engine.Executions;
using Scale.Model.JobTypes.Seed;

namespace Scale.JobTypes;

internal static class RunCommand
{
    private static readonly string[] Runtimes = ["auto", "process", "sandbox"];

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = $"Folder with the program and its {ManifestFile.Name}" };
        var inputs = Pairs("-i", "--input", "NAME=PATH", "An input: a file's path (again for more files), or the value of a JSON input");
        var settings = Pairs("-s", "--setting", "NAME=VALUE", "A setting, secret ones too");
        var mounts = Pairs("-m", "--mount", "NAME=PATH", "A host path for a mount");
        var outputs = new Option<string>("--output", "-o") { Description = "Folder for output files; made when absent", HelpName = "OUTDIR", Required = true };
        var runtime = new Option<string>("--runtime") { Description = "As for the server", HelpName = "auto|process|sandbox", DefaultValueFactory = _ => "auto" };
        runtime.Validators.Add(result =>
        {
            if (!Runtimes.Contains(result.GetValue(runtime)))
            {
                result.AddError($"--runtime: '{result.GetValue(runtime)}' is none of {string.Join(", ", Runtimes)}");
            }
        });
        var command = new Command("run", "Runs a job type on local files as the server would; prints its log and the resulting data. Exit status 1 when it fails");
        command.Arguments.Add(folder);
        foreach (var option in new Option[] { inputs, settings, mounts, outputs, runtime })
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, cancel) => Run(
            parsed.GetValue(folder)!,
            new DeskArguments(parsed.GetValue(inputs)!, parsed.GetValue(settings)!, parsed.GetValue(mounts)!),
            parsed.GetValue(outputs)!,
            Enum.Parse<RuntimeKind>(parsed.GetValue(runtime)!, ignoreCase: true),
            cancel));
        return command;
    }

    private static async Task<int> Run(string place, DeskArguments arguments, string outputs, RuntimeKind runtime, CancellationToken cancel)
    {
        var manifest = ManifestFile.Read(place);
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

        return problems.Count > 0 ? 2 : await Run(Path.GetFullPath(place), manifest.Required(), given, Path.GetFullPath(outputs), runtime, cancel);
    }

    private static async Task<int> Run(string folder, SeedManifest manifest, DeskInput input, string outputs, RuntimeKind runtime, CancellationToken cancel)
    {
        using var desk = new DeskRun(Directory.Exists(folder) ? folder : Path.GetDirectoryName(folder)!, outputs, runtime);
        var result = await desk.Run(manifest, input, cancel);
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
