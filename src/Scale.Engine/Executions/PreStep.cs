using Scale.Engine.Workspaces;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using Scale.Model.JobTypes;
using Scale.Model.JobTypes.Seed;

namespace Scale.Engine.Executions;

/// <summary>An input file that was found, under the name it has in its input's folder.</summary>
public sealed record StagedFile(ExecutionInputFile File, string LocalName, IWorkspaceBroker Broker);

/// <summary>The input files of an execution by input name; every one exists.</summary>
public sealed record CheckedInputs(IReadOnlyDictionary<string, IReadOnlyList<StagedFile>> Files);

/// <summary>Which mounts of a manifest main can be shown.</summary>
public enum MountSupport
{
    None,

    /// <summary>Folders of this machine.</summary>
    HostFolders,

    /// <summary>Folders of this machine and named volumes.</summary>
    All,

    /// <summary>Any, and none is looked at: nothing runs.</summary>
    Simulated,
}

/// <summary>What has to be right before main may start (job-types-and-seed.md §8.1): mounts, then input files.</summary>
public sealed class PreStep(WorkspaceBrokers brokers)
{
    /// <param name="mounts">What the runtime can do; a manifest that needs more is refused.</param>
    public async Task<StepResult<CheckedInputs>> Check(ExecutionSpec spec, MountSupport mounts, CancellationToken cancel)
    {
        foreach (var mount in spec.Manifest.Mounts)
        {
            if (ProblemOf(mount, spec.Configuration.Mounts?.GetValueOrDefault(mount.Name), mounts) is { } problem)
            {
                return StepError.Builtin(BuiltinErrors.MissingMount, $"mount {mount.Name} {problem}");
            }
        }

        if (spec.UnreadableSecrets is [var unreadable, ..])
        {
            return StepError.Builtin(BuiltinErrors.MissingSetting, $"secret {unreadable} was encrypted with a key that the server does not have; see the vault in the system status");
        }

        var inputs = new Dictionary<string, IReadOnlyList<StagedFile>>(StringComparer.Ordinal);
        foreach (var (input, files) in spec.InputFiles)
        {
            var names = ExecutionEnvironment.LocalNames([.. files.Select(f => new LocalFile(f.FileId, f.FileName))]);
            var staged = new List<StagedFile>(files.Count);
            for (var i = 0; i < files.Count; i++)
            {
                var found = await Find(files[i], cancel);
                if (found.Error is not null)
                {
                    return found.Error;
                }

                staged.Add(new StagedFile(files[i], names[i], found.Value!));
            }

            inputs[input] = staged;
        }

        return new CheckedInputs(inputs);
    }

    private static string? ProblemOf(SeedMount mount, MountConfiguration? configured, MountSupport support) => configured switch
    {
        null => "is not configured",
        _ when support == MountSupport.Simulated => null,
        _ when support == MountSupport.None => $"can't be shown at {mount.Path}: plain processes have no mounts, run the server with --runtime sandbox",
        MountConfiguration.Volume when support != MountSupport.All => "is a volume, which needs a container engine; configure it as a folder of this machine (type host)",
        MountConfiguration.Host host when !Path.Exists(host.HostPath) => $"leads to {host.HostPath}, which does not exist on this machine",
        _ => null,
    };

    private async Task<StepResult<IWorkspaceBroker>> Find(ExecutionInputFile file, CancellationToken cancel)
    {
        var place = $"file {file.FileId} ({file.FilePath}) of workspace {file.Workspace.Name}";
        if (file.IsDeleted)
        {
            return StepError.Builtin(BuiltinErrors.DeletedFile, $"{place} was deleted");
        }

        if (!file.Workspace.IsActive)
        {
            return StepError.Builtin(BuiltinErrors.MissingFile, $"{place}: archived workspace");
        }

        try
        {
            var broker = brokers.For(file.Workspace);
            return await broker.Exists(file.FilePath, cancel)
                ? new StepResult<IWorkspaceBroker>(broker, null)
                : StepError.Builtin(BuiltinErrors.MissingFile, $"{place} does not exist");
        }
        catch (WorkspacePathException e)
        {
            return StepError.Builtin(BuiltinErrors.MissingFile, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return StepError.Builtin(BuiltinErrors.FilesystemIo, e.Message);
        }
    }
}
