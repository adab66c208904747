using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Scale.Engine.Executions;
using Scale.Launcher;
using Scale.Model.Errors;
using Scale.Model.Jobs;

namespace Scale.Engine.Clusters.Local;

/// <summary>
/// Main in a container, by the command line of podman or docker. The launcher starts the engine's <c>run</c> in the foreground, so the container's output and
/// exit code come the same way as a process's, and both go on without the server.
/// </summary>
internal sealed class ContainerRuntime : IImageRuntime, IAsyncDisposable
{
    private const int EngineFailed = 125;
    private const int KilledBySignal = 128 + NativeCalls.Kill;
    private const int TerminatedBySignal = 128 + Processes.Terminate;

    // The engine's monitor writes it where the engine was started, a folder that the container does not see.
    private const string OutOfMemoryMark = "oom";

    private static readonly ExecutionPaths Inside = new("/scale/input_data", "/scale/output_data", "/scale/input_data/scale-input-metadata.json");

    private readonly ContainerEngine engine;
    private readonly ContainerOptions options;
    private readonly ContainerUser user;
    private readonly ContainerImages images;
    private readonly ContainerRemoval removal;
    private readonly string owner;
    private readonly string usedMark;
    private readonly int processLimit;
    private readonly TimeProvider clock;
    private readonly ILogger log;

    /// <param name="processLimit">Most processes and threads of one container.</param>
    public ContainerRuntime(ContainerEngine engine, ContainerOptions options, string executionsFolder, int processLimit, TimeProvider clock, ILogger log)
    {
        this.engine = engine;
        this.options = options;
        owner = OwnerOf(executionsFolder);
        usedMark = UsedMark(executionsFolder);
        this.processLimit = processLimit;
        this.clock = clock;
        this.log = log;
        user = ContainerUser.Of(options.User);
        images = new ContainerImages(engine, options.Pull, ContainerImages.PullLimit);
        removal = new ContainerRemoval(engine, log);
    }

    /// <summary>Whether containers were ever run here, so that some may be left.</summary>
    public static bool WasUsed(string executionsFolder) => File.Exists(UsedMark(executionsFolder));

    public string Name => "container";

    public MountSupport Mounts => MountSupport.All;

    public bool IsContainer => true;

    public ExecutionPaths PathsOf(ExecutionFolder folder) => Inside;

    public async Task<StepResult<IImageRuntime>> Pull(ExecutionSpec spec, CancellationToken cancel) => new(this, await images.Ensure(spec.Image, cancel));

    public async Task<StepResult<MainCommand>> Prepare(ImageRequest request, CancellationToken cancel)
    {
        var (spec, folder) = (request.Spec, request.Folder);
        try
        {
            if (!File.Exists(usedMark))
            {
                File.WriteAllText(usedMark, "");
            }

            var inputs = ContainerInputs.Arrange(folder, Path.Combine(folder.Root, "mounts"), request.Inputs, user.IsServer);
            user.GiveFolder(folder.Outputs);
            if (await ContainerVolumes.Create(spec, engine, owner, cancel) is { } error)
            {
                return error;
            }

            var environment = ContainerEnvironment.Of(request.Command.Environment);
            ContainerMount[] mounts =
            [
                new(folder.Inputs, Inside.InputDirectory, IsWritable: false),
                new(folder.Outputs, Inside.OutputDirectory, IsWritable: true),
                .. inputs,
                .. ContainerVolumes.HostMounts(spec),
            ];
            var run = ContainerCommand.Of(
                new ContainerRequest(
                    spec, folder.ContainerProcessFile, owner, RequiredResources.OfMain(spec.Manifest, spec.InputMiB), RequiredResources.SharedMemory(spec.Manifest, spec.InputMiB), processLimit, request.Gpus,
                    [.. environment.PassedThrough.Keys], mounts, ContainerVolumes.VolumeMounts(spec), request.Command.Arguments),
                options, user, engine.IsPodman);
            return Started(run, environment, Path.Combine(folder.Root, "variables"));
        }
        catch (Exception e) when (e is ContainerException or TimeoutException or System.ComponentModel.Win32Exception)
        {
            return StepError.Builtin(BuiltinErrors.DockerTaskLaunch, e.Message);
        }
    }

