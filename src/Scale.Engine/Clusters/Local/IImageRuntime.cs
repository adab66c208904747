using Scale.Engine.Executions;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>An execution that is ready to be started, but for what its kind of image needs.</summary>
/// <param name="Command">Arguments and variables of the contract.</param>
/// <param name="Inputs">Staged in the folder.</param>
/// <param name="Gpus">Numbers of those that it has for itself.</param>
internal sealed record ImageRequest(ExecutionSpec Spec, ExecutionFolder Folder, ExecutionCommand Command, CheckedInputs Inputs, IReadOnlyList<int> Gpus);

/// <summary>Runs executions whose images are of one kind: unpacked folders, or images of a container engine.</summary>
internal interface IImageRuntime
{
    string Name { get; }

    /// <summary>Which mounts of the manifest can be shown at their paths.</summary>
    MountSupport Mounts { get; }

    /// <summary>Whether main runs in a container, whose image has to be fetched first.</summary>
    bool IsContainer { get; }

    /// <summary>Where main sees what is in the folder.</summary>
    ExecutionPaths PathsOf(ExecutionFolder folder);

    /// <summary>Returns when the image is on this machine.</summary>
    Task<StepResult<IImageRuntime>> Pull(ExecutionSpec spec, CancellationToken cancel);

    /// <summary>What the launcher starts.</summary>
    Task<StepResult<MainCommand>> Prepare(ImageRequest request, CancellationToken cancel);

    /// <summary>Main's error where more is known than the exit code says; null leaves it to the code.</summary>
    /// <param name="exitCode">Not 0.</param>
    Task<StepError?> ErrorOf(ExecutionSpec spec, ExecutionFolder folder, int exitCode, CancellationToken cancel);

    /// <summary>Ends what still runs of an execution apart from main's processes. When it returns, nothing does.</summary>
    Task End(ExecutionSpec spec, CancellationToken cancel);

    /// <summary>Lets go of what an execution that has ended by itself leaves behind.</summary>
    Task Release(ExecutionSpec spec, CancellationToken cancel);
}
