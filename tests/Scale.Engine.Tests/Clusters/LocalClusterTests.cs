using System.Collections.Immutable;
using System.Text;
using Scale.Engine.Clusters.Local;
using Scale.Engine.Executions;
using Scale.Engine.Logs;
using Scale.Engine.Tests.Executions;
using Scale.Launcher;
using Scale.Model.JobTypes;

namespace Scale.Engine.Tests.Clusters;

/// <summary>Real processes on this machine, plain and sandboxed.</summary>
public sealed class LocalClusterTests : IDisposable
{
    private const string Copy = """{"command":"copy ${IN} ${OUTPUT_DIR}","inputs":{"files":[{"name":"IN"}]},"outputs":{"files":[{"name":"OUT","pattern":"*.out"}]}}""";

    private readonly ExecutionWorld world = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<RuntimeKind> Runtimes => [RuntimeKind.Process, RuntimeKind.Sandbox];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_job_reads_its_input_and_its_output_is_captured(RuntimeKind runtime)
    {
        world.Program("copy", "cp \"$1\" \"$2/result.out\"");
        var report = await Run(runtime, world.Spec(Copy, In("it's a $(file); \"name\".txt")));
        Assert.Equal((ExecutionOutcome.Completed, null), (report.Outcome, report.ErrorName));
        Assert.Equal("content", File.ReadAllText(Path.Combine(world.WorkspaceFolder, Assert.Single(report.Outputs.Files).FilePath)));
        Assert.Equal(["pre", "main", "post"], report.Steps.Select(s => s.Type));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task Main_sees_the_variables_of_the_contract_and_none_of_the_server(RuntimeKind runtime)
    {
        world.Program("show", "env | sort > \"$OUTPUT_DIR/env.out\"");
        var spec = world.Spec("""{"command":"show","settings":[{"name":"my-level"}],"outputs":{"files":[{"name":"OUT","pattern":"*.out"}]}}""",
            configuration: JobConfiguration.Empty with { Settings = ImmutableSortedDictionary<string, string>.Empty.Add("my-level", "a b") });
        var report = await Run(runtime, spec);
        var names = File.ReadAllLines(Path.Combine(world.WorkspaceFolder, Assert.Single(report.Outputs.Files).FilePath));
        Assert.Contains("MY_LEVEL=a b", names);
        Assert.Contains($"SCALE_JOB_ID={spec.Key.JobId}", names);
        Assert.Contains("ALLOCATED_CPUS=0.25", names);
        var known = new[] { "ALLOCATED_CPUS", "ALLOCATED_DISK", "ALLOCATED_GPUS", "ALLOCATED_MEM", "DOTNET_ROOT", "HOME", "INPUT_METADATA", "LANG", "MY_LEVEL", "OLDPWD", "OUTPUT_DIR", "PATH", "PWD", "SCALE_EXE_NUM", "SCALE_JOB_ID", "SHLVL", "TMPDIR", "_" };
        Assert.Empty(names.Select(n => n[..n.IndexOf('=')]).Except(known));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task What_main_used_is_reported(RuntimeKind runtime)
    {
        world.Program("count", "i=0; while [ $i -lt 1500000 ]; do i=$((i + 1)); done");
        var usage = (await Run(runtime, world.Spec("""{"command":"count"}"""))).Usage!;
        Assert.InRange(usage.CpuSeconds!.Value, 0.04, 30);
        Assert.InRange(usage.PeakMemory!.Value, 0.1, 64);
        Assert.NotNull(usage.BytesRead);
        Assert.NotNull(usage.BytesWritten);
    }

    [Theory]
    [InlineData("exit 3", "not-text", false)]
    [InlineData("exit 4", "algorithm-unknown", true)]
    [InlineData("kill -9 $$", "algorithm-unknown", true)]
    [InlineData("exit 0", "missing-required-output", true)]
    [InlineData("echo '{' > \"$OUTPUT_DIR/seed.outputs.json\"; touch \"$OUTPUT_DIR/a.out\"", "invalid-results-manifest", true)]
    public async Task Ends_become_errors(string script, string error, bool isBuiltin)
    {
        world.Program("end", script);
        var spec = world.Spec("""{"command":"end","outputs":{"files":[{"name":"OUT","pattern":"*.out"}],"json":[{"name":"n","type":"integer"}]}}""", errors: """[{"code":3,"name":"not-text","category":"data"}]""");
        var report = await Run(RuntimeKind.Process, spec);
        Assert.Equal((ExecutionOutcome.Failed, error, isBuiltin), (report.Outcome, report.ErrorName, report.IsBuiltinError));
    }

    [Theory]
    [InlineData("dir:nowhere", "end")]
    [InlineData("dir:../../../../etc", "end")]
    [InlineData("registry/name:1", "end")]
    [InlineData("dir:tools", "no-such-program")]
    [InlineData("dir:tools", "../../scale.db")]
    [InlineData("dir:tools", "")]
    public async Task What_can_not_be_started_says_why_in_the_log(string image, string command)
    {
        var spec = world.Spec($$"""{"command":"{{command}}"}""", image: image);
        var report = await Run(RuntimeKind.Process, spec, settle: false);
        Assert.Equal("task-launch", report.ErrorName);
        Assert.StartsWith("scale: task-launch: ", File.ReadAllText(world.FolderOf(spec).StandardError));
    }

    [Fact]
    public async Task A_missing_input_ends_before_main_starts()
    {
        var inputs = In("gone.txt");
        File.Delete(Path.Combine(world.WorkspaceFolder, "gone.txt"));
        var report = await Run(RuntimeKind.Process, world.Spec(Copy, inputs));
        Assert.Equal("missing-file", report.ErrorName);
        Assert.Equal("pre", Assert.Single(report.Steps).Type);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_job_that_runs_too_long_is_ended_with_all_it_started(RuntimeKind runtime)
    {
        world.Program("hang", "trap '' TERM; sleep 1000 & sleep 1000 & wait; sleep 1000");
        await using var cluster = world.Cluster(runtime);
        var spec = world.Spec("""{"command":"hang"}""", timeout: 1);
        await cluster.Launch([spec], Cancel);
        var report = await world.Report();
        Assert.Equal("timeout", report.ErrorName);
        Assert.True(report.Steps[^1].TimedOut);
        Assert.Empty(world.ProcessesOf(spec));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_killed_job_is_reported_when_it_is_gone(RuntimeKind runtime)
    {
        await using var cluster = world.Cluster(runtime);
        var (spec, waiting) = world.Waiting();
        await cluster.Launch([spec], Cancel);
        await waiting;
        await cluster.Kill([spec.Key], Cancel);
        Assert.Equal(ExecutionOutcome.Killed, (await world.Report()).Outcome);
        Assert.Empty(world.ProcessesOf(spec));
    }

    [Fact]
    public async Task What_was_given_ahead_starts_when_there_is_room_for_it()
    {
        await using var cluster = world.Cluster();
        var (first, second) = await LaunchTwo(cluster);
        Assert.False(world.FolderOf(second).IsTaken);
        world.LetGo(first);
        Assert.Equal((first.Key, ExecutionOutcome.Completed), await Ended());
        await cluster.Kill([second.Key], Cancel);
        Assert.Equal((second.Key, ExecutionOutcome.Killed), await Ended());
    }

    [Fact]
    public async Task What_does_not_come_to_its_turn_is_not_started_and_can_not_be_any_more()
    {
        await using var cluster = world.Cluster(change: o => o with { TurnLimit = TimeSpan.Zero });
        var (first, second) = await LaunchTwo(cluster);
        Assert.Equal((second.Key, ExecutionOutcome.NotStarted), await Ended());
        Assert.True(world.FolderOf(second).IsClaimed);
        world.LetGo(first);
        Assert.Equal((first.Key, ExecutionOutcome.Completed), await Ended());
        Assert.Empty(world.ProcessesOf(second));
    }

    [Fact]
    public async Task What_waits_for_its_turn_is_killed_without_being_started()
    {
        await using var cluster = world.Cluster();
        var (first, second) = await LaunchTwo(cluster);
        await cluster.Kill([second.Key], Cancel);
        Assert.Equal((second.Key, ExecutionOutcome.Killed), await Ended());
        Assert.True(world.FolderOf(second).IsClaimed);
        world.LetGo(first);
        Assert.Equal((first.Key, ExecutionOutcome.Completed), await Ended());
    }

    [Fact]
    public async Task What_waits_for_its_turn_when_the_server_stops_is_left_to_the_next()
    {
        ExecutionSpec first, second;
        await using (var cluster = world.Cluster())
        {
            (first, second) = await LaunchTwo(cluster);
        }

        Assert.False(world.FolderOf(second).IsTaken);
        await using var next = world.Cluster();
        await next.Adopt([first, second], Cancel);
        Assert.Equal((second.Key, ExecutionOutcome.Lost), await Ended());
        world.LetGo(first);
        Assert.Equal((first.Key, ExecutionOutcome.Completed), await Ended());
    }

    [Fact]
    public async Task Killing_something_unknown_reports_it_lost()
    {
        await using var cluster = world.Cluster();
        await cluster.Kill([new ExecutionKey(77, 7, 1)], Cancel);
        Assert.Equal(ExecutionOutcome.Lost, (await world.Report()).Outcome);
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task A_running_job_is_adopted_by_the_next_server(RuntimeKind runtime)
    {
        var (spec, waiting) = world.Waiting();
        await using (var first = world.Cluster(runtime))
        {
            await first.Launch([spec], Cancel);
            await waiting;
        }

        await using var second = world.Cluster(runtime);
        await second.Adopt([spec], Cancel);
        File.WriteAllText(Path.Combine(world.FolderOf(spec).Scratch, "go"), "");
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.False(world.HasReport);
    }

    [Fact]
    public async Task A_job_that_ended_without_a_server_is_collected()
    {
        var (spec, waiting) = world.Waiting();
        await using (var first = world.Cluster())
        {
            await first.Launch([spec], Cancel);
            await waiting;
        }

        var folder = world.FolderOf(spec);
        File.WriteAllText(Path.Combine(folder.Scratch, "go"), "");
        using (var watch = new FileSystemWatcher(folder.Root))
        {
            var ended = new TaskCompletionSource();
            watch.Changed += (_, change) => EndIfWhole(change.Name);
            watch.EnableRaisingEvents = true;
            EndIfWhole("exit.json");
            await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);

            void EndIfWhole(string? name)
            {
                if (name == "exit.json" && folder.Exit() is not null)
                {
                    ended.TrySetResult();
                }
            }
        }

        await using var second = world.Cluster();
        await second.Adopt([spec], Cancel);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
    }

    [Fact]
    public async Task A_job_that_never_started_is_lost_and_can_not_start_any_more()
    {
        world.Program("mark", "touch \"$OUTPUT_DIR/ran\"");
        var spec = world.Spec("""{"command":"mark"}""");
        await using (var second = world.Cluster())
        {
            await second.Adopt([spec], Cancel);
            Assert.Equal(ExecutionOutcome.Lost, (await world.Report()).Outcome);
        }

        // The first server wakes up late and launches what it had decided on before.
        using var claims = new ClaimFile(world.Folder);
        Assert.Equal(NativeCalls.Exists, claims.Claim(new FolderPath(Encoding.UTF8.GetBytes(world.FolderOf(spec).Root + "\0"))));
    }

    [Fact]
    public async Task A_sandboxed_job_can_not_write_or_read_elsewhere_nor_reach_the_network()
    {
        var outside = Path.Combine(world.Folder, "outside.txt");
        File.WriteAllText(outside, "outside");
        world.Program("try", $"""
            cat '{outside}' && exit 11
            echo x > '{world.WorkspaceFolder}/stolen.txt'
            echo x > /usr/stolen && exit 13
            echo x > "$(dirname "$1")/new" && exit 14
            echo x >> "$1" && exit 15
            test "$(ls /sys/class/net 2>/dev/null | grep -v '^lo$')" && exit 16
            exit 0
            """);
        var report = await Run(RuntimeKind.Sandbox, world.Spec("""{"command":"try ${IN}","inputs":{"files":[{"name":"IN"}]}}""", In("in.txt")));
        Assert.Equal((ExecutionOutcome.Completed, 0), (report.Outcome, report.Steps.Single(s => s.Type == "main").ExitCode));
        Assert.Equal("content", File.ReadAllText(Path.Combine(world.WorkspaceFolder, "in.txt")));
        Assert.False(File.Exists(Path.Combine(world.WorkspaceFolder, "stolen.txt")));
    }

    [Fact]
    public async Task A_sandboxed_job_sees_its_host_mount_as_the_manifest_says()
    {
        var shared = Directory.CreateDirectory(Path.Combine(world.Folder, "shared")).FullName;
        File.WriteAllText(Path.Combine(shared, "table.txt"), "42");
        world.Program("read", "test \"$(cat /reference/table.txt)\" = 42 && ! touch /reference/new");
        var mounts = ImmutableSortedDictionary<string, MountConfiguration>.Empty.Add("REF", new MountConfiguration.Host(shared));
        var report = await Run(RuntimeKind.Sandbox, world.Spec("""{"command":"read","mounts":[{"name":"REF","path":"/reference"}]}""", configuration: JobConfiguration.Empty with { Mounts = mounts }));
        Assert.Equal(ExecutionOutcome.Completed, report.Outcome);
    }

    [Fact]
    public async Task Settling_keeps_the_log_and_removes_the_folder()
    {
        world.Program("talk", "echo out; echo err >&2");
        var spec = world.Spec("""{"command":"talk"}""");
        await Run(RuntimeKind.Process, spec);
        Assert.False(world.FolderOf(spec).Exists);
        var lines = new ExecutionLogs(world.Options, new PackedLogs(world.Options)).Read(spec.Key.ExecutionId, null, null);
        Assert.Equal([("out", LogStream.StandardOutput), ("err", LogStream.StandardError)], lines.Select(l => (l.Message, l.Stream)));
    }

    public void Dispose() => world.Dispose();

    private Dictionary<string, IReadOnlyList<ExecutionInputFile>> In(string name) => new() { ["IN"] = [world.Input(1, name)] };

    /// <summary>One that runs and has the whole machine, and one that is given ahead.</summary>
    private async Task<(ExecutionSpec First, ExecutionSpec Second)> LaunchTwo(LocalCluster cluster)
    {
        var (first, waiting) = world.Waiting(cpus: Environment.ProcessorCount);
        var second = world.Next(first);
        await cluster.Launch([first], Cancel);
        await waiting;
        await cluster.Launch([second], Cancel);
        return (first, second);
    }

    private async Task<(ExecutionKey Key, ExecutionOutcome Outcome)> Ended()
    {
        var report = await world.Report();
        return (report.Key, report.Outcome);
    }

    private async Task<ExecutionReport> Run(RuntimeKind runtime, ExecutionSpec spec, bool settle = true)
    {
        await using var cluster = world.Cluster(runtime);
        await cluster.Launch([spec], Cancel);
        var report = await world.Report();
        if (settle)
        {
            await cluster.Settle([spec.Key], Cancel);
        }

        return report;
    }
}