    public async Task<StepError?> ErrorOf(ExecutionSpec spec, ExecutionFolder folder, int exitCode, CancellationToken cancel)
    {
        if (await StateOf(spec, cancel) is not { } state)
        {
            // Perhaps the image was removed since it was looked for.
            images.Forget(spec.Image);
            return exitCode == EngineFailed
                ? StepError.Builtin(BuiltinErrors.DockerTaskLaunch, "the container could not be created; the engine's reason stands above")
                : StepError.Builtin(BuiltinErrors.DockerTerminated, "the container was removed while main ran");
        }

        switch (state.GetProperty("Status").GetString())
        {
            case "created" or "configured" or "initialized":
                return StepError.Builtin(BuiltinErrors.DockerTaskLaunch, "the container could not be started; the engine's reason stands above");
            case "running" or "paused":
                await End(spec, cancel);
                return StepError.Builtin(BuiltinErrors.DockerTerminated, "the engine let go of the container while main ran");
        }

        if (ErrorMapping.OfMain(spec.Manifest, exitCode) is { IsBuiltin: false })
        {
            return null;
        }

        if (state.GetProperty("OOMKilled").GetBoolean() || File.Exists(Path.Combine(folder.Scratch, OutOfMemoryMark)))
        {
            return StepError.Builtin(BuiltinErrors.OutOfMemory, $"main needed more than its {RequiredResources.OfMain(spec.Manifest, spec.InputMiB)["mem"]} MiB of memory");
        }

        return exitCode is KilledBySignal or TerminatedBySignal && await WasEndedByEngine(spec, folder, cancel)
            ? StepError.Builtin(BuiltinErrors.DockerTerminated, "the container was ended from outside")
            : null;
    }

    public Task End(ExecutionSpec spec, CancellationToken cancel) => removal.Now(spec.ClusterId, ContainerVolumes.NamesOf(spec), cancel);

    public async Task Release(ExecutionSpec spec, CancellationToken cancel)
    {
        if (options.RemovesAtOnce || ContainerVolumes.NamesOf(spec).Count > 0)
        {
            await End(spec, cancel);
        }
        else
        {
            removal.Later(spec.ClusterId);
        }
    }

    public Task RemoveLeftOvers(IReadOnlySet<string> kept, CancellationToken cancel) => removal.LeftOvers(owner, kept, cancel);

    public ValueTask DisposeAsync() => removal.DisposeAsync();

    /// <returns>Null when there is no such container. An engine that does not say is asked again: nobody may take a container for gone that runs.</returns>
    private async Task<JsonElement?> StateOf(ExecutionSpec spec, CancellationToken cancel)
    {
        var inspected = await engine.CallUntil(
            ["container", "inspect", "--format", "{{json .State}}", spec.ClusterId], answer => answer.IsGood || answer.SaysNoSuch, log, cancel);
        return inspected.IsGood ? JsonElement.Parse(inspected.Output) : null;
    }

    private MainCommand Started(IReadOnlyList<string> run, ContainerEnvironment environment, string variables)
    {
        using (var file = new FileStream(variables, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(Encoding.UTF8.GetBytes(environment.FileText));
        }

        var own = ContainerEngine.OwnEnvironment();
        foreach (var (name, value) in environment.PassedThrough)
        {
            own[name] = value;
        }

        return new MainCommand(["/bin/sh", "-c", ContainerCommand.StartScript, "sh", variables, .. engine.CommandLine(run)], own, StatusFile: null);
    }

    private static string UsedMark(string executionsFolder) => Path.Combine(executionsFolder, "containers-used");

    // Short enough for a label, the same after every start, and another for every server of this machine.
    private static string OwnerOf(string executionsFolder) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(executionsFolder))))[..16];

    /// <summary>Whether somebody told the engine to end it. Main that ends itself by a signal, or in a process of its own, is none of that.</summary>
    private async Task<bool> WasEndedByEngine(ExecutionSpec spec, ExecutionFolder folder, CancellationToken cancel)
    {
        var since = new DateTimeOffset(folder.MainStarted).ToUnixTimeSeconds();
        List<string> command = ["events", "--since", $"{since}", "--filter", $"container={spec.ClusterId}", "--filter", "event=kill"];
        if (engine.IsPodman)
        {
            command.Add("--stream=false");
        }
        else
        {
            command.AddRange(["--until", $"{clock.GetUtcNow().ToUnixTimeSeconds() + 1}"]);
        }

        return (await engine.Call(command, cancel)).Output.Length > 0;
    }
}
