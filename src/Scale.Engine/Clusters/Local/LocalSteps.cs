using System.Collections.Immutable;
using Scale.Engine.Executions;
using Scale.Model.Jobs;
using Scale.Store.Databases;

namespace Scale.Engine.Clusters.Local;

/// <summary>What all executions of this machine share.</summary>
internal sealed record LocalSteps(
    PreStep Pre, PostStep Post, ImageRuntimes Runtimes, MainProcess Main, GpuPool Gpus, SpareFolders Spares, MainRoom Room, EngineOptions Options, TimeProvider Clock)
{
    public DateTime Now => Time.Now(Clock);

    /// <summary>What the launcher starts.</summary>
    public Task<StepResult<MainCommand>> CommandOf(
        IImageRuntime runtime, ExecutionSpec spec, ExecutionFolder folder, CheckedInputs inputs, IReadOnlyList<int> gpus, CancellationToken cancel)
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
            runtime.PathsOf(folder),
            gpus);
        return runtime.Prepare(new ImageRequest(spec, folder, command, inputs, gpus), cancel);
    }
}
