using System.Collections.Immutable;
using Scale.Engine.Executions;
using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Engine.Clusters.Local;

/// <summary>What all executions of this machine share.</summary>
internal sealed record LocalSteps(
    PreStep Pre, PostStep Post, IRuntime Runtime, MainProcess Main, ImageFolders Images, string? DotnetRoot, EngineOptions Options, TimeProvider Clock)
{
    public DateTime Now => Time.Now(Clock);

    /// <summary>What the runner is started with. Besides the variables of the contract, main gets a path, a home and a language, all the same everywhere.</summary>
    public MainCommand CommandOf(ExecutionSpec spec, ExecutionFolder folder, CheckedInputs inputs)
    {
        var settings = new Dictionary<string, string>(spec.Secrets, StringComparer.Ordinal);
        foreach (var (name, value) in spec.Configuration.Settings ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            settings.TryAdd(name, value);
        }

        var command = ExecutionEnvironment.Build(
            spec.Manifest,
            spec.Input,
            inputs.Files.ToDictionary(f => f.Key, f => (IReadOnlyList<LocalFile>)[.. f.Value.Select(file => new LocalFile(file.File.FileId, file.File.FileName))]),
            settings,
            RequiredResources.OfMain(spec.Manifest, spec.InputMiB),
            RequiredResources.SharedMemory(spec.Manifest, spec.InputMiB),
            new ExecutionIds(spec.Key.JobId, spec.Key.ExeNum, spec.RecipeId, spec.BatchId),
            new ExecutionPaths(folder.Inputs, folder.Outputs, folder.InputMetadata));
        if (command.Arguments.Count == 0)
        {
            throw new ImageException("the manifest has no command, and an unpacked image has no entry point of its own");
        }

        var environment = new Dictionary<string, string>(command.Environment, StringComparer.Ordinal)
        {
            ["PATH"] = string.Join(':', ImageFolders.SystemPath),
            ["HOME"] = folder.Scratch,
            ["TMPDIR"] = folder.Scratch,
            ["LANG"] = "C.UTF-8",
        };
        if (DotnetRoot is not null)
        {
            environment["DOTNET_ROOT"] = DotnetRoot;
        }

        var paths = inputs.Files.Values.SelectMany(f => f).Select(f => f.Broker.LocalPath(f.File.FilePath)).OfType<string>().ToList();
        var (image, program) = Images.Locate(spec.Image, command.Arguments[0]);
        var arguments = Runtime.Arguments(new RuntimeRequest(spec, folder, image, [program, .. command.Arguments.Skip(1)], paths));
        return new MainCommand(arguments, environment, Runtime.StatusFile);
    }
}
