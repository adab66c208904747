using Scale.Engine.Executions;
using Scale.Model.Errors;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>Runs programs of unpacked images (<c>dir:PATH</c>), by a runtime that starts processes of this machine.</summary>
/// <param name="dotnetRoot">Where .NET is, for algorithms that are .NET programs: programs without it ignore the variable.</param>
internal sealed class UnpackedImageRuntime(IRuntime runtime, ImageFolders images, string? dotnetRoot) : IImageRuntime
{
    public string Name => runtime.Name;

    public MountSupport Mounts => runtime.Mounts;

    public bool IsContainer => false;

    public ExecutionPaths PathsOf(ExecutionFolder folder) => new(folder.Inputs, folder.Outputs, folder.InputMetadata);

    public Task<StepResult<IImageRuntime>> Pull(ExecutionSpec spec, CancellationToken cancel) => Task.FromResult(new StepResult<IImageRuntime>(this, null));

    /// <summary>Besides the variables of the contract, main gets a path, a home and a language, all the same everywhere.</summary>
    public Task<StepResult<MainCommand>> Prepare(ImageRequest request, CancellationToken cancel)
    {
        var (spec, folder, command, inputs, _) = request;
        string image;
        string program;
        try
        {
            (image, program) = command.Arguments.Count > 0
                ? images.Locate(spec.Image, command.Arguments[0])
                : throw new ImageException("the manifest has no command, and an unpacked image has no entry point of its own");
        }
        catch (ImageException e)
        {
            return Task.FromResult<StepResult<MainCommand>>(StepError.Builtin(BuiltinErrors.TaskLaunch, e.Message));
        }

        var environment = new Dictionary<string, string>(command.Environment, StringComparer.Ordinal)
        {
            ["PATH"] = string.Join(':', ImageFolders.SystemPath),
            ["HOME"] = folder.Scratch,
            ["TMPDIR"] = folder.Scratch,
            ["LANG"] = "C.UTF-8",
        };
        if (dotnetRoot is not null)
        {
            environment["DOTNET_ROOT"] = dotnetRoot;
        }

        var linked = inputs.Files.SelectMany(f => f.Value.Select(file => Path.Combine(folder.Inputs, f.Key, file.LocalName)))
            .Select(staged => new FileInfo(staged).LinkTarget).OfType<string>();
        var arguments = runtime.Arguments(new RuntimeRequest(spec, folder, image, [program, .. command.Arguments.Skip(1)], linked));
        return Task.FromResult<StepResult<MainCommand>>(new MainCommand(arguments, environment, runtime.StatusFile));
    }

    public Task<StepError?> ErrorOf(ExecutionSpec spec, ExecutionFolder folder, int exitCode, CancellationToken cancel) => Task.FromResult<StepError?>(null);

    public Task End(ExecutionSpec spec, CancellationToken cancel) => Task.CompletedTask;

    public Task Release(ExecutionSpec spec, CancellationToken cancel) => Task.CompletedTask;
}
