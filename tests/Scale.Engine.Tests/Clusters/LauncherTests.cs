using System.Diagnostics;
using Scale.Engine.Executions;
using Scale.Engine.Tests.Executions;

namespace Scale.Engine.Tests.Clusters;

/// <summary>What a launcher does when it, its server or a main ends, and what becomes of executions that earlier versions started.</summary>
public sealed class LauncherTests : IDisposable
{
    /// <summary>What earlier versions started main by, as <c>sh runner-HASH.sh FOLDER STATUS PROGRAM [ARGUMENT...]</c> in the environment of main.</summary>
    private const string RunnerOfEarlierVersions = """
        folder=$1
        status=$2
        shift 2
        trap : TERM
        set -C
        echo $$ 2>/dev/null > "$folder/started" || exit 75
        set +C
        exec < /dev/null 1<> "$folder/stdout.log" 2<> "$folder/stderr.log"
        cd "$folder/scratch" || exit 74
        "$@"
        echo "{\"exit_code\":$?}" 1<> "$folder/exit.json"

        """;

    private readonly ExecutionWorld world = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<RuntimeKind> Runtimes => [RuntimeKind.Process, RuntimeKind.Sandbox];

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task It_ends_when_its_server_is_gone_and_its_last_main_has_ended(RuntimeKind runtime)
    {
        var (spec, waiting) = world.Waiting();
        await using (var server = world.Cluster(runtime))
        {
            await server.Launch([spec], Cancel);
            await waiting;
        }

        using var launcher = LauncherOf(spec);
        Assert.False(launcher.HasExited);
        world.LetGo(spec);
        await launcher.WaitForExitAsync(Cancel);
        Assert.Equal(0, world.FolderOf(spec).Exit()!.ExitCode);
    }

    [Fact]
    public async Task It_ends_with_a_server_that_runs_nothing()
    {
        world.Program("nothing", "exit 0");
        var spec = world.Spec("""{"command":"nothing"}""");
        Process launcher;
        await using (var server = world.Cluster())
        {
            await server.Launch([spec], Cancel);
            await world.Report();
            launcher = LauncherOf(spec);
        }

        using (launcher)
        {
            await launcher.WaitForExitAsync(Cancel);
        }
    }

