using System.Collections.Immutable;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Executions;
using Scale.Engine.Workspaces;
using Scale.Model.JobTypes;

namespace Scale.Engine.Tests.Clusters;

/// <summary>What can go wrong on this machine before main starts and after it has ended.</summary>
public sealed class LocalStepsTests : IDisposable
{
    private readonly ExecutionWorld world = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sandbox_that_can_not_be_set_up_is_no_fault_of_the_algorithm()
    {
        world.Program("read", "exit 0");
        var spec = world.Spec("""{"command":"read","mounts":[{"name":"REF","path":"/usr/no-such-folder/reference"}]}""", configuration: Mount(new MountConfiguration.Host("/etc")));
        var report = await Run(RuntimeKind.Sandbox, spec);
        Assert.Equal((ExecutionOutcome.Failed, "task-launch", true), (report.Outcome, report.ErrorName, report.IsBuiltinError));
        Assert.StartsWith("bwrap: ", File.ReadAllText(world.FolderOf(spec).StandardError));
    }

    [Fact]
    public async Task A_program_whose_interpreter_is_missing_was_not_started_in_the_sandbox()
    {
        world.Program("odd", "exit 0");
        var path = Path.Combine(world.Folder, "images", "tools", "odd");
        File.WriteAllText(path, "#!/no/such/interpreter\n");
        Assert.Equal("task-launch", (await Run(RuntimeKind.Sandbox, world.Spec("""{"command":"odd"}"""))).ErrorName);
    }

    [Theory]
    [InlineData("echo '{\"exit-code\": 1}' >&3; exit 1")]
    [InlineData("echo 'bwrap: no sandbox' >&2; exit 1")]
    [InlineData("for fd in /proc/self/fd/*; do case $(readlink $fd) in *sandbox*) exit 0;; esac; done; exit 1")]
    [InlineData("kill -9 $$")]
    public async Task Main_can_not_pretend_that_the_sandbox_failed(string script)
    {
        world.Program("pretend", script);
        Assert.Equal("algorithm-unknown", (await Run(RuntimeKind.Sandbox, world.Spec("""{"command":"pretend"}"""))).ErrorName);
    }

    /// <summary>What was a link to the input would lead out of the outputs; what it is in a container is its content.</summary>
    [Theory]
    [InlineData("mv \"$IN\" \"$OUTPUT_DIR/a.out\"")]
    [InlineData("cp -a \"$IN\" \"$OUTPUT_DIR/a.out\"")]
    [InlineData("ln \"$IN\" \"$OUTPUT_DIR/a.out\"")]
    public async Task An_input_that_main_makes_its_output_is_a_file_of_its_own_then(string script)
    {
        world.Program("pass", script);
        var input = world.Input(1, "in.txt");
        var spec = world.Spec(
            """{"command":"pass","inputs":{"files":[{"name":"IN"}]},"outputs":{"files":[{"name":"OUT","pattern":"*.out"}]}}""",
            new Dictionary<string, IReadOnlyList<ExecutionInputFile>> { ["IN"] = [input] });
        var report = await Run(RuntimeKind.Process, spec);
        Assert.Equal(ExecutionOutcome.Completed, report.Outcome);
        var product = Path.Combine(world.WorkspaceFolder, Assert.Single(report.Outputs.Files).FilePath);
        File.WriteAllText(product, "changed");
        Assert.Equal("content", File.ReadAllText(Path.Combine(world.WorkspaceFolder, input.FilePath)));
    }

    public static TheoryData<RuntimeKind, MountConfiguration> ImpossibleMounts => new()
    {
        { RuntimeKind.Process, new MountConfiguration.Host("/usr") },
        { RuntimeKind.Process, new MountConfiguration.Volume("local", ImmutableSortedDictionary<string, string>.Empty) },
        { RuntimeKind.Sandbox, new MountConfiguration.Volume("local", ImmutableSortedDictionary<string, string>.Empty) },
        { RuntimeKind.Sandbox, new MountConfiguration.Host("/no/such/folder") },
    };

    [Theory]
    [MemberData(nameof(ImpossibleMounts), DisableDiscoveryEnumeration = true)]
    public async Task A_mount_that_can_not_be_shown_is_missing(RuntimeKind runtime, MountConfiguration mount)
    {
        world.Program("read", "exit 0");
        var spec = world.Spec("""{"command":"read","mounts":[{"name":"REF","path":"/reference"}]}""", configuration: Mount(mount));
        Assert.Equal("missing-mount", (await Run(runtime, spec)).ErrorName);
        Assert.StartsWith("scale: missing-mount: mount REF ", File.ReadAllText(world.FolderOf(spec).StandardError));
    }

