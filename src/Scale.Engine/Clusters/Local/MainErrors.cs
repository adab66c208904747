using Scale.Engine.Executions;
using Scale.Model.Errors;
using Scale.Model.Jobs;
using ModelStep = Scale.Model.Jobs.ExecutionStep;

namespace Scale.Engine.Clusters.Local;

/// <summary>The errors that the end of main means.</summary>
internal sealed class MainErrors(ExecutionSpec spec, ExecutionFolder folder, LocalSteps local)
{
    /// <param name="reason">Why main was ended, other than that it was told to.</param>
    public StepError Of(EndReason reason) => reason switch
    {
        EndReason.Timeout => StepError.Mapped(ErrorMapping.OfTimeout(ModelStep.Main, false, spec.Manifest.Name), $"main ran longer than {spec.TimeoutSeconds} s"),
        EndReason.OutOfMemory => StepError.Builtin(BuiltinErrors.OutOfMemory, $"main used more than its {spec.Resources["mem"]} MiB of memory"),
        EndReason.TooManyProcesses => StepError.Builtin(BuiltinErrors.AlgorithmUnknown, $"main had more than {local.Options.ProcessLimit} processes at once"),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "is no error of main"),
    };

    /// <summary>Of a main that ended by itself; null when it ended well.</summary>
    /// <param name="runtime">Of its image; null when nothing runs such images here any more.</param>
    /// <param name="mayHaveStatusFile">Whether it may have been started in a sandbox.</param>
    public async Task<StepError?> Of(ExecutionExit? exit, IImageRuntime? runtime, bool mayHaveStatusFile, CancellationToken cancel)
    {
        if (exit is null)
        {
            return StepError.Mapped(ErrorMapping.OfMissingExitCode(runtime is { IsContainer: true }), "main ended without an exit code: it was killed from outside");
        }

        if (runtime is not null)
        {
            var known = exit.ExitCode == 0 ? null : await runtime.ErrorOf(spec, folder, exit.ExitCode, cancel);
            await runtime.Release(spec, cancel);
            if (known is not null)
            {
                return known;
            }
        }

        return mayHaveStatusFile && folder.Sandbox() is { ExitCode: null }
            ? StepError.Builtin(BuiltinErrors.TaskLaunch, "the sandbox could not start main, see the line of bwrap above")
            : ErrorMapping.OfMain(spec.Manifest, exit.ExitCode) is { } mapped ? StepError.Mapped(mapped, $"main ended with exit code {exit.ExitCode}") : null;
    }
}