    [Theory]
    [InlineData(RuntimeKind.Process, true)]
    [InlineData(RuntimeKind.Process, false)]
    [InlineData(RuntimeKind.Sandbox, true)]
    [InlineData(RuntimeKind.Sandbox, false)]
    public async Task A_job_whose_launcher_is_killed_is_lost_and_nothing_of_it_runs_on(RuntimeKind runtime, bool isAdoptedBefore)
    {
        var (spec, waiting) = world.Waiting();
        await using (var first = world.Cluster(runtime))
        {
            await first.Launch([spec], Cancel);
            await waiting;
        }

        using var launcher = LauncherOf(spec);
        await using var second = world.Cluster(runtime);
        if (isAdoptedBefore)
        {
            await second.Adopt([spec], Cancel);
            launcher.Kill();
        }
        else
        {
            launcher.Kill();
            await second.Adopt([spec], Cancel);
        }

        Assert.Equal(ExecutionOutcome.Lost, (await world.Report()).Outcome);
        Assert.Empty(world.ProcessesOf(spec));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task When_it_is_killed_its_jobs_are_lost_and_the_next_ones_get_another(RuntimeKind runtime)
    {
        await using var cluster = world.Cluster(runtime);
        var (spec, waiting) = world.Waiting();
        await cluster.Launch([spec], Cancel);
        await waiting;
        using var launcher = LauncherOf(spec);
        launcher.Kill();
        Assert.Equal(ExecutionOutcome.Lost, (await world.Report()).Outcome);
        Assert.Empty(world.ProcessesOf(spec));

        world.Program("nothing", "exit 0");
        var next = world.Spec("""{"command":"nothing"}""");
        await cluster.Launch([next], Cancel);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.NotEqual(launcher.Id, world.FolderOf(next).Launcher()!.Value.ProcessId);
    }

    [Fact]
    public async Task Another_one_starts_what_comes_while_it_has_something_to_wait_for()
    {
        await using var cluster = world.Cluster();
        world.Program("nothing", "exit 0");
        List<int> launchers = [];
        async Task RunOne()
        {
            var spec = world.Spec("""{"command":"nothing"}""");
            await cluster.Launch([spec], Cancel);
            Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
            launchers.Add(world.FolderOf(spec).Launcher()!.Value.ProcessId);
        }

        await RunOne();
        await RunOne();
        var (waits, waiting) = world.Waiting();
        await cluster.Launch([waits], Cancel);
        await waiting;
        await RunOne();
        world.LetGo(waits);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.Equal(launchers[0], launchers[1]);
        Assert.Equal(launchers[0], world.FolderOf(waits).Launcher()!.Value.ProcessId);
        Assert.NotEqual(launchers[0], launchers[2]);
    }

    [Fact]
    public async Task One_that_was_killed_is_replaced_however_much_it_had_to_wait_for()
    {
        await using var cluster = world.Cluster();
        List<ExecutionSpec> specs = [];
        for (var i = 0; i < 3; i++)
        {
            var (spec, waiting) = world.Waiting(cpus: 0.25);
            specs.Add(spec);
            await cluster.Launch([spec], Cancel);
            await waiting;
        }

        using (var launcher = LauncherOf(specs[0]))
        {
            Assert.Equal(launcher.Id, world.FolderOf(specs[2]).Launcher()!.Value.ProcessId);
            launcher.Kill();
        }

        Assert.Equal(ExecutionOutcome.Lost, (await world.Report()).Outcome);
        Assert.Equal(ExecutionOutcome.Lost, (await world.Report()).Outcome);
        world.Program("nothing", "exit 0");
        var next = world.Spec("""{"command":"nothing"}""");
        await cluster.Launch([next], Cancel);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        using var other = LauncherOf(specs[1]);
        Assert.NotEqual(other.Id, world.FolderOf(next).Launcher()!.Value.ProcessId);
        world.LetGo(specs[1]);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
    }

    [Theory]
    [InlineData("kill -9 0", 137)]
    [InlineData("kill -9 $$", 137)]
    [InlineData("kill -TERM 0", 143)]
    [InlineData("kill -TERM $PPID; kill -HUP $PPID; kill -INT $PPID; exit 3", 3)]
    public async Task No_signal_of_a_main_ends_it(string script, int exitCode)
    {
        world.Program("signal", script);
        await using var cluster = world.Cluster();
        var (waits, waiting) = world.Waiting();
        await cluster.Launch([waits], Cancel);
        await waiting;
        var spec = world.Spec("""{"command":"signal"}""");
        await cluster.Launch([spec], Cancel);
        Assert.Equal(exitCode, (await world.Report()).Steps[^1].ExitCode);
        world.LetGo(waits);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
    }

    [Theory]
    [InlineData("#!/no/such/shell\n", 127, "No such file")]
    [InlineData("#!/etc\n", 126, "Permission denied")]
    [InlineData("exit 5\n", 5, "")]
    public async Task Programs_that_are_none_end_as_a_shell_says_it(string program, int exitCode, string says)
    {
        world.Program("odd", "");
        File.WriteAllText(Path.Combine(world.Folder, "images", "tools", "odd"), program);
        await using var cluster = world.Cluster();
        var spec = world.Spec("""{"command":"odd"}""");
        await cluster.Launch([spec], Cancel);
        Assert.Equal(exitCode, (await world.Report()).Steps[^1].ExitCode);
        Assert.Contains(says, File.ReadAllText(world.FolderOf(spec).StandardError));
    }

    [Fact]
    public async Task When_memory_is_used_up_it_is_main_that_ends_not_its_launcher()
    {
        // While it starts main a launcher is what main is to be.
        world.Program("say", "cat /proc/self/oom_score_adj; while [ \"$(cat /proc/$PPID/oom_score_adj)\" = 500 ]; do :; done; cat /proc/$PPID/oom_score_adj");
        Assert.Equal($"500\n{File.ReadAllText("/proc/self/oom_score_adj")}", await OutputOf("say"));
    }

    [Fact]
    public async Task Main_gets_no_descriptor_but_its_own_three()
    {
        world.Program("list", "ls -l /proc/self/fd | sed 's/.* -> //' | grep -v '^total' | grep -v /proc/");
        Assert.DoesNotContain("socket", await OutputOf("list"));
    }

    [Fact]
    public async Task What_a_job_leaves_in_the_background_does_not_end_that_of_another()
    {
        world.Program("leave", "setsid sleep 1000 & exit 0");
        await using var cluster = world.Cluster();
        var (other, waiting) = world.Waiting();
        await cluster.Launch([other], Cancel);
        await waiting;
        var spec = world.Spec("""{"command":"leave"}""");
        await cluster.Launch([spec], Cancel);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.Empty(world.ProcessesOf(spec));
        Assert.NotEmpty(world.ProcessesOf(other));
        world.LetGo(other);
        Assert.Equal(ExecutionOutcome.Completed, (await world.Report()).Outcome);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1 (sh) S 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7")]
    [InlineData("launcher 1 7")]
    public async Task A_process_that_got_the_id_of_another_later_is_not_taken_for_it(string started)
    {
        var spec = world.Spec("""{"command":"never"}""");
        var folder = Directory.CreateDirectory(world.FolderOf(spec).Root).FullName;
        File.WriteAllText(Path.Combine(folder, "started"), started + "\n");
        File.WriteAllText(Path.Combine(folder, "main"), "1 (sh) S 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7\n");
        await using var cluster = world.Cluster();
        await cluster.Adopt([spec], Cancel);
        Assert.Equal(ExecutionOutcome.Lost, (await world.Report()).Outcome);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_job_that_an_earlier_version_started_is_adopted(bool saysWhenItStarted, bool isKilled)
    {
        var (spec, waiting) = world.Waiting();
        using var runner = StartAsEarlierVersionsDid(spec, "wait");
        await waiting;
        var folder = world.FolderOf(spec);
        if (saysWhenItStarted)
        {
            File.Copy($"/proc/{runner.Id}/stat", Path.Combine(folder.Root, "started"), overwrite: true);
        }

        await using var cluster = world.Cluster();
        await cluster.Adopt([spec], Cancel);
        if (isKilled)
        {
            runner.Kill();
        }
        else
        {
            world.LetGo(spec);
        }

        Assert.Equal(isKilled ? ExecutionOutcome.Lost : ExecutionOutcome.Completed, (await world.Report()).Outcome);
        Assert.Empty(world.ProcessesOf(spec));
    }

    public void Dispose() => world.Dispose();

    private Process LauncherOf(ExecutionSpec spec) => Process.GetProcessById(world.FolderOf(spec).Launcher()!.Value.ProcessId);

    private Process StartAsEarlierVersionsDid(ExecutionSpec spec, string program)
    {
        var folder = world.FolderOf(spec);
        foreach (var part in new[] { folder.Inputs, folder.Outputs, folder.Scratch })
        {
            Directory.CreateDirectory(part);
        }

        var script = Path.Combine(world.Options.ExecutionsFolder, "runner-0123456789ab.sh");
        File.WriteAllText(script, RunnerOfEarlierVersions);
        var start = new ProcessStartInfo("/bin/setsid", ["/bin/sh", script, folder.Root, "", Path.Combine(world.Folder, "images", "tools", program)]);
        start.Environment["OUTPUT_DIR"] = folder.Outputs;
        return Process.Start(start)!;
    }

    /// <summary>What a program of the world says when it is main.</summary>
    private async Task<string> OutputOf(string program)
    {
        await using var cluster = world.Cluster();
        var spec = world.Spec($$"""{"command":"{{program}}"}""");
        await cluster.Launch([spec], Cancel);
        await world.Report();
        return File.ReadAllText(world.FolderOf(spec).StandardOutput);
    }
}