    [Theory]
    [InlineData("pre", "pre-timeout")]
    [InlineData("post", "post-timeout")]
    public async Task A_step_that_hangs_is_not_waited_for_for_ever(string step, string error)
    {
        world.Program("copy", "echo x > \"$OUTPUT_DIR/a.out\"");
        var brokers = new HangingBrokers(step);
        await using var cluster = world.Cluster(brokers: brokers, change: o => o with { StepLimit = TimeSpan.FromMilliseconds(300) });
        var spec = world.Spec(
            """{"command":"copy","inputs":{"files":[{"name":"IN"}]},"outputs":{"files":[{"name":"OUT","pattern":"*.out"}]}}""",
            new Dictionary<string, IReadOnlyList<ExecutionInputFile>> { ["IN"] = [world.Input(1, "in.txt")] });
        await cluster.Launch([spec], Cancel);
        var report = await world.Report();
        Assert.Equal((ExecutionOutcome.Failed, error), (report.Outcome, report.ErrorName));
        Assert.Equal((step, true, "KILLED", null), report.Steps[^1] switch { var s => (s.Type, s.TimedOut, s.Status, s.ExitCode) });
        brokers.LetGo();
    }

    [Fact]
    public async Task A_job_can_be_killed_while_its_inputs_hang()
    {
        world.Program("never", "exit 0");
        var brokers = new HangingBrokers("pre");
        await using var cluster = world.Cluster(brokers: brokers);
        var spec = world.Spec("""{"command":"never","inputs":{"files":[{"name":"IN"}]}}""", new Dictionary<string, IReadOnlyList<ExecutionInputFile>> { ["IN"] = [world.Input(1, "in.txt")] });
        await cluster.Launch([spec], Cancel);
        await brokers.Hangs;
        await cluster.Kill([spec.Key], Cancel);
        Assert.Equal(ExecutionOutcome.Killed, (await world.Report()).Outcome);
        brokers.LetGo();
    }

    [Theory]
    [InlineData("dir:out", "ls")]
    [InlineData("dir:out/bin", "ls")]
    [InlineData("dir:tools", "etc-link/hostname-program")]
    [InlineData("dir:tools", "ls-link")]
    public async Task A_link_that_leads_out_of_the_image_roots_is_refused(string image, string command)
    {
        var outside = Directory.CreateDirectory(Path.Combine(world.Folder, "outside", "bin")).FullName;
        var program = Path.Combine(outside, "hostname-program");
        File.WriteAllText(program, "#!/bin/sh\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var images = Path.Combine(world.Folder, "images");
        Directory.CreateSymbolicLink(Path.Combine(images, "out"), Path.Combine(world.Folder, "outside"));
        Directory.CreateSymbolicLink(Path.Combine(images, "tools", "etc-link"), outside);
        File.CreateSymbolicLink(Path.Combine(images, "tools", "ls-link"), "/usr/bin/ls");
        var spec = world.Spec($$"""{"command":"{{command}}"}""", image: image);
        Assert.Equal("task-launch", (await Run(RuntimeKind.Process, spec)).ErrorName);
        Assert.Contains("through a link", File.ReadAllText(world.FolderOf(spec).StandardError), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_from_one_image_to_another_is_followed()
    {
        world.Program("end", "exit 0");
        Directory.CreateSymbolicLink(Path.Combine(world.Folder, "images", "latest"), "tools");
        File.CreateSymbolicLink(Path.Combine(world.Folder, "images", "tools", "alias"), "end");
        Assert.Equal(ExecutionOutcome.Completed, (await Run(RuntimeKind.Process, world.Spec("""{"command":"alias"}""", image: "dir:latest"))).Outcome);
    }

    public void Dispose() => world.Dispose();

    private static JobConfiguration Mount(MountConfiguration mount) =>
        JobConfiguration.Empty with { Mounts = ImmutableSortedDictionary<string, MountConfiguration>.Empty.Add("REF", mount) };

    private async Task<ExecutionReport> Run(RuntimeKind runtime, ExecutionSpec spec)
    {
        await using var cluster = world.Cluster(runtime);
        await cluster.Launch([spec], Cancel);
        return await world.Report();
    }

    /// <summary>Workspaces on a file server that does not answer, from the given step on.</summary>
    private sealed class HangingBrokers(string step) : WorkspaceBrokers
    {
        private readonly TaskCompletionSource hangs = new();
        private readonly TaskCompletionSource letGo = new();
        private int calls;

        public Task Hangs => hangs.Task;

        public void LetGo() => letGo.SetResult();

        public override IWorkspaceBroker For(string name, string configuration)
        {
            // Pre looks for the one input, post puts the one output.
            if (Interlocked.Increment(ref calls) == (step == "pre" ? 1 : 2))
            {
                hangs.TrySetResult();
                letGo.Task.Wait();
            }

            return base.For(name, configuration);
        }
    }
}
