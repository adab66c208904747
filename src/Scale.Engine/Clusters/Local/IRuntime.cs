using Scale.Engine.Executions;

namespace Scale.Engine.Clusters.Local;

/// <summary>What main is started with, before the runtime had its say.</summary>
/// <param name="Arguments">Program (absolute path) and arguments.</param>
/// <param name="LinkedInputs">Workspace files that links in the input folder lead to; looked for when asked.</param>
public sealed record RuntimeRequest(ExecutionSpec Spec, ExecutionFolder Folder, string ImageFolder, IReadOnlyList<string> Arguments, IEnumerable<string> LinkedInputs);

/// <summary>Says how main runs on this machine.</summary>
public interface IRuntime
{
    string Name { get; }

    /// <summary>Which mounts of the manifest can be shown at their paths.</summary>
    MountSupport Mounts { get; }

    /// <summary>
    /// Name of a file in the execution folder that the started program gets as descriptor 3 to say what becomes of main; null for none.
    /// Main itself must never get that descriptor.
    /// </summary>
    string? StatusFile { get; }

    /// <summary>The full argument list that the launcher starts.</summary>
    IReadOnlyList<string> Arguments(RuntimeRequest request);
}

/// <summary>Main as a plain process: no shell, its own session, its own folder, a clean environment.</summary>
public sealed class ProcessRuntime : IRuntime
{
    public string Name => "process";

    public MountSupport Mounts => MountSupport.None;

    public string? StatusFile => null;

    public IReadOnlyList<string> Arguments(RuntimeRequest request) => request.Arguments;
}
